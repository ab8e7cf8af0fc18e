"""What a forecaster sees of daily prices: windows of raw rows, and features made inside each window.

A window is `WINDOW` consecutive rows of Open, High, Low, Close, Volume, the last of which is the day of the
forecast. Every feature is made from, and normalised by, its own window, so there is no scaler that could
have seen other days, and prices in another currency or before a split give the same features.
"""

import numpy as np

COLUMNS = ("Open", "High", "Low", "Close", "Volume")
WINDOW = 250  # rows a forecast needs: about a year
STEPS = 60  # the last rows, which the network reads one by one
FEATURES = (
    "log_range",
    "return",
    "absolute_return",
    "overnight_return",
    "log_volume",
    "level",
    "week",
    "month",
    "fall",
    "week_falls",
    "month_falls",
)
RULES = f"""\
Of the last {WINDOW} days' Open O, High H, Low L, Close C, Volume V, oldest first; ln is the natural logarithm:
1. v = max(x, 0.001 mean(x) + 1e-10) with x = ln(H / L)^2 / (4 ln 2), the mean over all {WINDOW} days.
2. anchor = mean of ln v over the last {STEPS} days. s = exp(anchor / 2).
3. r[t] = ln(C[t] / C[t-1]) / s and f[t] = min(r[t], 0), from the second day on.
The input has a row for each of the last {STEPS} days t and in it, in this order:
log_range = clip(ln v[t] - anchor, -6, 6); return = clip(r[t], -8, 8); absolute_return = min(|r[t]|, 8);
overnight_return = clip(ln(O[t] / C[t-1]) / s, -8, 8); log_volume = clip(ln max(V[t], 1) minus its mean over the
last {STEPS} days, -4, 4); level = anchor minus the mean of ln v over all {WINDOW} days; week and month = ln of the
mean of v over the 5 and the 22 days up to t, minus anchor; fall = max(f[t], -8); week_falls and month_falls = mean
of f over the 5 and the 22 days up to t.
"""
SMALLEST_VARIANCE = 1e-10  # a range of 0.002 %: below the tick of any price


def parkinson_variance(high, low, xp=np):
    """Variance of a day's log price from its range, `ln(high / low)^2 / (4 ln 2)`.

    Parkinson, "The Extreme Value Method for Estimating the Variance of the Rate of Return", Journal of
    Business 1980. It covers the trading hours, not the night before. Any float arrays of one shape; `xp` as
    for `window_features`.
    """
    return xp.log(high / low) ** 2 / (4 * np.log(2.0))


def windows_of(rows, ends):
    """The windows that end at the given rows.

    Args:
        rows: float `[days, 5]`, columns as in `COLUMNS`.
        ends: int `[n]`, each at least `WINDOW - 1`.

    Returns:
        float64 `[n, WINDOW, 5]`.
    """
    rows = np.asarray(rows, np.float64)
    ends = np.asarray(ends)
    if len(ends) and (ends.min() < WINDOW - 1 or ends.max() >= len(rows)):
        raise ValueError(f"A window ends at a row from {WINDOW - 1} to {len(rows) - 1}. Received: {ends.min()} to {ends.max()}")
    every = np.lib.stride_tricks.sliding_window_view(rows, WINDOW, axis=0)  # [days - WINDOW + 1, 5, WINDOW]
    return every[ends - (WINDOW - 1)].transpose(0, 2, 1)


def window_features(windows, xp=np):
    """Features of raw windows.

    Args:
        windows: float64 `[n, WINDOW, 5]`.
        xp: the array functions to use: `numpy`, or `tensorflow.experimental.numpy` inside a graph.

    Returns:
        `sequence` `[n, STEPS, len(FEATURES)]` and `anchor` `[n]`, the mean log variance of the last `STEPS`
        days, against which a network's outputs are measured; both float64.
    """
    opened, high, low, close, volume = (windows[:, :, column] for column in range(len(COLUMNS)))
    variance = parkinson_variance(high, low, xp)
    # A day on which nothing was traded has no range; a thousandth of the year's mean stands for it.
    floor = 1e-3 * xp.mean(variance, axis=1, keepdims=True) + SMALLEST_VARIANCE
    log_variance = xp.log(xp.maximum(variance, floor))
    anchor = xp.mean(log_variance[:, -STEPS:], axis=1, keepdims=True)  # [n, 1]
    level = anchor - xp.mean(log_variance, axis=1, keepdims=True)
    scale = xp.exp(anchor / 2)
    before = close[:, -STEPS - 1 : -1]
    daily = xp.log(close[:, -STEPS:] / before) / scale
    night = xp.log(opened[:, -STEPS:] / before) / scale
    log_volume = xp.log(xp.maximum(volume[:, -STEPS:], 1.0))
    log_volume = log_volume - xp.mean(log_volume, axis=1, keepdims=True)
    log_range = log_variance[:, -STEPS:] - anchor
    traded = xp.maximum(variance, floor)
    falls = xp.minimum(xp.log(close[:, 1:] / close[:, :-1]), 0.0) / scale
    sequence = [
        xp.clip(log_range, -6.0, 6.0),
        xp.clip(daily, -8.0, 8.0),
        xp.minimum(xp.abs(daily), 8.0),
        xp.clip(night, -8.0, 8.0),
        xp.clip(log_volume, -4.0, 4.0),
        level + 0.0 * log_range,  # the same on every step
        xp.log(trailing_mean(traded, 5, xp)) - anchor,
        xp.log(trailing_mean(traded, 22, xp)) - anchor,
        xp.maximum(falls[:, -STEPS:], -8.0),
        trailing_mean(falls, 5, xp),
        trailing_mean(falls, 22, xp),
    ]
    return xp.stack(sequence, axis=2), anchor[:, 0]


def trailing_mean(values, span, xp):
    """Mean of the last `span` values at each of the last `STEPS` days, `[n, STEPS]`."""
    total = xp.cumsum(values, axis=1)
    return (total[:, -STEPS:] - total[:, -STEPS - span : -span]) / span


def next_day_targets(rows, ends):
    """What happens on the day after each window: what a forecaster is trained and judged on.

    Args:
        rows: float `[days, 5]`.
        ends: int `[n]`, each below `days - 1`.

    Returns:
        `variance` float64 `[n]`, Parkinson's; NaN for a day without a range, which says nothing about
        variance, and `returns` float64 `[n]`, close-to-close log returns.
    """
    rows = np.asarray(rows, np.float64)
    tomorrow = rows[np.asarray(ends) + 1]
    variance = parkinson_variance(tomorrow[:, 1], tomorrow[:, 2])
    returns = np.log(tomorrow[:, 3] / rows[np.asarray(ends), 3])
    return np.where(variance > SMALLEST_VARIANCE, variance, np.nan), returns
