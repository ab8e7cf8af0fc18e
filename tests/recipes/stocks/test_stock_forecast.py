"""The stock recipe end to end on random prices, and the checks that keep its figures honest."""

import json
import re

import numpy as np
import pytest
from markupsafe import escape

from recipes.stocks import forecast as stock_forecast
from recipes.stocks import publish as stock_publish
from recipes.stocks.baselines import quantile_baselines, variance_baselines
from recipes.stocks.report import LeakWarning, no_skill, warn_if_too_good
from recipes.stocks.training import train
from seqzoo.data.stock_examples import CalendarSplit, Examples, make_examples
from seqzoo.data.stocks import StockSeries
from seqzoo.tasks.stock_forecasting.figures import (
    har_variance,
    measure_forecaster,
    quantile_figures,
)
from seqzoo.tasks.stock_forecasting.heads import QUANTILES, VolatilityForecaster
from seqzoo.tasks.stock_forecasting.refitted import refitted_baselines, refitted_har_variance, refitted_quantiles
from seqzoo.tasks.stock_forecasting.scores import qlike
from tests.stock_prices import frame

SPLIT = CalendarSplit("2016-12-30", "2017-06-30", "2017-12-29")


def series(waves=True, days=780):
    return StockSeries("test", {name: frame(days, seed, waves) for seed, name in enumerate("AB")}, "", "")


SERIES = series()
AFTER = "2017-10-02:2017-12-25"  # days of the series kept aside
PARTS = make_examples(SERIES, SPLIT)
TEST = PARTS["test"]


def arguments(**changes):
    given = stock_forecast.parse(["--units", "8", "--epochs", "6", "--batch-size", "64", "--learning-rate", "0.02"])
    for name, value in changes.items():
        setattr(given, name, value)
    return given


def changed_after(day):
    """The same prices up to a day, others after it."""
    other = {name: of.copy() for name, of in SERIES.frames.items()}
    for seed, of in enumerate(other.values()):
        after = of.index > day
        of.loc[after] = frame(len(of), seed + 10).loc[after].to_numpy()
    return StockSeries("test", other, "", "")


@pytest.mark.parametrize("baselines", [variance_baselines, quantile_baselines])
def test_no_baseline_knows_the_future_and_none_is_fitted_after_the_train_part(baselines):
    pytest.importorskip("arch")
    before = baselines(SERIES, SPLIT, TEST)
    day = np.datetime64("2017-09-15")
    after = baselines(changed_after("2017-09-15"), SPLIT, TEST)
    past = TEST.asof <= day
    assert 0 < past.sum() < len(TEST)
    for name in before:
        np.testing.assert_allclose(before[name][past], after[name][past], rtol=1e-9, err_msg=name)
        assert not np.allclose(before[name][~past], after[name][~past]), name


@pytest.mark.parametrize("task", ["quantiles", pytest.param("volatility", marks=pytest.mark.slow)])
def test_training_reads_no_test_day(task):
    """Weights and calibration are the same whatever happens after the validation part."""
    given = arguments(epochs=1, units=3, batch_size=256)
    other = make_examples(changed_after(SPLIT.validation_end), SPLIT)
    models = [train(task, given, parts, None)[0] for parts in (PARTS, other)]
    for name, value in models[0].tensors().items():
        # Sums taken by several threads may differ in the last bit; a test day's weight would show in the fourth.
        np.testing.assert_allclose(value, models[1].tensors()[name], rtol=0, atol=1e-6, err_msg=name)
    first, second = (dict(model.config) for model in models)
    np.testing.assert_allclose(first.pop("calibration"), second.pop("calibration"), rtol=1e-5)
    assert first == second


@pytest.fixture(scope="module")
def trained():
    return train("volatility", arguments(), PARTS, None)[0]


def loss(model, examples):
    return qlike(examples.variance, model.predict_features(examples.sequence, examples.anchor)[:, 0]).mean()


def test_waves_are_learnt_and_the_order_of_the_days_holds_the_skill(trained):
    flat = qlike(TEST.variance, np.exp(TEST.anchor) * np.mean(PARTS["train"].variance / np.exp(PARTS["train"].anchor)))
    assert loss(trained, TEST) < 0.95 * flat.mean()
    random = np.random.default_rng(0)
    shuffled = np.stack([of[random.permutation(len(of))] for of in TEST.sequence])
    assert loss(trained, Examples(shuffled, *TEST[1:])) > 1.03 * loss(trained, TEST)


