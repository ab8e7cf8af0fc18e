"""A forecaster that can see a market index and the VIX: with them, with one, with none; every form of it answers alike."""

import json

import numpy as np
import pandas as pd
import pytest

import seqzoo
from recipes.stocks.card import golden_windows
from seqzoo import cli
from seqzoo.data.market import make_beside
from seqzoo.data.market_windows import MARKET_COLUMNS, WIDE_FEATURES, beside_state
from seqzoo.data.price_windows import WINDOW
from seqzoo.data.prices import PriceDataError
from seqzoo.export import TFLiteRunner, export_tflite
from seqzoo.insight import explain, trace_gates
from seqzoo.tasks import task_of
from seqzoo.tasks.stock_forecasting.heads import QuantileForecaster, VolatilityForecaster
from seqzoo.tasks.stock_forecasting.report import check_frame
from seqzoo.zoo import read_card, verify_model
from seqzoo.zoo.folder import save_folder
from seqzoo.zoo.quick import load_quick
from tests.stock_prices import frame

FRAME = frame(340)
INDEX = frame(340, seed=5)
VIX = pd.Series(np.round(15 + 5 * np.sin(np.arange(340) / 9), 2), FRAME.index)
BOTH = {"market": INDEX, "vix": VIX}
GIVEN = [{}, {"market": INDEX}, {"vix": VIX}, BOTH]
LAST = frame(340).index[-1]


def forecaster(kind=VolatilityForecaster, **config):
    model, random = kind({"units": 4, "market": True} | config), np.random.default_rng(0)
    model.load_tensors({k: random.normal(0, 0.1, v.shape).astype(np.float32) for k, v in model.tensors().items()})
    return model


@pytest.fixture(scope="module")
def model():
    return forecaster()


@pytest.fixture(scope="module")
def folder(model, tmp_path_factory):
    card = read_card(seqzoo.zoo.find_model("stock-volatility-lstm"))
    card = {key: card[key] for key in ("summary", "seed", "data", "command")}
    card |= {"name": "own", "metrics": {}, "baselines": [], "search": [], "market": {"market": "GSPC", "fingerprint": "0"}}
    path = tmp_path_factory.mktemp("market") / "own"
    save_folder(model, path, card, golden_windows(wide=True))
    return path


@pytest.mark.parametrize("given", GIVEN, ids=["prices alone", "market", "vix", "both"])
def test_each_case_is_an_answer_of_its_own_and_says_so(model, given):
    found = model.forecast(FRAME, "2016-04-01", **given)
    assert found.attrs["known"] == list(given) and np.isfinite(found).all(axis=None)
    others = [model.forecast(FRAME, "2016-04-01", **of) for of in GIVEN if of.keys() != given.keys()]
    assert all(not np.allclose(found["variance"], other["variance"], rtol=1e-3) for other in others)
    window = np.zeros((WINDOW, 9))
    window[:, :5] = FRAME.iloc[-WINDOW:]
    if "market" in given:
        window[:, 5:8] = INDEX[["High", "Low", "Close"]].iloc[-WINDOW:]
    if "vix" in given:
        window[:, 8] = VIX.iloc[-WINDOW:]
    np.testing.assert_allclose(model.predict(window[None])[0], found.iloc[-1], rtol=1e-5)
    if not given:
        np.testing.assert_allclose(model.predict(window[None, :, :5])[0], found.iloc[-1], rtol=1e-5)


def test_nothing_after_the_day_is_known(model):
    """What lies beside the prices is replaced from a day on; no forecast made on or before it may move."""
    day = FRAME.index[-8]
    market, vix = INDEX.copy(), VIX.copy()
    market.loc[market.index > day] = frame(340, seed=9).loc[market.index > day]
    vix[vix.index > day] *= 1.5
    before, after = model.forecast(FRAME, "2016-04-01", **BOTH), model.forecast(FRAME, "2016-04-01", market=market, vix=vix)
    np.testing.assert_allclose(before.loc[:day], after.loc[:day], rtol=1e-6)
    assert not np.allclose(before.loc[FRAME.index[-7] :], after.loc[FRAME.index[-7] :], rtol=1e-3)


def test_tables_that_do_not_reach_over_what_is_read(model):
    with pytest.raises(
        PriceDataError, match="the VIX must have a row for every day that a forecast reads, 2015-05-07 to 2016-04-20"
    ):
        model.forecast(FRAME, vix=VIX.iloc[:-20])
    short = {"market": INDEX.iloc[-WINDOW:], "vix": VIX.iloc[-WINDOW:]}
    np.testing.assert_allclose(model.forecast(FRAME, **short), model.forecast(FRAME, **BOTH), rtol=1e-6)
    with pytest.raises(PriceDataError, match="the market's prices must have a row"):
        model.forecast(FRAME, "2016-04-01", **short)


def test_a_model_of_prices_alone_takes_no_market():
    plain = VolatilityForecaster({"units": 2})
    assert not plain.takes_market and "market" not in plain.config
    with pytest.raises(ValueError, match="reads the prices of its ticker alone; leave out .* Received: market and vix"):
        plain.forecast(FRAME, **BOTH)
    with pytest.raises(ValueError, match=r"\[n, 250, 5\]. Received: \[1, 250, 9\]"):
        plain.predict(np.ones((1, WINDOW, 9)))
    with pytest.raises(ValueError, match="`market` must be true or false. Received: 1"):
        VolatilityForecaster({"market": 1})


