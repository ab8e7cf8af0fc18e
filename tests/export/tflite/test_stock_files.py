"""Forecasters as files: raw prices in, a forecast out, in a process without TensorFlow, Keras and pandas."""

import json
import subprocess
import sys

import numpy as np
import pytest

from seqzoo.data.price_windows import COLUMNS, FEATURES, windows_of
from seqzoo.data.prices import PriceDataError
from seqzoo.export import TFLiteRunner, export_tflite
from seqzoo.tasks.stock_forecasting.heads import QuantileForecaster, VolatilityForecaster
from tests.stock_prices import frame

FRAME = frame(300)
ROWS = FRAME[list(COLUMNS)].to_numpy()
PHONE = """
import importlib.abc, json, sys
class Hidden(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("tensorflow", "keras", "pandas"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Hidden())
from seqzoo.export import TFLiteRunner
found = TFLiteRunner(sys.argv[1])(json.load(sys.stdin))
print(json.dumps({name: values.tolist() for name, values in found.items()}))
"""


@pytest.fixture(scope="module", params=[(VolatilityForecaster, "int8"), (QuantileForecaster, "dynamic")])
def exported(request, tmp_path_factory):
    kind, quantization = request.param
    model = kind({"units": 4, "calibration": [1.1, 0.9]} if kind is QuantileForecaster else {"units": 4})
    random = np.random.default_rng(0)
    model.load_tensors({k: random.normal(0, 0.4, v.shape).astype(np.float32) for k, v in model.tensors().items()})
    path = tmp_path_factory.mktemp("phone") / "stock.tflite"
    windows = list(windows_of(ROWS, [249, 270, 290]))
    return model, export_tflite(model, path, quantization=quantization, calibration=windows)


def test_prices_in_and_a_forecast_out_without_tensorflow_keras_and_pandas(exported):
    model, path = exported
    command = [sys.executable, "-c", PHONE, str(path)]
    child = subprocess.run(command, input=json.dumps(ROWS.tolist()), capture_output=True, text=True, timeout=300)
    assert child.returncode == 0, child.stderr
    found, expected = json.loads(child.stdout), model.forecast(FRAME)
    assert list(found) == list(model.outputs)
    scale = np.abs(expected.to_numpy()).max() if "q05" in found else expected.to_numpy()[0]
    received = np.array([found[name][0] for name in model.outputs])
    np.testing.assert_allclose(received / scale, expected.to_numpy()[0] / scale, atol=0.05)


def test_frames_rows_windows_and_features_are_one(exported):
    model, path = exported
    runner = TFLiteRunner(path)
    windows = windows_of(ROWS, [260, 299])
    many = runner(windows)
    for prices in (FRAME, ROWS, windows[1], ROWS.tolist()):
        for name, values in runner(prices).items():
            assert values.shape == (1,) and values[0] == pytest.approx(many[name][1], rel=1e-12)
    expected = model.predict(windows)
    assert np.ptp(expected[:, -1]) > 0.1 * np.abs(expected[:, -1]).max()  # the two days differ
    scale = np.abs(expected).max(axis=0)
    np.testing.assert_allclose(np.stack(list(many.values()), axis=1) / scale, expected / scale, atol=0.05)
    features = np.zeros((2, 60, len(FEATURES)), np.float32)
    assert runner({"sequence": features}).shape == (2, 1 if len(model.outputs) == 2 else 6)


def test_the_sidecar_tells_how_prices_become_features(exported):
    model, path = exported
    described = json.loads(path.with_suffix(".json").read_text())["prices"]
    assert described["columns"] == list(COLUMNS) and described["features"] == list(FEATURES)
    assert all(name in described["rules"] for name in FEATURES)
    assert described["window"] == 250 and described["outputs"] == list(model.outputs)
    assert described.get("calibration") == ([1.1, 0.9] if "q05" in model.outputs else None)
    assert "anchor + raw[0]" in described["answer"]


def damaged(row, column, value):
    rows = ROWS.copy()
    rows[row, column] = value
    return rows


@pytest.mark.parametrize(
    ("prices", "error", "message"),
    [
        (ROWS[:249], PriceDataError, r"of at least 250 days.*Received: shape \[249, 5\]"),
        (ROWS[:, :4], PriceDataError, r"Received: shape \[300, 4\]"),
        (damaged(-1, 3, np.nan), PriceDataError, "must be finite"),
        (damaged(-9, 0, 0.0), PriceDataError, "above 0. Received: .* in row 241"),
        (damaged(-1, 4, -1), PriceDataError, "Volume must be at least 0"),
        (damaged(-1, 1, 1e-3), PriceDataError, "High must be at least Low"),
        (ROWS[:, [3, 3, 3, 3, 4]], PriceDataError, "High must be above Low .* on 250 of the 250 days to row 249: row 0, row 1, "),
        (FRAME.assign(High=FRAME["Close"], Low=FRAME["Close"]), PriceDataError, "on 250 of the 250 days to 2016-02-24"),
        (ROWS * 1e-310, PriceDataError, "must be at least 1e-20"),
        (["AAPL"], TypeError, "must be numbers"),
        (FRAME.drop(columns="Volume"), PriceDataError, "Received: no Volume"),
    ],
)
def test_prices_that_cannot_be_are_refused(exported, prices, error, message):
    with pytest.raises(error, match=message):
        TFLiteRunner(exported[1])(prices)


def test_a_target_that_a_forecaster_does_not_fit(tmp_path):
    with pytest.raises(ValueError, match="target 'interpreter'.*Received: "):
        export_tflite(VolatilityForecaster({"units": 2}), tmp_path / "stock.tflite", "stream", "int8")


def test_an_answer_that_is_not_plausible_is_an_error(exported, monkeypatch):
    runner = TFLiteRunner(exported[1])
    invoke = runner._invoke
    monkeypatch.setattr(runner, "_invoke", lambda feed: {name: value + 80 for name, value in invoke(feed).items()})
    with pytest.raises(PriceDataError, match="must be finite and in keeping"):
        runner(ROWS)