@pytest.mark.parametrize("kind", [pytest.param("random walk", marks=pytest.mark.slow), "shuffled"])
def test_where_nothing_can_be_learnt_nothing_is_found(kind):
    frames = series(waves=False).frames
    if kind == "shuffled":  # the days of a series with waves, in another order
        random = np.random.default_rng(0)
        for name, of in SERIES.frames.items():
            ratios = of[["Open", "High", "Low", "Close"]].div(of["Close"].shift(1), axis=0).fillna(1).to_numpy()
            ratios = ratios[random.permutation(len(ratios))]
            close = 50 * np.cumprod(ratios[:, 3])
            shuffled = of.copy()
            shuffled.iloc[:, :4] = ratios * (close / ratios[:, 3])[:, None]
            frames[name] = shuffled
    other = StockSeries("test", frames, "", "")
    parts = make_examples(other, SPLIT)
    model, _ = train("volatility", arguments(epochs=3), parts, None)
    figures = measure_forecaster(model, other, SPLIT, parts["test"])
    assert figures["qlike_to_har"] > 0.94
    skill = no_skill(model, other, parts["test"])
    assert 0.98 < skill["price_rmse_ratio"] < 1.02 and 40 < skill["direction"] < 60


def test_har_is_the_regression_it_says_it_is():
    found = har_variance(SERIES, SPLIT, TEST.ticker, TEST.asof)
    prices = SERIES.frames["A"]
    variance = np.log(prices["High"] / prices["Low"]) ** 2 / (4 * np.log(2))
    log = np.log(variance)
    means = [np.log(variance.rolling(span).mean()) for span in (1, 5, 22)]
    terms = np.stack([np.ones(len(log)), *means], axis=1)
    known = (prices.index[1:] <= SPLIT.train_end) & np.isfinite(terms[:-1]).all(axis=1)
    beta, *_ = np.linalg.lstsq(terms[:-1][known], log.to_numpy()[1:][known], rcond=None)
    smearing = np.exp(log.to_numpy()[1:][known] - terms[:-1][known] @ beta).mean()
    rows = np.searchsorted(prices.index.to_numpy(), TEST.asof[TEST.ticker == "A"].astype("datetime64[ns]"))
    np.testing.assert_allclose(found[TEST.ticker == "A"], smearing * np.exp(terms[rows] @ beta), rtol=1e-6)


@pytest.mark.parametrize("window", [None, 300])
def test_a_refitted_har_is_the_regression_on_the_days_before_each_fit(window):
    every, ticker = 5, "A"
    asof = TEST.asof[TEST.ticker == ticker][:12]
    found = refitted_har_variance(SERIES, np.full(12, ticker), asof, leverage=False, every=every, window=window)
    prices = SERIES.frames[ticker]
    variance = np.log(prices["High"] / prices["Low"]) ** 2 / (4 * np.log(2))
    means = [np.log(variance.rolling(span).mean()) for span in (1, 5, 22)]
    terms, log = np.stack([np.ones(len(variance)), *means], axis=1), np.log(variance).to_numpy()
    rows = np.searchsorted(prices.index.to_numpy(), asof.astype("datetime64[ns]"))
    for row, forecast in zip(rows, found, strict=True):
        fitted = rows[0] + (row - rows[0]) // every * every  # the day of the last fit, the last that it knows
        days = np.arange(0 if window is None else fitted - window, fitted)
        days = days[np.isfinite(terms[days]).all(axis=1)]
        beta, *_ = np.linalg.lstsq(terms[days], log[days + 1], rcond=None)
        smearing = np.exp(log[days + 1] - terms[days] @ beta).mean()
        assert forecast == pytest.approx(smearing * np.exp(terms[row] @ beta), rel=1e-6)


def test_a_refitted_har_sees_nothing_of_the_days_to_come():
    asof = TEST.asof[TEST.ticker == "A"][:12]
    before = refitted_har_variance(SERIES, np.full(12, "A"), asof)
    changed = SERIES.frames["A"].copy()
    changed.iloc[changed.index.to_numpy() > asof[5].astype("datetime64[ns]")] *= 3.0
    after = refitted_har_variance(StockSeries("test", {"A": changed}, "", ""), np.full(12, "A"), asof)
    np.testing.assert_array_equal(after[:6], before[:6])


