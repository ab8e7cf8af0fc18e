"""What a forecaster reads of a table of prices, checked before any network is there. Imports no TensorFlow."""

import warnings
from typing import Any, NamedTuple

import numpy as np

from seqzoo.data.market import Beside, market_rows
from seqzoo.data.market_windows import MARKET_COLUMNS, WIDE_COLUMNS
from seqzoo.data.price_checks import check_moves
from seqzoo.data.price_ranges import check_ranges, has_range, listed
from seqzoo.data.price_table import PriceDataError, PriceDataWarning, import_pandas, shown
from seqzoo.data.price_windows import COLUMNS, STEPS, WINDOW, windows_of
from seqzoo.data.prices import JUMPS, tidy_prices

_CHUNK = 512  # windows looked at together


class AskedPrices(NamedTuple):
    """frame: checked prices, all rows. ends: int `[n]`, the rows to forecast from. source: what messages call them.

    known: what stands beside the prices in `frame`, of "market" and "vix".
    """

    frame: Any
    ends: Any
    source: str
    known: tuple = ()

    @property
    def rows(self):
        """float64 `[days, 5]`."""
        return self.frame[list(COLUMNS)].to_numpy()

    @property
    def wide_rows(self):
        """float64 `[days, 9]`, columns as in `seqzoo.data.market_windows.WIDE_COLUMNS`."""
        return self.frame[list(WIDE_COLUMNS)].to_numpy()

    @property
    def asof(self):
        """The days to forecast from, a DatetimeIndex."""
        return self.frame.index[self.ends].rename("asof")


def prices_to_read(frame, start=None, jumps="error", source="the frame", days=1, beside=None):
    """The prices that a forecast reads, checked.

    Args:
        frame: as for `seqzoo.data.prices.check_prices`, which checks all of its rows but for how prices move: that is asked
            of the rows that are read.
        start: a date, to forecast from every day on from it; see `seqzoo.tasks.stock_forecasting.Forecaster.forecast`.
        jumps: "error" or "keep", as there.
        source: what messages call the prices.
        days: without `start`, from how many days to forecast, the last ones.
        beside: `seqzoo.data.market.Beside`, put on the days of the prices as columns `MARKET_COLUMNS`. A frame that has
            these columns, as this function gives it, keeps them.

    Returns:
        `AskedPrices`.

    Raises and warns as `forecast` does.
    """
    if jumps not in JUMPS:
        raise ValueError(f"`jumps` must be {' or '.join(map(repr, JUMPS))}. Received: {jumps!r}")
    start = None if start is None else date_of(start)
    here = _columns_here(frame)
    frame, place = tidy_prices(frame, source)
    needed = WINDOW + days - 1
    if len(frame) < needed:
        what = "A forecast" if days == 1 else f"To follow a forecast over {days - 1} days"
        raise PriceDataError(
            f"{what} {'needs' if days == 1 else 'takes'} at least {needed} daily rows; give a longer history. Received: "
            f"{len(frame)} rows, to {frame.index[-1]:%Y-%m-%d}, in {source}"
        )
    first = len(frame) - days
    if start is not None:
        first = max(WINDOW - 1, int(frame.index.searchsorted(start)))
    if first == len(frame):
        raise PriceDataError(
            f"The frame must reach `start`; give newer rows or an earlier start. Received: start={start:%Y-%m-%d}, last row "
            f"{frame.index[-1]:%Y-%m-%d}, in {source}"
        )
    check_moves(frame, jumps, place, first - WINDOW + 1)
    beside = beside or Beside()
    rows = market_rows(frame.index, beside, first - WINDOW + 1) if here is None or beside.known else here
    frame[list(MARKET_COLUMNS)] = rows
    known = tuple(name for name, column in (("market", 2), ("vix", 3)) if rows[-1, column] > 0)
    asked = AskedPrices(frame, np.arange(first, len(frame)), source, known)
    _check_ranges(asked)
    return asked


def forecasts_of(model, prices):
    """What a forecaster says of `AskedPrices`: a DataFrame as its `forecast` gives it."""
    rows = prices.rows
    if model.takes_market:
        rows = prices.wide_rows
    elif prices.known:
        raise ValueError(
            f"{getattr(model, 'name', model.task)} reads the prices of its ticker alone; leave out `market` and `vix`, or take a "
            f"model that takes them. Received: {' and '.join(prices.known)}"
        )
    found = import_pandas().DataFrame(model.predict_rows(rows, prices.ends), index=prices.asof, columns=list(model.outputs))
    if model.takes_market:
        found.attrs["known"] = list(prices.known)
    return found


def _columns_here(frame):
    """The columns `MARKET_COLUMNS` of a frame that was read here before; None where it has none."""
    if list(MARKET_COLUMNS) == list(getattr(frame, "columns", ()))[-len(MARKET_COLUMNS) :]:
        return frame[list(MARKET_COLUMNS)].to_numpy()
    return None


def _check_ranges(asked):
    rows, index = asked.rows, asked.frame.index
    for begin in range(0, len(asked.ends), _CHUNK):
        ends = asked.ends[begin : begin + _CHUNK]
        check_ranges(
            windows_of(rows, ends),
            lambda window, row, ends=ends: f"{index[ends[window] - WINDOW + 1 + row]:%Y-%m-%d}",
            asked.source,
        )
    still = np.flatnonzero(~has_range(rows[-STEPS:, 1], rows[-STEPS:, 2]))
    if len(still):
        names = [f"{day:%Y-%m-%d}" for day in index[-STEPS:][still]]
        warnings.warn(
            f"{asked.source}: High equals Low on {len(still)} of the last {STEPS} days, {listed(names)}; if prices moved on "
            "them, the forecast is too low",
            PriceDataWarning,
            stacklevel=4,
        )


def date_of(value):
    """A date as a pandas Timestamp at midnight. Raises PriceDataError for anything else."""
    pandas = import_pandas()
    try:
        date = pandas.Timestamp(value)
        if date is pandas.NaT or isinstance(value, (int, float)):
            raise ValueError
        return date.tz_localize(None).normalize()
    except (ValueError, TypeError, OverflowError):
        raise PriceDataError(f"`start` must be a date such as '2020-01-31'. Received: {shown(value)}") from None
