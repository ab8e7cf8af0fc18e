"""Forecasters: what they may know, what they give, what they refuse. Random weights show a leak as well as
trained ones.
"""

import numpy as np
import pandas as pd
import pytest

from seqzoo.data.price_windows import FEATURES, STEPS, WINDOW
from seqzoo.data.prices import PriceDataError
from seqzoo.data.stock_examples import Examples
from seqzoo.tasks.stock_forecasting.heads import (
    QUANTILES,
    VARIANCE_WEIGHT,
    QuantileForecaster,
    VolatilityForecaster,
    fit_calibration,
)
from seqzoo.tasks.stock_forecasting.scores import pinball, qlike
from tests.stock_prices import frame

FRAME = frame(300)
CLASSES = [VolatilityForecaster, QuantileForecaster]


def forecaster(kind, seed=0, **config):
    """A small forecaster with random weights, big enough to matter."""
    model = kind({"units": 4} | config)
    random = np.random.default_rng(seed)
    model.load_tensors({k: random.normal(0, 0.5, v.shape).astype(np.float32) for k, v in model.tensors().items()})
    return model


@pytest.fixture(scope="module", params=CLASSES, ids=["volatility", "quantiles"])
def model(request):
    return forecaster(request.param)


def test_the_contract(model):
    last = model.forecast(FRAME)
    assert last.index.name == "asof" and list(last.index) == [FRAME.index[-1]]
    assert tuple(last.columns) == model.outputs and (last.dtypes == np.float64).all()
    many = model.forecast(FRAME, start=FRAME.index[280])
    assert list(many.index) == list(FRAME.index[280:])
    np.testing.assert_allclose(many.iloc[-1], last.iloc[0], rtol=1e-5)
    every = model.forecast(FRAME, start="1990-01-01")
    assert len(every) == len(FRAME) - WINDOW + 1 and every.index[0] == FRAME.index[WINDOW - 1]


def test_volatility_is_annualised_and_in_per_cent():
    found = forecaster(VolatilityForecaster).forecast(FRAME)
    np.testing.assert_allclose(found["volatility"], 100 * np.sqrt(252 * found["variance"]))


def test_nothing_after_the_day_is_known(model):
    """Every row after a day is replaced, prices and volumes; no forecast made on or before it may move."""
    day = 275
    other = FRAME.copy()
    other.iloc[day + 1 :] = frame(300, seed=9).iloc[day + 1 :].to_numpy() * 0.9
    before, after = (model.forecast(of, "1990-01-01", jumps="keep") for of in (FRAME, other))
    np.testing.assert_allclose(before.loc[: FRAME.index[day]], after.loc[: FRAME.index[day]], rtol=1e-6)
    assert not np.allclose(before.loc[FRAME.index[day + 1] :], after.loc[FRAME.index[day + 1] :], rtol=1e-3)


def test_the_day_itself_is_known(model):
    other = FRAME.copy()
    other.iloc[-1, 1] *= 1.03  # High
    assert not np.allclose(model.forecast(FRAME), model.forecast(other), rtol=1e-4)


def test_rows_before_the_window_do_not_matter(model):
    np.testing.assert_allclose(model.forecast(FRAME), model.forecast(FRAME.iloc[-WINDOW:]), rtol=1e-6)


def test_multiplying_all_prices_changes_nothing(model):
    scaled = FRAME * [1000, 1000, 1000, 1000, 1]
    np.testing.assert_allclose(model.forecast(scaled, "1990-01-01"), model.forecast(FRAME, "1990-01-01"), rtol=1e-5)


def test_the_order_of_the_days_matters(model):
    random = np.random.default_rng(0)
    sequence = random.normal(size=(5, STEPS, len(FEATURES))).astype(np.float32)
    shuffled = sequence[:, random.permutation(STEPS)]
    anchor = np.full(5, -8.0)
    found, other = model.predict_features(sequence, anchor), model.predict_features(shuffled, anchor)
    assert not np.allclose(found, other, rtol=1e-3)


