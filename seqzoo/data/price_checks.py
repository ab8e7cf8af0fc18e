"""What daily prices cannot be: days out of order, impossible values, splits that nobody adjusted for."""

import warnings

import numpy as np

from seqzoo.data.price_table import PriceDataError, PriceDataWarning
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
            f"{high[row]:g}, Low {low[row]:g}, and {len(wrong) - 1} more such rows"
        )
    # Vendors round and adjust the four prices one by one: a thousandth is no news.
    outside = np.maximum(opened, close) > high * 1.001
    outside |= np.minimum(opened, close) < low * 0.999
    if outside.any():
        row = int(np.flatnonzero(outside)[0])
        warnings.warn(
            f"{place(row)}: Open or Close lies outside the day's Low to High, as on {outside.sum()} rows; "
            "the vendor's prices may not fit each other",
            PriceDataWarning,
            stacklevel=4,
        )


def check_jumps(values, jumps, place):
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
        if jumps == "error" and ordinary and abs(abs(night[row]) - nearest) < min(0.04, max(0.02, 1.5 * usual)):
            raise PriceDataError(
                f"{place(int(row))}: looks like a split that the prices before it were not adjusted for; "
                "divide them by "
                f'{np.exp(-np.sign(night[row]) * nearest):.4g}, or pass jumps="keep" if it is real. '
                f"Received: close {close[row - 1]:g}, then open {opened[row]:g}"
            )
        if abs(night[row]) > _LARGE:
            warnings.warn(
                f"{place(int(row))}: a move from {close[row - 1]:g} to {opened[row]:g} overnight; make sure that it is real",
                PriceDataWarning,
                stacklevel=4,
            )
