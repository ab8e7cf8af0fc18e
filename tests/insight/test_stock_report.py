"""The report and the traces of forecasters of stock series: the same as for texts, over days."""

import json
import re

import keras
import numpy as np
import pytest

from seqzoo import cli
from seqzoo.data.price_windows import STEPS, WINDOW, window_features, windows_of
from seqzoo.data.prices import PriceDataError
from seqzoo.insight import explain, trace_gates
from seqzoo.insight.report import moves
from seqzoo.tasks.stock_forecasting.heads import QuantileForecaster, VolatilityForecaster

pandas = pytest.importorskip("pandas", reason="stock series need the extra `stocks`")


@pytest.fixture(scope="module")
def frame():
    random = np.random.default_rng(0)
    n = WINDOW + STEPS + 7
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.01, n)))
    spread = np.abs(random.normal(0, 0.01, (2, n)))
    prices = {"Open": close, "High": close * np.exp(spread[0]), "Low": close * np.exp(-spread[1]), "Close": close}
    days = pandas.bdate_range("2019-01-02", periods=n, name="Date")
    return pandas.DataFrame(prices | {"Volume": random.integers(1, 9, n) * 1e6}, index=days)


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return VolatilityForecaster()


def test_traces_are_of_the_last_window_and_name_its_days(model, frame):
    traces = trace_gates(model, frame)
    (trace,) = traces.values()
    assert traces.steps == [tuple(f"{day:%Y-%m-%d}" for day in frame.index[-STEPS:])]
    assert trace.forget.shape[:2] == (1, STEPS)
    rows = frame.to_numpy()
    features, _ = window_features(windows_of(rows, [len(rows) - 1]))
    (layer,) = [layer for layer in model.network.layers if hasattr(layer, "cell")]
    before = keras.Model(model.network.inputs, layer.input)(features.astype("float32"))
    np.testing.assert_allclose(trace.hidden, keras.ops.convert_to_numpy(layer.trace(before).hidden), atol=1e-6)


@pytest.mark.parametrize("kind", [VolatilityForecaster, QuantileForecaster])
def test_the_running_forecast_is_the_forecast_of_each_day(kind, frame):
    keras.utils.set_random_seed(1)
    model = kind()
    report = explain(model, frame)
    (panel,) = report.panels
    expected = model.forecast(frame, start=frame.index[-STEPS - 1])
    if kind is VolatilityForecaster:
        expected = expected["volatility"]
    else:
        expected = 100 * (expected.iloc[:, -1] - expected.iloc[:, 0])
    np.testing.assert_allclose(panel["verdicts"], expected, rtol=1e-5)
    np.testing.assert_allclose(moves(panel), np.diff(np.log(expected)), atol=1e-4)
    assert panel["words"][-1] == f"{frame.index[-1]:%Y-%m-%d}" and panel["words"][-1] in report.html
    assert "P(positive)" not in report.html.split("<script>")[0] and "a price series" in report.html


def test_the_closing_prices_stand_above_the_maps(model, frame):
    report = explain(model, frame)
    (panel,) = report.panels
    assert panel["beside"]["name"] == "closing price"
    np.testing.assert_allclose(panel["beside"]["values"], frame["Close"].iloc[-STEPS:])
    source = report.html
    assert source.index("Closing price of each day") < source.index("Running forecast") < source.index("<canvas")
    (line,) = re.findall(r'data-at="middle">\s*<line[^>]*/><polyline points="([^"]*)"', source)
    x, y = np.array([point.split(",") for point in line.split()], float).T
    np.testing.assert_allclose(x, 1000 * (np.arange(STEPS) + 0.5) / STEPS, atol=0.1)
    assert np.argmax(panel["beside"]["values"]) == np.argmin(y) and 0 < y.min() and y.max() < 100


def test_refusals(model, frame):
    with pytest.raises(PriceDataError, match=f"at least {WINDOW + STEPS} daily rows.*Received: 300 rows"):
        explain(model, frame.iloc[-300:])
    with pytest.raises(TypeError, match="Received: str"):
        explain(model, "a text")


def test_the_command_takes_a_csv(frame, tmp_path, capsys):
    from seqzoo.zoo import list_pretrained

    if "stock-volatility-lstm" not in list_pretrained():
        pytest.skip("saved_models/ holds no stock-volatility-lstm")
    frame.to_csv(tmp_path / "prices.csv")
    page = tmp_path / "report.html"
    arguments = ["explain", "stock-volatility-lstm", str(tmp_path / "prices.csv"), "--output", str(page), "--json"]
    assert cli.main(arguments) == 0
    found = json.loads(capsys.readouterr().out)["models"]
    assert found[0]["expected volatility, % a year"] > 0 and "2020-" in page.read_text()
