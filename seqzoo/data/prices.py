"""Daily prices from files and frames: one form for all, and every oddity named with its place and what to
do.
"""

import re
import warnings
from pathlib import Path

import numpy as np

from seqzoo.data.price_windows import COLUMNS

JUMPS = ("error", "keep")
# What a price falls or rises by over a night when shares are split or merged and nobody adjusted the past.
_SPLITS = np.log([1.5, 2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 40, 50, 100])
_LARGE = 0.4  # of log price in one night: worth a look


class PriceDataError(ValueError):
    """Prices that cannot be what they are said to be; the text names the place and what to do."""


class PriceDataWarning(UserWarning):
    """Prices that are odd but can be real."""


def read_prices(path, jumps="error"):
    """Read one CSV file of daily prices, such as Yahoo's `Date,Open,High,Low,Close,Adj Close,Volume`.

    Columns may stand in any order and case; others are ignored. `Close` is used as it is, adjusted or not.

    Args:
        path: the file.
        jumps: as for `check_prices`.

    Returns:
        pandas DataFrame as from `check_prices`.

    Raises:
        FileNotFoundError: if there is no such file.
        PriceDataError: if it holds no such table, or prices with an error in them.
        ImportError: without pandas; install `seqzoo[stocks]`.
    """
    return check_prices(read_table(path), source=str(path), jumps=jumps, first_line=2)


def read_table(path):
    """The table of a CSV file, unchecked. Raises as `read_prices` does."""
    pandas = import_pandas()
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"Prices are read from a CSV file. Received: {str(path)!r}, where there is none"
        )
    try:
        return pandas.read_csv(path)
    except (ValueError, UnicodeDecodeError, pandas.errors.ParserError, pandas.errors.EmptyDataError) as error:
        raise PriceDataError(f"{path} must be a CSV file with a header line. Received: {error}") from None


def import_pandas():
    try:
        import pandas
    except ImportError as error:
        raise ImportError(
            f"Prices are kept in pandas: pip install 'seqzoo[stocks]'. Received: {error}"
        ) from error
    return pandas


def check_prices(frame, source="the frame", jumps="error", first_line=None):
    """The prices of one ticker in the one form that the rest of seqzoo takes.

    Args:
        frame: pandas DataFrame with Open, High, Low, Close and Volume in any order and case, dates as the
            index or in a column Date. Dates with a time zone keep their local day. A frame with a column level
            of tickers, as yfinance gives it, may hold one.
        source: what messages call it.
        jumps: "error" refuses a night whose move looks like an unadjusted split; "keep" takes it as real.
        first_line: number of the first row in a file, for messages.

    Returns:
        DataFrame of float64 with the columns Open, High, Low, Close, Volume and an index of days, `Date`.

    Raises:
        TypeError: if `frame` is no DataFrame.
        PriceDataError: for missing columns, two tickers, intraday or weekly rows, duplicate, unsorted or
            unreadable dates, values that are missing, not numbers, zero or negative, High below Low, or a
            split-like jump.

    Warns:
        PriceDataWarning: for an open or close outside the day's range, and for a night's move of over 40 %.
    """
    pandas = import_pandas()
    if not isinstance(frame, pandas.DataFrame):
        raise TypeError(f"Prices come as a pandas DataFrame. Received: {type(frame).__name__}")
    if jumps not in JUMPS:
        raise ValueError(f"`jumps` must be {' or '.join(map(repr, JUMPS))}. Received: {jumps!r}")
    if not len(frame):
        raise PriceDataError(f"{source} must have a row for each trading day. Received: no rows")
    frame = _named_columns(frame, source)
    dates = _dates(frame, source, first_line)
    place = _Places(source, dates, first_line)
    _check_order(dates, place)
    values = pandas.DataFrame(
        {
            name: pandas.to_numeric(frame[name.lower()], errors="coerce").to_numpy(np.float64)
            for name in COLUMNS
        },
        index=pandas.DatetimeIndex(dates, name="Date"),
    )
    _check_values(values, frame, place)
    _check_jumps(values, jumps, place)
    return values


class _Places:
    """How messages say where: `GSPC.csv, line 12 (2001-03-04)`."""

    def __init__(self, source, dates, first_line):
        self.source, self.dates, self.first_line = source, dates, first_line

    def __call__(self, row):
        number = f"row {row}" if self.first_line is None else f"line {row + self.first_line}"
        day = self.dates[row]
        return f"{self.source}, {number} ({'no date' if day is None else f'{day:%Y-%m-%d}'})"


def _named_columns(frame, source):
    """The frame with columns named open, high, ... ; only those that are known."""
    tickers = ()
    if frame.columns.nlevels > 1:  # yfinance: (Price, Ticker) or (Ticker, Price)
        levels = [
            list(dict.fromkeys(frame.columns.get_level_values(k))) for k in range(frame.columns.nlevels)
        ]
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
            "Received: "
            f"{', '.join(map(str, tickers[:5]))}"
        )
    names = [_plain(column) for column in frame.columns]
    twice = sorted({name for name in names if name in _KNOWN and names.count(name) > 1})
    missing = [name for name in COLUMNS if name.lower() not in names]
    if twice or missing:
        what = f"{' and '.join(twice)} twice" if twice else f"no {', '.join(missing)}"
        raise PriceDataError(
            f"{source} must have the columns {', '.join(COLUMNS)} once each, in any order and case. "
            f"Received: {what}, "
            f"among {', '.join(map(str, frame.columns))[:200]}"
        )
    return frame.set_axis(names, axis=1)


def _plain(name):
    return re.sub(r"[^a-z]", "", str(name).lower())


_KNOWN = {"open", "high", "low", "close", "volume", "date", "datetime"}


