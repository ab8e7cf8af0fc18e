"""Windows, features and targets against formulas written out day by day; the calendar's cuts."""

import numpy as np
import pytest

from seqzoo.data.price_windows import (
    FEATURES,
    STEPS,
    WINDOW,
    next_day_targets,
    parkinson_variance,
    window_features,
    windows_of,
)
from seqzoo.data.stock_examples import SPLITS, CalendarSplit, make_examples
from seqzoo.data.stocks import StockSeries
from tests.stock_prices import frame, rows

ROWS = rows(300)


def features_by_hand(window):
    """The features of one window, one day at a time."""
    variance = [np.log(h / low) ** 2 / (4 * np.log(2)) for _, h, low, _, _ in window]
    floor = 1e-3 * np.mean(variance) + 1e-10
    log_variance = [np.log(max(v, floor)) for v in variance]
    anchor = np.mean(log_variance[-60:])
    volumes = [np.log(max(v, 1)) for v in window[-60:, 4]]
    found = []
    for day in range(WINDOW - 60, WINDOW):
        step = np.log(window[day, 3] / window[day - 1, 3]) / np.exp(anchor / 2)
        night = np.log(window[day, 0] / window[day - 1, 3]) / np.exp(anchor / 2)
        level = anchor - np.mean(log_variance)
        volume = volumes[day - WINDOW + 60] - np.mean(volumes)
        floored = [max(v, floor) for v in variance]
        means = [np.log(np.mean(floored[day + 1 - span : day + 1])) - anchor for span in (5, 22)]
        returns = [np.log(window[d, 3] / window[d - 1, 3]) for d in range(day - 21, day + 1)]
        falls = [np.mean([min(r, 0) for r in returns[-span:]]) / np.exp(anchor / 2) for span in (1, 5, 22)]
        found.append([log_variance[day] - anchor, step, abs(step), night, volume, level, *means, *falls])
    return np.array(found), anchor


def test_features_are_what_the_formulas_say():
    windows = windows_of(ROWS, [WINDOW - 1, 270, 299])
    sequence, anchor = window_features(windows)
    assert sequence.shape == (3, STEPS, len(FEATURES))
    for row, window in enumerate(windows):
        expected, expected_anchor = features_by_hand(window)
        np.testing.assert_allclose(sequence[row], expected, atol=1e-9)
        np.testing.assert_allclose(anchor[row], expected_anchor, atol=1e-12)


def test_windows_end_where_they_are_asked_to():
    windows = windows_of(ROWS, [WINDOW - 1, 299])
    np.testing.assert_array_equal(windows[0], ROWS[:WINDOW])
    np.testing.assert_array_equal(windows[1], ROWS[-WINDOW:])
    for ends in ([WINDOW - 2], [300]):
        with pytest.raises(ValueError, match="from 249 to 299. Received: "):
            windows_of(ROWS, ends)


def test_the_currency_changes_nothing():
    scaled = ROWS * [1e3, 1e3, 1e3, 1e3, 7]
    for found, expected in zip(window_features(windows_of(scaled, [280])), window_features(windows_of(ROWS, [280])), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-9)


def test_days_without_trade_give_finite_features():
    still = ROWS.copy()
    still[200:210, :4] = still[199, 3]
    still[200:210, 4] = 0
    sequence, anchor = window_features(windows_of(still, [209, 280][1:]))
    assert np.isfinite(sequence).all() and np.isfinite(anchor).all() and np.abs(sequence).max() <= 8
    assert np.isnan(next_day_targets(still, [200])[0]).all()


def test_targets_are_of_the_next_day():
    variance, returns = next_day_targets(ROWS, [10, 20])
    np.testing.assert_allclose(variance, parkinson_variance(ROWS[[11, 21], 1], ROWS[[11, 21], 2]))
    np.testing.assert_allclose(returns, np.log(ROWS[[11, 21], 3] / ROWS[[10, 20], 3]))


def test_parkinson_measures_the_variance_of_a_random_walk():
    random = np.random.default_rng(0)
    paths = np.cumsum(random.normal(0, 0.02 / np.sqrt(2000), (2000, 2000)), axis=1)
    found = parkinson_variance(np.exp(paths.max(axis=1)), np.exp(paths.min(axis=1))).mean()
    assert 0.9 * 0.02**2 < found < 1.05 * 0.02**2


SPLIT = CalendarSplit("2016-06-30", "2016-09-30", "2016-12-30")


def test_the_calendar_cuts_every_ticker_on_the_same_day():
    series = StockSeries("test", {"A": frame(600), "B": frame(600, seed=1, start="2015-03-02")}, "", "")
    parts = make_examples(series, SPLIT)
    for name, examples in parts.items():
        first, last = SPLIT.bounds(name)
        assert set(examples.ticker) == {"A", "B"}
        assert first is None or examples.day.min() >= np.datetime64(first)
        assert examples.day.max() <= np.datetime64(last)
        assert (examples.asof < examples.day).all()
    days = [set(zip(of.ticker, of.day, strict=True)) for of in parts.values()]
    assert not (days[0] & days[1] or days[1] & days[2] or days[0] & days[2])


def test_targets_that_straddle_a_cut_are_purged():
    first = np.array(["2016-06-28", "2016-06-30", "2016-07-01", "2016-12-29", "2017-01-02"], "datetime64[D]")
    last = first + np.array([2, 1, 21, 4, 1])
    assert [SPLITS[k] if k >= 0 else None for k in SPLIT.of(first, last)] == [
        "train",
        None,
        "validation",
        None,
        None,
    ]


def test_examples_up_to_a_day_know_nothing_after_it():
    """Features and targets: what happens after a target day may not move them; that day itself must."""
    prices, cut = frame(600), 500
    other = prices.copy()
    other.iloc[cut + 1 :] = frame(600, seed=9).iloc[cut + 1 :].to_numpy()
    before, after = (make_examples(StockSeries("test", {"A": of}, "", ""), SPLIT)["test"] for of in (prices, other))
    day = prices.index[cut].to_datetime64().astype("datetime64[D]")
    for field, mine, changed in zip(before._fields, before, after, strict=True):
        np.testing.assert_array_equal(mine[before.day <= day], changed[before.day <= day], err_msg=field)
    last = np.flatnonzero(before.day > day)[0]  # its target is the first changed day, its features are older
    np.testing.assert_array_equal(before.sequence[last], after.sequence[last])
    assert before.variance[last] != after.variance[last] and before.returns[last] != after.returns[last]
    assert not np.allclose(before.sequence[last + 1], after.sequence[last + 1])


@pytest.mark.parametrize("ends", [("2016-01-01", "2015-01-01"), ("soon", "2015-01-01"), ("2015-01-01", "2015-01-01")])
def test_a_calendar_that_does_not_rise(ends):
    with pytest.raises(ValueError, match="train_end before validation_end before test_end. Received: "):
        CalendarSplit(*ends)


def test_too_little_for_examples():
    with pytest.raises(ValueError, match="more than 250 rows. Received: at most 250"):
        make_examples(StockSeries("test", {"A": frame(250)}, "", ""), SPLIT)
    with pytest.raises(ValueError, match="Received: none for test"):
        make_examples(StockSeries("test", {"A": frame(430)}, "", ""), SPLIT)