def test_refitted_quantiles_are_those_of_past_moves_over_what_was_forecast_for_them():
    """Filtered historical simulation, one day at a time, each past day with the fit of its own week."""
    frames = {"A": frame(900, 3)}
    prices, days = frames["A"], frames["A"].index.to_numpy().astype("datetime64[D]")
    places = np.array([860, 861, 866])
    found = refitted_quantiles(StockSeries("test", frames, "", ""), np.full(3, "A"), days[places], window=300)
    first = 250 + 250  # falls are measured in the deviation of 250 returns, and 250 days stand before the first fit
    every = np.arange(first, 867)
    variance = refitted_har_variance(StockSeries("test", frames, "", ""), np.full(len(every), "A"), days[every], window=300)
    moves = np.diff(np.log(prices["Close"].to_numpy()))  # of day t at t - 1
    for row, place in zip(found, places, strict=True):
        past = np.arange(place - 250, place)  # fewer than 1,000 days are known, so 250 stand for the past
        standard = moves[past] / np.sqrt(variance[past - first])
        expected = np.quantile(standard, QUANTILES) * np.sqrt(variance[place - first])
        np.testing.assert_allclose(row, expected, rtol=1e-9)
    assert not refitted_baselines(SERIES, TEST.where(TEST.ticker == "A"), task="stock-quantiles"), "too short a history for any"


def test_a_forecaster_is_held_against_every_baseline(tmp_path, capsys):
    """HAR refitted each week beats what was fitted once, so a verdict against the latter alone would say too much."""
    from recipes.stocks import against
    from recipes.stocks.report import against_text

    assert against.run(against.main, ["imdb-lstm", "--data-dir", str(tmp_path)]) == 2
    assert "A forecaster of stock series is judged here. Received: imdb-lstm" in capsys.readouterr().err
    baselines = [{"name": name, "figures": {"qlike": of}} for name, of in (("once", 0.4), ("each week", 0.3))]
    assert "each week: Diebold-Mariano t -0.50, no sure" in against_text({"once": -3.0, "each week": -0.5}, baselines, "qlike")
    assert "clearly better" in against_text({"once": -3.0, "each week": -2.5}, baselines, "qlike")


def test_historical_quantiles_cover_what_they_should():
    found = quantile_figures(quantile_baselines(SERIES, SPLIT, TEST, garch=False)["historical simulation"], TEST)
    assert 80 < found["coverage_90"] < 97 and found["crossings"] == 0


def test_too_good_is_a_leak():
    fine = {"price_rmse_ratio": 1.0, "direction": 52.0, "always_up": 53.0}
    warn_if_too_good({"qlike_to_har": 0.95}, fine)
    for figures, skill in (
        ({"qlike_to_har": 0.67}, fine),
        ({}, fine | {"price_rmse_ratio": 0.9}),
        ({}, fine | {"direction": 61.0}),
    ):
        with pytest.raises(LeakWarning, match="there is a leak"):
            warn_if_too_good(figures, skill)


def test_a_leak_stops_the_recipe(tmp_path, monkeypatch, capsys):
    """The target day's own range among the features: the recipe must say leak and fail."""
    honest = make_examples

    def leaking(*given):
        parts = honest(*given)
        for examples in parts.values():
            examples.sequence[:, -5:, 0] = (np.log(examples.variance) - examples.anchor)[:, None]
        return parts

    monkeypatch.setattr("seqzoo.data.stock_examples.make_examples", leaking)
    for name, of in SERIES.frames.items():
        of.to_csv(tmp_path / f"{name}.csv")
    assert run(tmp_path, "leak", *"--task volatility --no-garch --units 8 --batch-size 64 --epochs 12".split()) == 3
    assert "leak" in capsys.readouterr().err


def run(tmp_path, output, *more):
    return stock_forecast.main(
        f"--data-dir {tmp_path} --tickers A B --train-end {SPLIT.train_end} --validation-end "
        f"{SPLIT.validation_end} "
        f"--test-end {SPLIT.test_end} --units 3 --batch-size 256 --learning-rate 0.02 --epochs 1 "
        "--no-saved-model "
        f"--output {tmp_path / output}".split()
        + list(more)
    )


def test_the_recipe_end_to_end_and_its_model_verified(tmp_path, capsys):
    import seqzoo
    from seqzoo.zoo import verify_model

    for name, of in SERIES.frames.items():
        of.to_csv(tmp_path / f"{name}.csv")
    assert run(tmp_path, "run", "--no-garch") == 0
    text = capsys.readouterr().out
    assert "no skill" in text and "HAR-log" in text
    for task in stock_forecast.TASKS:
        folder = tmp_path / "run" / task
        assert {"metrics.json", "report.html", "calibration.png", "forecast.png", "tickers.png"} <= set(
            path.name for path in folder.iterdir()
        )
        metrics = json.loads((folder / "metrics.json").read_text())
        page = (folder / "report.html").read_text()
        assert page.count("<tr") == 2 + len(metrics["baselines"]) and page.count("data:image/png;base64,") >= 3
        for row in [{"name": "this model", "figures": metrics["validation"]}, *metrics["baselines"]]:
            loss = row["figures"].get("qlike", row["figures"].get("pinball"))
            assert re.search(rf'{re.escape(escape(row["name"]))}</th><td data-label="(QLIKE|pinball)">{loss:.4g}</td>', page), row
        assert "validation" in metrics and "test" not in metrics
        model = seqzoo.load_pretrained(folder / "model")
        assert np.isfinite(model.forecast(SERIES.frames["A"])).all(axis=None)
        checks = verify_model(folder / "model", tmp_path)
        assert [check for check in checks if not check.ok] == []
        assert sum("validation" in check.name for check in checks) > 5
    assert run(tmp_path, "run", "--no-garch", "--task", "volatility") == 0  # goes on, and writes the same
    assert "epoch 1/" not in capsys.readouterr().out