def test_quantiles_never_cross_whatever_the_outputs():
    model = forecaster(QuantileForecaster, calibration=[0.3, 3.0])
    raw = np.random.default_rng(0).normal(0, [9] + 5 * [30], (10_000, 6))
    assert (np.diff(model.decode(raw, np.zeros(10_000)), axis=1) >= 0).all()


@pytest.mark.parametrize("kind", CLASSES)
def test_the_loss_is_the_score_that_is_reported(kind):
    model, random = forecaster(kind), np.random.default_rng(0)
    n = 50
    sequence = random.normal(size=(n, STEPS, len(FEATURES))).astype(np.float32)
    days = np.arange(n).astype("datetime64[D]")
    anchor, variance, returns = np.full(n, -8.0), np.exp(random.normal(-8, 1, n)), random.normal(0, 0.02, n)
    examples = Examples(sequence, anchor, variance, returns, np.full(n, "A"), days, days + 1)
    raw = model.raw_outputs(sequence)
    found = np.asarray(model.loss(model.targets(examples), raw))[:, 0]
    forecast = model.predict_features(sequence, anchor)
    if kind is VolatilityForecaster:
        np.testing.assert_allclose(found, qlike(variance, forecast[:, 0]), rtol=1e-3, atol=1e-5)
    else:
        scale = raw[:, 0].astype(float) + anchor
        score = pinball(returns, forecast, QUANTILES) * np.exp(4.0)
        np.testing.assert_allclose(found, score + VARIANCE_WEIGHT * qlike(variance, np.exp(scale)), rtol=1e-3)


def test_calibration_gives_the_coverage_it_was_asked_for():
    random = np.random.default_rng(0)
    raw = np.tile([0.0, 1.0, 1.0, 1.0, 1.0], (4000, 1)) + random.normal(0, 0.1, (4000, 5))
    target = random.normal(0, 3, 4000)
    model = forecaster(QuantileForecaster, calibration=fit_calibration(raw, target))
    quantiles = model.decode(np.concatenate([np.zeros((4000, 1)), raw], axis=1), np.zeros(4000))
    for low, high, share in ((1, 3, 0.5), (0, 4, 0.9)):
        assert np.mean((target >= quantiles[:, low]) & (target <= quantiles[:, high])) == pytest.approx(share, abs=0.001)


@pytest.mark.parametrize(
    "options, message",
    [
        (
            {"start": FRAME.index[-1] + pd.Timedelta(days=1)},
            "must reach `start`.* Received: start=.*, last row",
        ),
        ({"start": "soon"}, "must be a date such as '2020-01-31'. Received: 'soon'"),
        ({"start": 5}, "must be a date"),
        ({"frame": FRAME.iloc[-WINDOW + 1 :]}, "at least 250 daily rows.* Received: 249 rows"),
        ({"frame": pd.concat([FRAME, FRAME])}, "one ticker"),
        ({"frame": FRAME.resample("W").last()}, "daily"),
    ],
)
def test_frames_and_starts_that_do_not_fit(model, options, message):
    with pytest.raises(PriceDataError, match=message) as error:
        model.forecast(**({"frame": FRAME} | options))
    assert "Received: " in str(error.value)


@pytest.mark.parametrize(
    "config, message",
    [
        ({"units": 0}, "`units` must be a whole number"),
        ({"cell": "transformer"}, "one of rnn, lstm, gru. Received: 'transformer'"),
        ({"dropout": 1.0}, "`dropout` must lie in"),
        ({"calibration": [1.0]}, "two finite numbers above 0"),
        ({"calibration": [1.0, float("nan")]}, "two finite numbers above 0"),
        ({"unit": 3}, "has the keys .* Received: \\['unit'\\]"),
    ],
)
def test_configs_that_do_not_fit(config, message):
    with pytest.raises(ValueError, match=message):
        VolatilityForecaster(config)


def test_windows_of_another_shape(model):
    with pytest.raises(ValueError, match=r"\[n, 250, 5\]. Received: \[3, 5\]"):
        model.predict(np.zeros((3, 5)))


@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_other_cells_forecast_too(cell):
    assert np.isfinite(forecaster(VolatilityForecaster, cell=cell, layers=2).forecast(FRAME)).all(axis=None)
