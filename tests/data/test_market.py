"""A market index and the VIX beside a ticker's prices: what is read, which day it is put on, what is refused."""

import numpy as np
import pandas as pd
import pytest

from seqzoo.data.market import Beside, load_market, make_beside, market_rows, read_beside
from seqzoo.data.market_windows import MARKET_COLUMNS, WIDE_FEATURES, features_of, wide_features, widened, without
from seqzoo.data.price_windows import FEATURES, STEPS, WINDOW, window_features
from seqzoo.data.prices import PriceDataError
from tests.stock_prices import frame, rows

DAYS = frame(300).index
INDEX = frame(300, seed=5)
VIX = pd.Series(np.round(15 + 5 * np.sin(np.arange(300) / 9), 2), DAYS)


def wide_window(seed=0):
    window = np.concatenate([rows(WINDOW, seed), rows(WINDOW, 7)[:, 1:4], VIX.to_numpy()[:WINDOW, None]], axis=1)
    return window[None]


def named(sequence):
    return dict(zip(WIDE_FEATURES, sequence[0].T, strict=True))


def test_the_first_features_are_those_without_a_market():
    window = wide_window()
    sequence, anchor = wide_features(window)
    plain, same = window_features(window[:, :, :5])
    assert sequence.shape == (1, STEPS, len(WIDE_FEATURES)) and WIDE_FEATURES[: len(FEATURES)] == FEATURES
    np.testing.assert_array_equal(sequence[:, :, : len(FEATURES)], plain)
    np.testing.assert_array_equal(anchor, same)
    np.testing.assert_array_equal(features_of(window[:, :, :5])[0], plain)


def test_the_markets_features_are_those_that_a_ticker_of_its_prices_has():
    window = wide_window()
    found = named(wide_features(window)[0])
    high, low, close = window[0, :, 5], window[0, :, 6], window[0, :, 7]
    alone = np.stack([close, high, low, close, np.ones(WINDOW)], axis=1)[None]
    plain, anchor = window_features(alone)
    for name, column in zip(FEATURES, plain[0].T, strict=True):
        here = f"market_{name}"
        if here in found:
            np.testing.assert_allclose(found[here], column, atol=1e-12, err_msg=name)
    np.testing.assert_allclose(found["above_market"], wide_features(window)[1][0] - anchor[0])


def test_the_vix_as_the_variance_of_a_day():
    window = wide_window()
    found, anchor = named(wide_features(window)[0]), wide_features(window)[1][0]
    x = np.log((window[0, :, 8] / 100) ** 2 / 252)
    np.testing.assert_allclose(found["vix"], x[-STEPS:] - anchor)
    np.testing.assert_allclose(found["vix_steps"], x[-STEPS:] - x[-STEPS:].mean())
    np.testing.assert_allclose(found["vix_level"], np.full(STEPS, x[-STEPS:].mean() - x.mean()))
    np.testing.assert_allclose(found["vix_change"], 4 * np.diff(x)[-STEPS:])


@pytest.mark.parametrize("back, names", [(62, ("quarter_night", "quarter_nights")), (129, ("half_year_nights",))])
def test_a_leap_a_quarter_before_the_next_day_is_seen_on_that_day_alone(back, names):
    """The last step is for the day after the window's last: a leap so many days before it."""
    window = wide_window()
    day = WINDOW - back  # the next day is row WINDOW
    window[0, day, :4] *= 3.0
    window[0, day + 1 :, :4] *= 3.0
    found = named(wide_features(window)[0])
    for name in ("quarter_night", "quarter_nights", "half_year_night", "half_year_nights"):
        assert (found[name][-1] == 8.0) == (name in names), name
    window = wide_window()
    window[0, WINDOW - 59 :, :4] *= 3.0  # too near: no report is due tomorrow
    assert named(wide_features(window)[0])["quarter_nights"][-1] < 8.0


@pytest.mark.parametrize("absent", [{"market": True}, {"vix": True}, {"market": True, "vix": True}])
def test_what_is_absent_is_0_and_says_so(absent):
    window = wide_window()
    sequence, _ = wide_features(window)
    less = window.copy()
    if "market" in absent:
        less[:, 3, 6] = 0.0  # one day will do
    if "vix" in absent:
        less[:, :, 8] = np.nan
    found, _ = wide_features(widened(less))
    np.testing.assert_array_equal(found, without(sequence, **absent))
    flags = named(found)
    assert set(flags["market_known"]) == {float("market" not in absent)} and set(flags["vix_known"]) == {
        float("vix" not in absent)
    }
    assert (named(sequence)["market_known"] == 1).all()


def test_absent_by_row():
    sequence = np.ones((3, STEPS, len(WIDE_FEATURES)))
    found = without(sequence, market=np.array([True, False, False]), vix=np.array([False, False, True]))
    assert (sequence == 1).all() and (found[1] == 1).all()
    np.testing.assert_array_equal(found[0], without(sequence[:1], market=True)[0])
    np.testing.assert_array_equal(found[2], without(sequence[:1], vix=True)[0])


def test_prices_alone_are_widened():
    np.testing.assert_array_equal(widened(wide_window()[0, :, :5])[:, 5:], np.zeros((WINDOW, 4)))
    for wrong in (-1.0, np.inf):
        window = wide_window()
        window[0, 0, 8] = wrong
        with pytest.raises(PriceDataError, match="or 0 where not known. Received"):
            widened(window)
    with pytest.raises(PriceDataError, match="5 columns.*or 9.*Received: 7"):
        widened(np.ones((2, 7)))


