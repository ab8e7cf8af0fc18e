"""What daily prices cannot be: days out of order, impossible values, splits that nobody adjusted for."""

import warnings

import numpy as np

from seqzoo.data.price_ranges import LARGEST, SMALLEST
from seqzoo.data.price_table import PriceDataError, PriceDataWarning, shown
from seqzoo.data.price_windows import COLUMNS

# What a price falls or rises by over a night when shares are split or merged and nobody adjusted the past.
_SPLITS = np.log([1.5, 2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 40, 50, 100])
_LARGE = 0.4  # of log price in one night: worth a look


def check_order(dates, place):
    steps = np.diff(dates.to_numpy()) / np.timedelta64(1, "D")
    again = np.flatnonzero(dates.duplicated())
    if len(again):
        raise PriceDataError(
            f"{place(int(again[0]))}: every day must stand once, and a frame must hold one ticker; remove "
            f"what is too much. Received: the date again, as on {len(again)} rows"
        )
    back = np.flatnonzero(steps < 0)
    if len(back):
        raise PriceDataError(
            f"{place(int(back[0]) + 1)}: dates must rise; sort the rows, as with frame.sort_index(), if "
            f"they are of one ticker. Received: it comes after {dates[int(back[0])]:%Y-%m-%d}"
        )
    if len(steps) >= 3 and np.median(steps) > 3:
        raise PriceDataError(
            f"{place.source} must be daily, one row for each trading day. Received: rows "
            f"{np.median(steps):.0f} days apart, as in weekly or monthly data"
        )


def check_values(values, frame, place):
    for name in COLUMNS:
        column = values[name].to_numpy()
        smallest = 0.0 if name == "Volume" else SMALLEST
        wrong = np.flatnonzero(~((column >= smallest) & (column <= LARGEST)))
        if len(wrong):
            kind = "a number of at least 0" if name == "Volume" else "a number above 0"
            if np.isfinite(column[wrong[0]]) and column[wrong[0]] > 0:
                kind += f", from {SMALLEST:g} to {LARGEST:g}"
            raise PriceDataError(
                f"{place(int(wrong[0]))}: {name} must be {kind}; correct the row or remove it. Received: "
                f"{shown(frame[name].iloc[wrong[0]])}, and {len(wrong) - 1} more such rows"
            )
    opened, high, low, close = (values[name].to_numpy() for name in COLUMNS[:4])
    wrong = np.flatnonzero(high < low)
    if len(wrong):
        row = int(wrong[0])
        raise PriceDataError(
            f"{place(row)}: High must be at least Low; correct the row or remove it. Received: High "
            f"{high[row]:g}, Low {low[row]:g}, and {len(wrong) - 1} more such rows"
        )


def check_moves(values, jumps, place, first=0):
    """Refuse what looks like a split that nobody adjusted for, and warn of the odd, once of each kind.

    Args:
        values: checked prices, a DataFrame.
        jumps: "error", or "keep" to take such nights as real.
        place: `Places` of its rows.
        first: the first row that is used; of those before it nothing is said.
    """
    opened, high, low, close = (values[name].to_numpy() for name in COLUMNS[:4])
    # Vendors round and adjust the four prices one by one: a thousandth is no news.
    outside = (np.maximum(opened, close) > high * 1.001) | (np.minimum(opened, close) < low * 0.999)
    rows = first + np.flatnonzero(outside[first:])
    if len(rows):
        _warn(place, rows, "Open or Close lies outside the day's Low to High", "the vendor's prices may not fit each other")
    night = np.concatenate([[0.0], np.log(opened[1:] / close[:-1])])
    day_range = np.log(high / low)
    wild = []
    for row in first + 1 + np.flatnonzero(np.abs(night[first + 1 :]) > np.log(1.4)):
        usual = np.median(day_range[max(0, row - 60) : row])
        if usual == 0:  # closes alone, as of an index of volatility: nothing is ordinary there
            continue
        nearest = _SPLITS[np.argmin(np.abs(_SPLITS - abs(night[row])))]
        # A split is near a round ratio, and the day after it is an ordinary one; after a crash it is not.
        ordinary = day_range[row] < max(3 * usual, 0.02)
        if jumps == "error" and ordinary and abs(abs(night[row]) - nearest) < min(0.04, max(0.02, 1.5 * usual)):
            raise PriceDataError(
                f"{place(int(row))}: looks like a split that the prices before it were not adjusted for; "
                "divide them by "
                f'{np.exp(-np.sign(night[row]) * nearest):.4g}, or pass jumps="keep" if it is real. '
                f"Received: close {close[row - 1]:g}, then open {opened[row]:g}"
            )
        if abs(night[row]) > _LARGE:
            wild.append(row)
    if wild:
        moved = f"a move from {close[wild[0] - 1]:g} to {opened[wild[0]]:g} overnight"
        _warn(place, wild, moved, "make sure that it is real")


def _warn(place, rows, what, advice):
    more = f" (and on {len(rows) - 1} more rows)" if len(rows) > 1 else ""
    warnings.warn(f"{place(int(rows[0]))}: {what}{more}; {advice}", PriceDataWarning, stacklevel=4)
