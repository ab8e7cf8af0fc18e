"""Daily prices from files and frames: one form for all, and every oddity named with its place and what to do."""

import os
import warnings
from typing import TYPE_CHECKING, Literal

import numpy as np

from seqzoo.data.price_checks import check_moves, check_order, check_values
from seqzoo.data.price_dates import days_of
from seqzoo.data.price_layout import read_table
from seqzoo.data.price_numbers import decimal_of, is_nothing, numbers
from seqzoo.data.price_table import Places, PriceDataError, PriceDataWarning, columns_of, import_pandas
from seqzoo.data.price_windows import COLUMNS

if TYPE_CHECKING:
    import pandas

__all__ = ["PriceDataError", "PriceDataWarning", "check_prices", "import_pandas", "read_prices", "read_table", "tidy_prices"]
JUMPS = ("error", "keep")


def read_prices(path: str | os.PathLike, jumps: Literal["error", "keep"] = "error") -> "pandas.DataFrame":
    """Read one CSV file of daily prices of one ticker, in the layout of whoever wrote it.

    Read are the files of Yahoo, yfinance (with its three lines of header), Stooq, Alpha Vantage, Nasdaq, investing.com,
    Binance, Kraken and Coinbase (with and without header), MetaTrader and what resembles them: columns in any order and case
    under the usual names, others ignored; newest day first or last; commas, semicolons, tabs; decimal commas; `$` and
    `12M`; packed (.gz, .bz2, .xz, .zip). `Close` is used as it is, adjusted or not.

    Args:
        path: the file.
        jumps: as for `check_prices`.

    Returns:
        pandas DataFrame as from `check_prices`.

    Raises:
        FileNotFoundError: if there is no such file.
        PriceDataError: if it holds no such table, or prices with an error in them.
        ImportError: without pandas; install `seqzoo[stocks]`.

    Warns:
        PriceDataWarning: as `check_prices` does.
    """
    return check_prices(read_table(path), source=str(path), jumps=jumps)


def check_prices(
    frame: "pandas.DataFrame",
    source: str = "the frame",
    jumps: Literal["error", "keep"] = "error",
    first_line: int | None = None,
) -> "pandas.DataFrame":
    """The prices of one ticker in the one form that the rest of seqzoo takes.

    Args:
        frame: pandas DataFrame with Open, High, Low, Close and Volume in any order and case, or under a vendor's names, dates
            as the index or in a column Date. Dates with a time zone keep their local day. A frame with a column level of
            tickers, as yfinance gives it, may hold one. Days may fall, the newest first: they are turned round.
        source: what messages call it.
        jumps: "error" refuses a night whose move looks like an unadjusted split; "keep" takes it as real.
        first_line: number of the first row in a file, for messages.

    Returns:
        DataFrame of float64 with the columns Open, High, Low, Close, Volume and an index of days, `Date`. What had to be
        assumed to read it is in its `attrs["assumed"]`, a list of str.

    Raises:
        TypeError: if `frame` is no DataFrame.
        PriceDataError: for missing columns, two tickers, intraday or weekly rows, duplicate, unsorted or
            unreadable dates, values that are missing, not numbers, zero or negative, High below Low, or a split-like jump.

    Warns:
        PriceDataWarning: for what had to be assumed, an open or close outside the day's range, and a night's move of over 40 %.
    """
    if jumps not in JUMPS:
        raise ValueError(f"`jumps` must be {' or '.join(map(repr, JUMPS))}. Received: {jumps!r}")
    values, place = tidy_prices(frame, source, first_line)
    check_moves(values, jumps, place)
    return values


def tidy_prices(frame, source="the frame", first_line=None):
    """`check_prices` without a look at how prices move, which is asked of the rows that are used; see `check_moves`.

    Returns:
        the DataFrame, and its `Places`. Raises and warns as `check_prices` does.
    """
    pandas = import_pandas()
    if not isinstance(frame, pandas.DataFrame):
        raise TypeError(f"Prices come as a pandas DataFrame. Received: {type(frame).__name__}")
    layout = frame.attrs.get("layout", {})
    lines, known = layout.get("lines"), frame.attrs.get("assumed", [])
    if lines is None or len(lines) != len(frame):
        lines = None if first_line is None else list(range(first_line, first_line + len(frame)))
    if not len(frame):
        raise PriceDataError(f"{source} must have a row for each trading day. Received: no rows")
    columns, assumed = columns_of(frame, source)
    dates, more = days_of(columns["date"], source, lines)
    assumed = [*layout.get("assumed", []), *assumed, *more]
    given = pandas.DataFrame({name: columns[name.lower()].to_numpy() for name in COLUMNS}, index=dates)
    if len(dates) > 1 and (np.diff(dates.to_numpy()) < np.timedelta64(0)).all():
        given, dates, lines = given.iloc[::-1], dates[::-1], lines and lines[::-1]
        assumed.append("the newest day is first")
    place = Places(source, dates, lines)
    check_order(dates, place)
    values = _values_of(given, layout.get("decimal", "."), assumed)
    check_values(values, given, place)
    values.attrs["assumed"] = [*known, *assumed]
    if assumed:
        warnings.warn(f"{source} is read so: {'; '.join(assumed)}", PriceDataWarning, stacklevel=3)
    return values, place


def _values_of(given, unsure, assumed):
    """The values as numbers; `unsure` is the decimal sign where 1,234 could be either."""
    pandas = import_pandas()
    decimal = decimal_of([given[name] for name in COLUMNS[:4] if given[name].dtype.kind not in "iuf"])
    if decimal is None:
        assumed.append(f"1,234 is {'1234' if unsure == '.' else '1.234'}")
        decimal = unsure
    elif decimal == ",":
        assumed.append("decimals stand after a comma")
    if is_nothing(given["Volume"]):
        assumed.append("Volume is not known, so it is taken as even (which moves a forecast by about 5 %)")
        given["Volume"] = 0.0
    values = {name: numbers(given[name], decimal, name == "Volume") for name in COLUMNS}
    return pandas.DataFrame(values, index=given.index.rename("Date"))