def test_each_day_has_its_own_value_or_that_of_the_day_before():
    found = market_rows(DAYS, make_beside(INDEX, VIX))
    np.testing.assert_array_equal(found, np.column_stack([INDEX[["High", "Low", "Close"]], VIX]))
    gaps = market_rows(DAYS, make_beside(vix=VIX.drop(DAYS[[50, 51, 52, 100]])))[:, 3]
    assert (gaps[50:53] == VIX.iloc[49]).all() and gaps[100] == VIX.iloc[99] and gaps[53] == VIX.iloc[53]
    other = pd.concat([VIX, pd.Series([99.0], [DAYS[1] + pd.Timedelta(days=1)])]).sort_index()  # a Saturday
    np.testing.assert_array_equal(market_rows(DAYS, make_beside(vix=other))[:, 3], VIX)
    np.testing.assert_array_equal(market_rows(DAYS, Beside()), np.zeros((300, 4)))


def test_no_value_comes_from_a_later_day():
    before = market_rows(DAYS[:200], make_beside(INDEX.iloc[:200], VIX.iloc[:200]))
    np.testing.assert_array_equal(market_rows(DAYS, make_beside(INDEX, VIX))[:200], before)


@pytest.mark.parametrize(
    "rows_left, missing", [(slice(0, 290), 293), (slice(60, None), 50), ([*range(100), *range(104, 300)], 103)]
)
def test_a_table_must_reach_over_the_days_that_are_read(rows_left, missing):
    beside = make_beside(vix=VIX.iloc[rows_left])
    with pytest.raises(PriceDataError, match=rf"the VIX must have a row.*2015.*without {DAYS[missing]:%Y-%m-%d} and \d+ more"):
        market_rows(DAYS, beside, 50)


def test_tables_as_people_have_them(tmp_path):
    plain = make_beside(INDEX, VIX)
    dated = pd.DataFrame({"DATE": [f"{day:%Y-%m-%d}" for day in DAYS], "VIXCLS": [f"{value}" for value in VIX]})
    dated.loc[7, "VIXCLS"] = "."
    dated.to_csv(tmp_path / "fred.csv", index=False)
    INDEX[::-1].drop(columns="Volume").to_csv(tmp_path / "index.csv")  # newest first
    found = read_beside(tmp_path / "index.csv", tmp_path / "fred.csv")
    np.testing.assert_allclose(found.market, plain.market)
    np.testing.assert_allclose(found.vix, plain.vix.drop(DAYS[7]))
    levels = pd.DataFrame(np.column_stack([VIX] * 4 + [0 * VIX]), DAYS, pd.MultiIndex.from_product([INDEX.columns, ["^VIX"]]))
    for table in (VIX.to_frame("Close"), VIX.to_frame("vix"), levels, dated.drop(index=7), VIX.to_frame("Adj Close")):
        np.testing.assert_allclose(make_beside(vix=table).vix.loc[DAYS[8:]], plain.vix.loc[DAYS[8:]])
    assert plain.known == ("market", "vix") and make_beside().known == ()
    assert plain.fingerprint() == make_beside(INDEX, VIX).fingerprint() != make_beside(INDEX, VIX + 1).fingerprint()
    assert plain.fingerprint(None, DAYS[9]) == make_beside(INDEX.iloc[:10], VIX.iloc[:10]).fingerprint()


@pytest.mark.parametrize(
    "given, error, message",
    [
        ({"vix": VIX / 100}, PriceDataError, "in per cent a year, such as 17.2, from 2 to 300. Received: 0.15 on 2015-01-01"),
        ({"vix": INDEX * 100}, PriceDataError, "in per cent a year"),
        ({"market": pd.DataFrame(dict.fromkeys(INDEX.columns, VIX))}, PriceDataError, "range of its day.*Received: closes alone"),
        ({"market": VIX}, TypeError, "pandas DataFrame with High, Low and Close. Received: Series"),
        ({"vix": list(VIX)}, TypeError, "with Close, or a Series. Received: list"),
        ({"market": INDEX.drop(columns="High")}, PriceDataError, "Received: no High"),
        ({"vix": INDEX.drop(columns="Close")}, PriceDataError, "one column Close, or one beside the day's. Received: Open, High"),
        ({"vix": pd.concat([VIX, VIX])}, PriceDataError, "dates must rise|every day must stand once"),
        ({"vix": VIX.where(VIX > 12)}, PriceDataError, "must be a number above 0.*Received: nan"),
    ],
)
def test_tables_that_cannot_be_used(given, error, message):
    with pytest.raises(error, match=message):
        make_beside(**given)


def test_files_by_the_name_of_their_ticker(tmp_path):
    INDEX.to_csv(tmp_path / "GSPC.csv")
    assert load_market(tmp_path, "GSPC", None).known == ("market",)
    with pytest.raises(FileNotFoundError, match="must hold VIX.csv"):
        load_market(tmp_path)
    with pytest.raises(ValueError, match="named by their ticker, such as GSPC. Received: '../GSPC'"):
        load_market(tmp_path, "../GSPC")
    assert MARKET_COLUMNS[-1] == "VIX"
