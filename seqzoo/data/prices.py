"""Daily prices from files and frames: one form for all, and every oddity named with its place and what to do."""

import os
from typing import TYPE_CHECKING, Literal

import numpy as np

from seqzoo.data.price_checks import check_jumps, check_order, check_values
from seqzoo.data.price_table import (
    Places,
    PriceDataError,
    PriceDataWarning,
    dates_of,
    import_pandas,
    named_columns,
    read_table,
)
from seqzoo.data.price_windows import COLUMNS

if TYPE_CHECKING:
    import pandas

__all__ = ["PriceDataError", "PriceDataWarning", "check_prices", "import_pandas", "read_prices", "read_table"]
JUMPS = ("error", "keep")


def read_prices(path: str | os.PathLike, jumps: Literal["error", "keep"] = "error") -> "pandas.DataFrame":
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


def check_prices(
    frame: "pandas.DataFrame",
    source: str = "the frame",
    jumps: Literal["error", "keep"] = "error",
    first_line: int | None = None,
) -> "pandas.DataFrame":
    """The prices of one ticker in the one form that the rest of seqzoo takes.

    Args:
        frame: pandas DataFrame with Open, High, Low, Close and Volume in any order and case, dates as the index or in
            a column Date. Dates with a time zone keep their local day. A frame with a column level of tickers, as
            yfinance gives it, may hold one.
        source: what messages call it.
        jumps: "error" refuses a night whose move looks like an unadjusted split; "keep" takes it as real.
        first_line: number of the first row in a file, for messages.

    Returns:
        DataFrame of float64 with the columns Open, High, Low, Close, Volume and an index of days, `Date`.

    Raises:
        TypeError: if `frame` is no DataFrame.
        PriceDataError: for missing columns, two tickers, intraday or weekly rows, duplicate, unsorted or
            unreadable dates, values that are missing, not numbers, zero or negative, High below Low, or a split-like jump.

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
    frame = named_columns(frame, source)
    dates = dates_of(frame, source, first_line)
    place = Places(source, dates, first_line)
    check_order(dates, place)
    values = pandas.DataFrame(
        {name: pandas.to_numeric(frame[name.lower()], errors="coerce").to_numpy(np.float64) for name in COLUMNS},
        index=pandas.DatetimeIndex(dates, name="Date"),
    )
    check_values(values, frame, place)
    check_jumps(values, jumps, place)
    return values