def test_the_page_shows_hostile_names_as_text_and_loads_nothing(tmp_path):
    from recipes.stocks.page import COLUMNS, report_page
    from recipes.stocks.report import table_of

    name = "</td><script>alert(1)</script>\u202e"
    figures = dict.fromkeys(COLUMNS, 1.0) | {"examples": 1000, "tickers": 2}
    table = table_of("stock-quantiles", figures, [{"name": name, "figures": figures | {"pinball": 0.5}}])
    skill = {"price_rmse_ratio": 1.0, "direction": 50.0, "always_up": 51.0}
    (tmp_path / "a.png").write_bytes(b"picture")
    pictures = [("a.png", '"><img src="http://127.0.0.1:1/x">')]
    page = report_page("stock-quantiles", "test", figures, table, skill, tmp_path, pictures, {"ticker": name})
    assert "<script" not in page and "\u202e" not in page and len(re.findall("<img", page)) == 1
    assert "default-src 'none'" in page and not re.search(r"""(src|href)=["']?(?!data:image/png;base64,cGljdHVyZQ==)\w""", page)
    assert page.index(str(escape("</td><script>"))) < page.index("this model</th>"), "the lowest loss first"
    assert 'name="viewport"' in page and "<pre" in page.split("All figures")[1], "figures as a table, not as typed text"


@pytest.mark.slow
def test_a_zoo_model_is_made_from_runs_judged_on_a_series_aside_and_verified(tmp_path, capsys):
    from seqzoo.zoo import read_card, verify_model

    for seed, name in enumerate("ABC"):
        frame(780, seed).to_csv(tmp_path / f"{name}.csv")
    for seed in ("0", "1"):
        assert run(tmp_path, f"run{seed}", "--task", "quantiles", "--no-garch", "--seed", seed) == 0
    command = f"stock-tiny {tmp_path}/run0/quantiles {tmp_path}/run1/quantiles --data-dir {tmp_path} --no-garch"
    command += f" --output {tmp_path}/zoo --aside files:C:{AFTER}"
    assert stock_publish.main(command.split()) == 0
    card = read_card(tmp_path / "zoo" / "stock-tiny")
    assert set(card["metrics"]) == {"validation", "test", "seeds", "mean_of_seeds"}
    assert card["metrics"]["test"]["crossings"] == 0
    assert "--aside files:C:" in card["command"] and "two seeds" in card["limits"][-1]
    checks = verify_model(tmp_path / "zoo" / "stock-tiny", tmp_path)
    assert [check for check in checks if not check.ok] == []
    assert f"C {AFTER.replace(':', ' to ')} pinball" in {check.name for check in checks}
    frame(780, 5).to_csv(tmp_path / "C.csv")  # other prices: the figures must not be found again
    names = {check.name for check in verify_model(tmp_path / "zoo" / "stock-tiny", tmp_path) if not check.ok}
    assert f"C {AFTER.replace(':', ' to ')} pinball" in names
    assert stock_publish.main([*command.split()[:-1], "files:C", "--overwrite"]) == 2
    assert "SOURCE:TICKER:FIRST:LAST. Received: 'files:C'" in capsys.readouterr().err


def test_bad_data_is_one_line(tmp_path, capsys):
    assert stock_forecast.main(["--data-dir", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.startswith("stocks.forecast: error: ")


def test_a_perfect_forecast_would_be_seen(trained):
    """The figures can tell: with the target itself as forecast the ratio is zero."""
    perfect = Examples(*TEST)
    model = VolatilityForecaster({"units": 8})
    model.predict_features = lambda sequence, anchor: np.stack([perfect.variance, perfect.variance], axis=1)
    assert measure_forecaster(model, SERIES, SPLIT, TEST)["qlike_to_har"] == 0
