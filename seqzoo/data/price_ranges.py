"""Days without a range: how many of them a forecast from the day's range bears. Imports neither pandas nor TensorFlow."""

import numpy as np

from seqzoo.data.price_table import PriceDataError
from seqzoo.data.price_windows import SMALLEST_VARIANCE, STEPS, WINDOW, parkinson_variance

# Of the year and of the last 60 days. Where the prices of 16 large companies are flattened on a random tenth of the days,
# forecasts of volatility come out at 0.83 of what they were (the median), on a fifth at 0.67, on half at 0.32; where every
# day is flat, at anything up to infinity. Volatility that is a sixth too low is as much as seems bearable. Measured by
# recipes/stocks/odd_prices.py.
LEAST_SHARE = 0.9
# Beyond these nothing was ever traded: shares of a coin cost 1e-12 dollars, an index in old money 1e12.
SMALLEST, LARGEST = 1e-20, 1e20
NEEDED = ((WINDOW, "days that a forecast looks back on"), (STEPS, "last days"))


def has_range(high, low):
    """Whether prices moved within a day, bool, of the shape of the arrays `high` and `low`."""
    return parkinson_variance(np.asarray(high, np.float64), np.asarray(low, np.float64)) > SMALLEST_VARIANCE


def most_still(days):
    """How many of so many days may be without a range."""
    return round((1 - LEAST_SHARE) * days)


def check_ranges(windows, name_of, source="the prices"):
    """Refuse windows of prices `[n, WINDOW, 5]` with too many days on which nothing moved.

    Args:
        windows: float64, columns as in `seqzoo.data.price_windows.COLUMNS`.
        name_of: function of (window, row in it) that names a day.
        source: what messages call the prices.

    Raises:
        PriceDataError: where less than `LEAST_SHARE` of a window's days, or of its last `STEPS`, have High above Low.
    """
    still = ~has_range(windows[..., 1], windows[..., 2])
    for days, what in NEEDED:
        counts = still[:, -days:].sum(axis=1)
        wrong = np.flatnonzero(counts > most_still(days))
        if len(wrong):
            window = int(wrong[0])
            rows = np.flatnonzero(still[window, -days:]) + WINDOW - days
            raise PriceDataError(
                f"{source}: a forecast is made from the day's range, so High must be above Low on at least "
                f"{days - most_still(days)} of the {days} {what}; take prices of something that is traded all day "
                f"(funds, many indices and days before trading have one price a day). Received: High equal to Low on "
                f"{counts[window]} of the {days} days to {name_of(window, WINDOW - 1)}: "
                f"{listed([name_of(window, int(row)) for row in rows])}"
            )


def listed(names, most=4):
    """A few names, the first and the last of many: "a, b, c, ... z"."""
    return ", ".join(names) if len(names) <= most else f"{', '.join(names[: most - 1])}, ... {names[-1]}"
