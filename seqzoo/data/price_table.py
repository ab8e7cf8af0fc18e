"""A table of prices as somebody wrote it: which columns and days it holds, and what messages call its rows."""

import re
from pathlib import Path

import numpy as np

from seqzoo.data.price_windows import COLUMNS

_KNOWN = {"open", "high", "low", "close", "volume", "date", "datetime"}


class PriceDataError(ValueError):
    """Prices that cannot be what they are said to be; the text names the place and what to do."""


class PriceDataWarning(UserWarning):
    """Prices that are odd but can be real."""


def import_pandas():
    try:
        import pandas
    except ImportError as error:
        raise ImportError(f"Prices are kept in pandas: pip install 'seqzoo[stocks]'. Received: {error}") from error
    return pandas


def read_table(path):
    """The table of a CSV file, unchecked. Raises as `read_prices` does."""
    pandas = import_pandas()
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"Prices are read from a CSV file. Received: {str(path)!r}, where there is none")
    try:
        return pandas.read_csv(path)
    except (ValueError, UnicodeDecodeError, pandas.errors.ParserError, pandas.errors.EmptyDataError) as error:
        raise PriceDataError(f"{path} must be a CSV file with a header line. Received: {error}") from None


class Places:
    """How messages say where: `GSPC.csv, line 12 (2001-03-04)`."""

    def __init__(self, source, dates, first_line):
        self.source, self.dates, self.first_line = source, dates, first_line

    def __call__(self, row):
        number = f"row {row}" if self.first_line is None else f"line {row + self.first_line}"
        day = self.dates[row]
        return f"{self.source}, {number} ({'no date' if day is None else f'{day:%Y-%m-%d}'})"


def named_columns(frame, source):
    """The frame with columns named open, high, ... ; only those that are known."""
    tickers = ()
    if frame.columns.nlevels > 1:  # yfinance: (Price, Ticker) or (Ticker, Price)
        levels = [list(dict.fromkeys(frame.columns.get_level_values(k))) for k in range(frame.columns.nlevels)]
        prices = max(range(len(levels)), key=lambda k: len({_plain(x) for x in levels[k]} & _KNOWN))
        tickers = next((level for k, level in enumerate(levels) if k != prices), ())
        frame = frame.set_axis(frame.columns.get_level_values(prices), axis=1)
    else:
        for column in frame.columns:
            if _plain(column) in ("ticker", "symbol", "tic", "name"):
                tickers = list(dict.fromkeys(frame[column]))
    if len(tickers) > 1:
        raise PriceDataError(
            f"{source} must hold one ticker; select one, such as frame[frame['Ticker'] == {tickers[0]!r}]. "
            f"Received: {', '.join(map(str, tickers[:5]))}"
        )
    names = [_plain(column) for column in frame.columns]
    twice = sorted({name for name in names if name in _KNOWN and names.count(name) > 1})
    missing = [name for name in COLUMNS if name.lower() not in names]
    if twice or missing:
        what = f"{' and '.join(twice)} twice" if twice else f"no {', '.join(missing)}"
        raise PriceDataError(
            f"{source} must have the columns {', '.join(COLUMNS)} once each, in any order and case. "
            f"Received: {what}, among {', '.join(map(str, frame.columns))[:200]}"
        )
    return frame.set_axis(names, axis=1)


def _plain(name):
    return re.sub(r"[^a-z]", "", str(name).lower())


def dates_of(frame, source, first_line):
    """The day of every row, as a DatetimeIndex at midnight; intraday rows are refused."""
    pandas = import_pandas()
    column = next((name for name in ("date", "datetime") if name in frame.columns), None)
    given = frame[column] if column else frame.index.to_series()
    if pandas.api.types.is_numeric_dtype(given):
        raise PriceDataError(
            f"{source} must say the day of every row, in its index or in a column Date. Received: numbers such as {given.iloc[0]}"
        )
    if pandas.api.types.is_datetime64_any_dtype(given):
        moments = given.dt.tz_localize(None)
    else:  # an offset is cut off, so that the local day stays and summer time changes nothing
        text = given.astype(str).str.replace(r"(?<=:\d\d)(\.\d+)?([+-]\d\d:?\d\d|Z)$", "", regex=True)
        moments = pandas.to_datetime(text, errors="coerce")
    for row in np.flatnonzero(moments.isna()):
        raise PriceDataError(
            f"{Places(source, [None] * len(moments), first_line)(row)}: write dates like 2020-01-31, all "
            f"in one way, or remove the row. Received: {str(given.iloc[row])!r}"
        )
    days = moments.dt.normalize()
    if (moments != days).any() and (days.duplicated() & ~moments.duplicated()).any():
        row = int(np.flatnonzero(days.duplicated() & ~moments.duplicated())[0])
        raise PriceDataError(
            f"{source} must be daily, one row for each trading day; make days of it first. Received: "
            f"intraday rows, such as {moments.iloc[row - 1]} and {moments.iloc[row]}"
        )
    return pandas.DatetimeIndex(days)
