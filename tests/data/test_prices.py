"""Reading prices: every way of writing them gives the same table; every oddity is named with its place."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from seqzoo.data.prices import PriceDataError, PriceDataWarning, check_prices, read_prices
from seqzoo.data.stocks import load_stocks
from tests.stock_prices import COLUMNS, frame

FRAME = frame(80)


def changed(row, column, value):
    new = FRAME.astype(object)
    new.iloc[row, COLUMNS.index(column)] = value
    return new


def flat(**options):
    return FRAME.reset_index().rename(columns=options)


def yfinance(level_first):
    new = FRAME.copy()
    pairs = [(name, "ABC") if level_first else ("ABC", name) for name in COLUMNS]
    new.columns = pd.MultiIndex.from_tuples(pairs)
    return new


@pytest.mark.parametrize(
    "form",
    [
        FRAME,
        FRAME[COLUMNS[::-1]].rename(columns=str.upper),
        FRAME.assign(**{"Adj Close": 1.0, "Dividends": np.nan}),
        flat(Date="date"),
        FRAME.set_axis(FRAME.index.astype(str)),
        FRAME.tz_localize("America/New_York"),
        FRAME.set_axis(FRAME.index + pd.Timedelta(hours=16)),
        flat().assign(Date=lambda f: f["Date"].astype(str) + " 00:00:00-05:00"),
        FRAME.assign(Ticker="ABC"),
        yfinance(True),
        yfinance(False),
        yfinance(True).rename_axis("Date").reset_index(),
        FRAME.set_axis(FRAME.index.to_period("D")),
        FRAME.astype("Float64"),
        FRAME.map(lambda value: Decimal(value)),
        flat().assign(Date=lambda f: f["Date"].dt.strftime("%Y%m%d").astype(int)),
        flat().assign(Date=lambda f: f["Date"].dt.strftime("%d %B %Y")),
    ],
    ids=str,
)
def test_every_form_gives_the_same_table(form):
    found = check_prices(form)
    np.testing.assert_array_equal(found.to_numpy(), FRAME.to_numpy())
    assert list(found.columns) == COLUMNS and found.index.name == "Date"
    assert (found.index == FRAME.index).all()


def two_tickers():
    new = pd.concat([FRAME.assign(Ticker="A"), FRAME.assign(Ticker="B")])
    return new


def intraday():
    return FRAME.set_axis(pd.date_range("2020-01-01", periods=len(FRAME), freq="h"))


def split(factor):
    new = FRAME.copy()
    new.iloc[:40, :4] *= factor
    return new


@pytest.mark.parametrize(
    "bad, message",
    [
        (changed(3, "Close", np.nan), r"row 3 \(2015-01-06\): Close must be a number above 0"),
        (changed(3, "Open", "n/a"), r"row 3 \(2015-01-06\): Open must be .* 'n/a'"),
        (changed(5, "Low", 0.0), r"row 5 .*: Low must be a number above 0; correct the row or remove it"),
        (changed(5, "High", -1.0), r"row 5 .*: High must be"),
        (changed(5, "Open", np.inf), r"row 5 .*: Open must be"),
        (changed(7, "Volume", -1.0), r"row 7 .*: Volume must be a number of at least 0"),
        (changed(9, "High", 1.0), r"row 9 .*: High must be at least Low"),
        (FRAME.drop(columns="Low"), "must have the columns .* Received: no Low"),
        (FRAME.assign(close=1.0), "Received: close twice"),
        (FRAME.iloc[:0], "no rows"),
        (FRAME.iloc[[0, 2, 1, *range(3, 80)]], r"row 2 .*: dates must rise; sort the rows"),
        (pd.concat([FRAME, FRAME.iloc[-1:]]), r"row 80 .*: every day must stand once"),
        (pd.concat([FRAME, FRAME]), "a frame must hold one ticker"),
        (two_tickers(), "must hold one ticker; select one.* Received: A, B"),
        (pd.concat({"A": FRAME, "B": FRAME}, axis=1), "must hold one ticker"),
        (intraday(), "must be daily.* intraday rows"),
        (FRAME.set_axis(pd.date_range("2015-01-02", periods=80, freq="W")), "7 days apart, as in weekly"),
        (FRAME.reset_index(drop=True), "must say the day of every row"),
        (FRAME.set_axis(["2015-01-01"] * 79 + ["soon"]), r"row 79 .*: write dates like 2020-01-31.* 'soon'"),
        (FRAME.set_axis(["09:30"] * 80), r"row 0 \(no date\): write dates like 2020-01-31.* '09:30'"),
        (FRAME.set_axis(["now"] * 80), "write dates like 2020-01-31.* 'now'"),
        (FRAME.assign(Open=[b"1"] * 80), "Received: b'1'"),
        (split(2.0), r"row 40 .*: looks like a split .* divide them by 2, or pass jumps=\"keep\""),
        (split(0.1), "row 40 .*: looks like a split .* divide them by 0.1"),
    ],
)
def test_oddities_are_named_with_their_place(bad, message):
    with pytest.raises(PriceDataError, match=message) as error:
        check_prices(bad)
    assert "Received: " in str(error.value)


def test_a_crash_is_no_split():
    """Half the price is lost overnight, and the day after it is wild: a warning, because that happens."""
    crash = split(2.0)
    crash.iloc[40, 1] *= 1.15
    with pytest.warns(PriceDataWarning, match="row 40 .* overnight"):
        check_prices(crash)
    with pytest.warns(PriceDataWarning):
        check_prices(split(2.0), jumps="keep")


def test_an_open_outside_the_range_is_a_warning():
    with pytest.warns(PriceDataWarning, match="row 4 .*outside the day's Low to High; the vendor's"):
        check_prices(changed(4, "Open", FRAME["High"].iloc[4] * 1.01))


def test_wrong_arguments():
    with pytest.raises(TypeError, match="pandas DataFrame. Received: list"):
        check_prices([1])
    with pytest.raises(ValueError, match="'error' or 'keep'. Received: 'ignore'"):
        check_prices(FRAME, jumps="ignore")


def test_files_name_the_line(tmp_path):
    FRAME.to_csv(tmp_path / "ABC.csv")
    np.testing.assert_allclose(read_prices(tmp_path / "ABC.csv").to_numpy(), FRAME.to_numpy(), rtol=1e-12)
    changed(3, "Close", 0).to_csv(tmp_path / "ABC.csv")
    with pytest.raises(PriceDataError, match=r"ABC.csv, line 5 \(2015-01-06\): Close"):
        read_prices(tmp_path / "ABC.csv")
    (tmp_path / "ABC.csv").write_bytes(b"\xff\xfe\x00binary")
    with pytest.raises(PriceDataError, match="Received: "):
        read_prices(tmp_path / "ABC.csv")
    (tmp_path / "ABC.csv").write_bytes(b"")
    with pytest.raises(PriceDataError, match="with a header line"):
        read_prices(tmp_path / "ABC.csv")
    with pytest.raises(FileNotFoundError, match="Received: "):
        read_prices(tmp_path / "none.csv")


def test_folders_long_files_and_choices(tmp_path):
    FRAME.to_csv(tmp_path / "ABC.csv")
    frame(80, seed=1).to_csv(tmp_path / "XYZ.csv")
    assert list(load_stocks("files", tmp_path).frames) == ["ABC", "XYZ"]
    assert list(load_stocks("files", tmp_path, ["XYZ"]).frames) == ["XYZ"]
    assert list(load_stocks("files", tmp_path / "ABC.csv").frames) == ["ABC"]
    with pytest.raises(ValueError, match="The tickers there are ABC, XYZ. Received: QQQ"):
        load_stocks("files", tmp_path, ["QQQ"])
    two_tickers().to_csv(tmp_path / "long.csv")
    assert list(load_stocks("files", tmp_path / "long.csv").frames) == ["A", "B"]
    with pytest.raises(ValueError, match="sample, files, yfinance. Received: 'web'"):
        load_stocks("web")
    for missing in (None, tmp_path / "none"):
        with pytest.raises(FileNotFoundError, match="Received: "):
            load_stocks("files", missing)


def test_closes_alone_are_left_out_or_refused(tmp_path):
    FRAME.to_csv(tmp_path / "ABC.csv")
    close = FRAME["Close"]
    FRAME.assign(Open=close, High=close, Low=close).to_csv(tmp_path / "VIX.csv")
    with pytest.warns(PriceDataWarning, match="High equals Low on 100 % of the days.*left out"):
        assert list(load_stocks("files", tmp_path).frames) == ["ABC"]
    with pytest.raises(PriceDataError, match="needs the range of the day"):
        load_stocks("files", tmp_path, ["VIX"])


def test_the_fingerprint_knows_every_price_and_its_bounds(tmp_path):
    FRAME.to_csv(tmp_path / "ABC.csv")
    series = load_stocks("files", tmp_path)
    before = series.fingerprint("2015-01-01", "2015-02-27")
    series.frames["ABC"].iloc[-1, 0] *= 1.0001
    assert series.fingerprint("2015-01-01", "2015-02-27") == before
    series.frames["ABC"].iloc[2, 0] *= 1.0001
    assert series.fingerprint("2015-01-01", "2015-02-27") != before


def test_the_sample():
    pytest.importorskip("arch")
    series = load_stocks()
    assert list(series.frames) == ["SP500"] and len(series.frames["SP500"]) > 5000
    assert list(load_stocks(tickers=["NASDAQ"]).frames) == ["NASDAQ"]
    with pytest.raises(ValueError, match="The tickers there are SP500, NASDAQ. Received: DAX"):
        load_stocks(tickers=["DAX"])
