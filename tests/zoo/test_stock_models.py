"""A forecaster's folder: saved, loaded, exported, asked by the command line, and its README."""

import json

import numpy as np
import pytest
import tensorflow as tf

import seqzoo
from recipes.stocks.card import golden_windows
from seqzoo import cli
from seqzoo.data.price_windows import COLUMNS, windows_of
from seqzoo.tasks.stock_forecasting.heads import QuantileForecaster, VolatilityForecaster
from seqzoo.zoo import CardError, ModelIntegrityError, check_golden, save_folder, verify_model
from tests import tiny
from tests.processes import TENSORFLOW_ALONE, forked
from tests.stock_prices import frame
from tests.stranger import HIDE

FRAME = frame(300)
FIGURES = {"qlike": 0.3, "qlike_to_har": 0.95, "tickers": 16, "examples": 4, "pinball": 5.0}
CARD = tiny.card(
    name="tiny-stocks",
    metrics={"test": FIGURES, "seeds": {"0": 0.95, "1": 0.96, "2": 0.97}},
    baselines=[{"name": "HAR-log", "split": "test", "figures": FIGURES}],
    aside=[{"source": "files", "ticker": "XYZ", "first": "2021-01-27", "last": "2023-12-28", "figures": FIGURES}],
)
ASK = (
    HIDE
    + """
import json, sys
import tensorflow as tf
served = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
found = served(prices=tf.constant(json.load(open(sys.argv[2])), tf.float64))
assert not {"seqzoo", "keras"} & set(sys.modules)
print(json.dumps({name: value.numpy().tolist() for name, value in found.items()}))
"""
)


def forecaster(kind):
    model = kind({"units": 4, "calibration": [1.1, 0.9]} if kind is QuantileForecaster else {"units": 4})
    random = np.random.default_rng(0)
    model.load_tensors({k: random.normal(0, 0.4, v.shape).astype(np.float32) for k, v in model.tensors().items()})
    return model


@pytest.fixture(scope="module", params=[VolatilityForecaster, QuantileForecaster], ids=["volatility", "quantiles"])
def saved(request, tmp_path_factory):
    model, folder = forecaster(request.param), tmp_path_factory.mktemp("stocks") / "tiny-stocks"
    save_folder(model, folder, CARD, golden_windows())
    return model, folder


def test_what_is_loaded_forecasts_the_same(saved):
    model, folder = saved
    loaded = seqzoo.load_pretrained(folder)
    np.testing.assert_allclose(loaded.forecast(FRAME, "1990-01-01"), model.forecast(FRAME, "1990-01-01"), rtol=1e-6)
    assert loaded.config == model.config and loaded.card["task"] == model.task
    assert not (folder / "vocabulary.txt").exists()
    assert check_golden(loaded) <= loaded.golden["tolerance"]


def test_other_weights_do_not_pass_as_golden(saved):
    loaded = seqzoo.load_pretrained(saved[1])
    loaded.load_tensors({name: value * 1.01 for name, value in loaded.tensors().items()})
    with pytest.raises(ModelIntegrityError, match="Received: "):
        check_golden(loaded)


def test_everything_in_the_folder_is_checked(saved):
    checks = verify_model(saved[1])
    assert [check for check in checks if not check.ok] == []
    assert {"golden outputs", "golden outputs, SavedModel", "parameters"} <= {check.name for check in checks}


def test_the_saved_model_takes_raw_prices_without_seqzoo(saved, tmp_path):
    model, folder = saved
    windows = windows_of(FRAME[list(COLUMNS)].to_numpy(), [260, 299])
    (tmp_path / "windows.json").write_text(json.dumps(windows.tolist()))
    given = folder / "saved_model", tmp_path / "windows.json"
    child = forked(ASK, *given, begun=TENSORFLOW_ALONE, cwd=tmp_path)
    assert child.returncode == 0, child.stderr[-2000:]
    found = json.loads(child.stdout)
    expected = model.predict(windows)
    for column, name in enumerate(model.outputs):
        np.testing.assert_allclose(found[name], expected[:, column], rtol=1e-5, atol=1e-9)


def test_the_readme_says_what_the_card_says(saved):
    text = (saved[1] / "README.md").read_text()
    assert ".forecast(frame)" in text and "seqzoo forecast FOLDER prices.csv" in text
    assert "| XYZ | 2021-01-27 to 2023-12-28 |" in text and "\nframe = pandas.read_csv(" in text
    assert "HAR-log" in text and "(seed 2)" in text and "| accuracy" not in text


def test_the_saved_model_gives_no_answer_to_closes_alone(saved):
    served = tf.saved_model.load(str(saved[1] / "saved_model")).signatures["serving_default"]
    windows = golden_windows()[:1]
    assert len(served(prices=tf.constant(windows, tf.float64))) == len(saved[0].outputs)
    with pytest.raises(tf.errors.InvalidArgumentError, match="High equals Low on too many of the 250 days"):
        served(prices=tf.constant(np.asarray(windows)[:, :, [3, 3, 3, 3, 4]], tf.float64))


def test_cards_of_another_task_are_refused(tmp_path):
    with pytest.raises(CardError, match="figures"):
        save_folder(forecaster(VolatilityForecaster), tmp_path / "x", tiny.card(), golden_windows(), saved_model=False)


def test_the_command_line(saved, tmp_path, capsys):
    model, folder = saved
    FRAME.to_csv(tmp_path / "ABC.csv")
    assert cli.main(["forecast", str(folder), str(tmp_path / "ABC.csv")]) == 0
    assert f"\n{FRAME.index[-1]:%Y-%m-%d}  " in capsys.readouterr().out
    start = f"{FRAME.index[290]:%Y-%m-%d}"
    assert cli.main(["forecast", str(folder), str(tmp_path / "ABC.csv"), "--start", start, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["forecasts"]
    expected = model.forecast(FRAME, start)
    np.testing.assert_allclose([[row[name] for name in model.outputs] for row in found], expected, rtol=1e-5)


def test_the_command_line_refuses_in_one_line(saved, tmp_path, capsys):
    bad = FRAME.copy()
    bad.iloc[7, 1] = 0
    bad.to_csv(tmp_path / "bad.csv")
    text = str(tiny.shared_folder() / "tiny")
    for arguments, message in (
        (["forecast", str(saved[1]), str(tmp_path / "none.csv")], "there is none"),
        (["forecast", str(saved[1]), str(tmp_path / "bad.csv")], "line 9"),
        (["forecast", text, str(tmp_path / "bad.csv")], "use `seqzoo predict`"),
        (["predict", str(saved[1]), "a text"], "use `seqzoo forecast`"),
    ):
        assert cli.main(arguments) == 2
        error = capsys.readouterr().err
        assert message in error and error.count("\n") == 1