def _dates(frame, source, first_line):
    """The day of every row, as a DatetimeIndex at midnight; intraday rows are refused."""
    pandas = import_pandas()
    column = next((name for name in ("date", "datetime") if name in frame.columns), None)
    given = frame[column] if column else frame.index.to_series()
    if pandas.api.types.is_numeric_dtype(given):
        raise PriceDataError(
            f"{source} must say the day of every row, in its index or in a column Date. Received: numbers "
            f"such as {given.iloc[0]}"
        )
    if pandas.api.types.is_datetime64_any_dtype(given):
        moments = given.dt.tz_localize(None)
    else:  # an offset is cut off, so that the local day stays and summer time changes nothing
        text = given.astype(str).str.replace(r"(?<=:\d\d)(\.\d+)?([+-]\d\d:?\d\d|Z)$", "", regex=True)
        moments = pandas.to_datetime(text, errors="coerce")
    for row in np.flatnonzero(moments.isna()):
        raise PriceDataError(
            f"{_Places(source, [None] * len(moments), first_line)(row)}: write dates like 2020-01-31, all "
            "in one way, or "
            f"remove the row. Received: {str(given.iloc[row])!r}"
        )
    days = moments.dt.normalize()
    if (moments != days).any() and (days.duplicated() & ~moments.duplicated()).any():
        row = int(np.flatnonzero(days.duplicated() & ~moments.duplicated())[0])
        raise PriceDataError(
            f"{source} must be daily, one row for each trading day; make days of it first. Received: "
            "intraday rows, such as "
            f"{moments.iloc[row - 1]} and {moments.iloc[row]}"
        )
    return pandas.DatetimeIndex(days)


def _check_order(dates, place):
    steps = np.diff(dates.to_numpy()) / np.timedelta64(1, "D")
    again = np.flatnonzero(dates.duplicated())
    if len(again):
        raise PriceDataError(
            f"{place(int(again[0]))}: every day must stand once, and a frame must hold one ticker; remove "
            "what is too much. "
            f"Received: the date again, as on {len(again)} rows"
        )
    back = np.flatnonzero(steps < 0)
    if len(back):
        raise PriceDataError(
            f"{place(int(back[0]) + 1)}: dates must rise; sort the rows, as with frame.sort_index(), if "
            "they are of one "
            f"ticker. Received: it comes after {dates[int(back[0])]:%Y-%m-%d}"
        )
    if len(steps) >= 3 and np.median(steps) > 3:
        raise PriceDataError(
            f"{place.source} must be daily, one row for each trading day. Received: rows "
            f"{np.median(steps):.0f} days apart, "
            "as in weekly or monthly data"
        )


def _check_values(values, frame, place):
    for name in COLUMNS:
        column = values[name].to_numpy()
        smallest = 0.0 if name == "Volume" else np.nextafter(0, 1)
        wrong = np.flatnonzero(~(np.isfinite(column) & (column >= smallest)))
        if len(wrong):
            kind = "a number of at least 0" if name == "Volume" else "a number above 0"
            raise PriceDataError(
                f"{place(int(wrong[0]))}: {name} must be {kind}; correct the row or remove it. Received: "
                f"{frame[name.lower()].iloc[wrong[0]]!r}, and {len(wrong) - 1} more such rows"
            )
    opened, high, low, close = (values[name].to_numpy() for name in COLUMNS[:4])
    wrong = np.flatnonzero(high < low)
    if len(wrong):
        row = int(wrong[0])
        raise PriceDataError(
            f"{place(row)}: High must be at least Low; correct the row or remove it. Received: High "
            f"{high[row]:g}, Low "
            f"{low[row]:g}, and {len(wrong) - 1} more such rows"
        )
    # Vendors round and adjust the four prices one by one: a thousandth is no news.
    outside = np.maximum(opened, close) > high * 1.001
    outside |= np.minimum(opened, close) < low * 0.999
    if outside.any():
        row = int(np.flatnonzero(outside)[0])
        warnings.warn(
            f"{place(row)}: Open or Close lies outside the day's Low to High, as on {outside.sum()} rows; "
            "the vendor's "
            "prices may not fit each other",
            PriceDataWarning,
            stacklevel=4,
        )


def _check_jumps(values, jumps, place):
    opened, high, low, close = (values[name].to_numpy() for name in COLUMNS[:4])
    night = np.concatenate([[0.0], np.log(opened[1:] / close[:-1])])
    day_range = np.log(high / low)
    for row in np.flatnonzero(np.abs(night) > np.log(1.4)):
        usual = np.median(day_range[max(0, row - 60) : row])
        if usual == 0:  # closes alone, as of an index of volatility: nothing is ordinary there
            continue
        nearest = _SPLITS[np.argmin(np.abs(_SPLITS - abs(night[row])))]
        # A split is near a round ratio, and the day after it is an ordinary one; after a crash it is not.
        ordinary = day_range[row] < max(3 * usual, 0.02)
        if (
            jumps == "error"
            and ordinary
            and abs(abs(night[row]) - nearest) < min(0.04, max(0.02, 1.5 * usual))
        ):
            raise PriceDataError(
                f"{place(int(row))}: looks like a split that the prices before it were not adjusted for; "
                "divide them by "
                f'{np.exp(-np.sign(night[row]) * nearest):.4g}, or pass jumps="keep" if it is real. '
                "Received: close "
                f"{close[row - 1]:g}, then open {opened[row]:g}"
            )
        if abs(night[row]) > _LARGE:
            warnings.warn(
                f"{place(int(row))}: a move from {close[row - 1]:g} to {opened[row]:g} overnight; make sure "
                "that it is "
                "real",
                PriceDataWarning,
                stacklevel=4,
            )