@pytest.mark.parametrize("kind, config", [(VolatilityForecaster, {"layers": 2}), (QuantileForecaster, {"cell": "gru"})])
def test_the_sizes_that_a_card_promises(kind, config):
    other = forecaster(kind, **config)
    stated = dict(task_of(other).weight_shapes(other.config))
    assert stated == {name: value.shape for name, value in other.tensors().items()}
    assert np.isfinite(other.forecast(FRAME, vix=VIX)).all(axis=None)


def test_each_case_has_a_line_of_its_own_in_the_head():
    """Columns that no two cases share are 0 in all but one of them, so that their fits do not touch."""
    own = np.ones((1, len(WIDE_FEATURES)))
    seen = []
    for market, vix in ((1, 1), (1, 0), (0, 1), (0, 0)):
        last = own.copy()
        last[0, 17:26] *= market
        last[0, 26:30] *= vix
        last[0, -2:] = market, vix
        seen.append(beside_state(last, np)[0])
    terms = np.stack([np.concatenate([of, [1.0]]) for of in seen])
    assert np.linalg.matrix_rank(terms) == 4 and beside_state(np.ones((2, 11)), np).shape == (2, 11)


def test_quick_saved_and_phone_answer_alike(model, folder, tmp_path):
    windows = np.asarray(golden_windows(wide=True))
    expected = model.predict(windows)
    np.testing.assert_allclose(load_quick(folder).predict(windows), expected, rtol=1e-5)
    quick, whole = load_quick(folder).forecast(FRAME, **BOTH), model.forecast(FRAME, **BOTH)
    np.testing.assert_allclose(quick, whole, rtol=1e-5)
    assert quick.attrs["known"] == ["market", "vix"]
    checks = {check.name: check for check in verify_model(folder)}
    assert all(check.ok for check in checks.values()) and checks["golden outputs, SavedModel"].made
    export_tflite(model, tmp_path / "own.tflite")
    runner = TFLiteRunner(tmp_path / "own.tflite")
    found = np.stack(list(runner(windows).values()), axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    for given in (FRAME, FRAME.to_numpy()[-WINDOW:]):  # prices alone
        np.testing.assert_allclose(runner(given)["variance"], model.forecast(FRAME)["variance"], rtol=1e-4)
    described = json.loads((tmp_path / "own.json").read_text())["prices"]
    assert described["columns"][5:] == list(MARKET_COLUMNS) and described["features"] == list(WIDE_FEATURES)
    assert "market_anchor" in described["rules"]


def test_explain_sees_what_the_forecast_saw(model):
    for given in ({}, BOTH):
        table = check_frame(FRAME, beside=make_beside(**given))
        (panel,) = explain(model, table).panels
        assert panel["verdicts"][-1] == pytest.approx(model.forecast(FRAME, **given)["volatility"].iloc[0], rel=1e-4)
        assert trace_gates(model, table).steps[0][-1] == f"{LAST:%Y-%m-%d}"
    plain = VolatilityForecaster({"units": 2})  # beside it a model that reads prices alone
    assert len(explain([model, plain], table).panels) == 2


def test_on_the_command_line(folder, tmp_path, capsys):
    for name, table in (("ABC", FRAME), ("GSPC", INDEX), ("VIX", VIX.to_frame("Close"))):
        table.to_csv(tmp_path / f"{name}.csv")
    prices, market, vix = (str(tmp_path / f"{name}.csv") for name in ("ABC", "GSPC", "VIX"))
    model = seqzoo.load_pretrained(folder)

    def ask(*options, command="forecast", name=folder):
        status = cli.main([command, str(name), prices, *options])
        return status, *capsys.readouterr()

    status, out, err = ask("--market", market, "--vix", vix)
    assert status == 0 and "Made without" not in out and not err
    assert f"{model.forecast(FRAME, **BOTH)['variance'].iloc[0]:.6g}" in out
    status, out, _ = ask()
    assert f"{model.forecast(FRAME)['variance'].iloc[0]:.6g}" in out
    assert "Made without the daily High, Low, Close of the S&P 500 (--market FILE);" in out and "(--vix FILE)" in out
    status, out, _ = ask("--vix", vix, "--json")
    found = json.loads(out)
    assert found["beside"] == {"market": None, "vix": vix}
    assert found["forecasts"][0]["variance"] == pytest.approx(model.forecast(FRAME, vix=VIX)["variance"].iloc[0], rel=1e-5)
    status, out, _ = ask("--market", market, "--vix", vix, "--output", str(tmp_path / "page.html"), "--json", command="explain")
    (shown,) = json.loads(out)["models"]
    assert shown["expected volatility, % a year"] == pytest.approx(model.forecast(FRAME, **BOTH)["volatility"].iloc[0], rel=1e-4)
    (INDEX * 100).to_csv(tmp_path / "dear.csv")
    for options, told in (
        (("--vix", str(tmp_path / "none.csv")), "none.csv"),
        (("--vix", str(tmp_path / "dear.csv")), "dear.csv: the VIX must be in per cent a year"),
        (("--market", vix), "VIX.csv must be a CSV file with a header line that names Open, High, Low, Close"),
    ):
        status, _, err = ask(*options)
        assert status == 2 and told in err and err.count("\n") == 1, err
    status, _, err = ask("--vix", vix, name="stock-volatility-lstm")
    assert status == 2 and "--vix must go with a model that takes them. Received: stock-volatility-lstm" in err
