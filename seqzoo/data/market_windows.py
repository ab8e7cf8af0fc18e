"""What a forecaster may see beside the prices of its ticker: the market's, an index of volatility, and which it has.

A wide window has, beside the columns of `seqzoo.data.price_windows`, those of `MARKET_COLUMNS` for the same days: the day's
High, Low and Close of a market index (the S&P 500), and the close of the VIX. Each of the two may be absent: its columns
then hold 0 on every day, its features are 0, and so is its flag.
"""

from functools import reduce

import numpy as np

from seqzoo.data.price_table import PriceDataError
from seqzoo.data.price_windows import (
    COLUMNS,
    FEATURES,
    SMALLEST_VARIANCE,
    STEPS,
    WINDOW,
    parkinson_variance,
    trailing_mean,
    window_features,
)

MARKET_COLUMNS = ("MarketHigh", "MarketLow", "MarketClose", "VIX")
WIDE_COLUMNS = COLUMNS + MARKET_COLUMNS
# Of the ticker itself: large moves about one and two quarters before the next day, where companies report each quarter.
REPORTS = ("quarter_night", "quarter_nights", "quarter_range", "half_year_night", "half_year_nights", "half_year_range")
MARKET = (
    "market_log_range",
    "market_return",
    "market_level",
    "market_week",
    "market_month",
    "market_fall",
    "market_week_falls",
    "market_month_falls",
    "above_market",
)
VIX = ("vix", "vix_steps", "vix_level", "vix_change")
FLAGS = ("market_known", "vix_known")
OWN = FEATURES + REPORTS
WIDE_FEATURES = OWN + MARKET + VIX + FLAGS
_QUARTERS = ((60, 67), (123, 130))  # days back from the next day
_USUAL = 2, 5  # of these the likeliest: 62, 63, 64 days
TRADING_DAYS = 252
RULES = f"""\
Beside O, H, L, C, V there are of the market High, Low, Close, and the close of the VIX, each 0 on every day where it is not
known. anchor, s, ln v, r, f are those above; market_anchor, market_s and so on are the same of the market's columns.
4. night[t] = min(|ln(O[t] / C[t-1])| / s, 8). For the days before the next one d = 62..64: quarter_night = greatest night of
them; d = 60..66: quarter_nights, and quarter_range = greatest ln v - anchor; half_year_... alike, d = 125..127 and 123..129.
5. x[t] = ln((VIX[t] / 100)^2 / {TRADING_DAYS}).
Each row goes on with: quarter_night, quarter_nights, quarter_range, half_year_night, half_year_nights, half_year_range;
market_log_range, market_return, market_level, market_week, market_month, market_fall, market_week_falls,
market_month_falls as above, of the market; above_market = anchor - market_anchor;
vix = clip(x[t] - anchor, -6, 6); vix_steps = x[t] minus its mean over the last {STEPS} days; vix_level = this mean minus that
over all {WINDOW} days; vix_change = clip(4 (x[t] - x[t-1]), -8, 8); market_known and vix_known = 1 where all {WINDOW} days are
above 0, else 0, and 0 are then the features of the market and of the VIX. (Means of v and f are those of the market there.)
"""


def features_of(windows, xp=np):
    """`window_features` of windows `[n, WINDOW, 5]`, `wide_features` of windows `[n, WINDOW, 9]`."""
    return (wide_features if windows.shape[2] == len(WIDE_COLUMNS) else window_features)(windows, xp)


def wide_features(windows, xp=np):
    """Features of wide windows.

    Args:
        windows: float64 `[n, WINDOW, 9]`, columns as in `WIDE_COLUMNS`.
        xp: as for `seqzoo.data.price_windows.window_features`.

    Returns:
        `sequence` `[n, STEPS, len(WIDE_FEATURES)]` and `anchor` `[n]`, both float64.
    """
    prices = windows[:, :, : len(COLUMNS)]
    sequence, anchor = window_features(prices, xp)
    known, beside = [], []
    for first, last in ((len(COLUMNS), -1), (len(WIDE_COLUMNS) - 1, None)):
        columns = windows[:, :, first:last]
        here = xp.all(xp.all(columns > 0, axis=2), axis=1)[:, None, None]
        known.append(xp.where(here, 1.0, 0.0) + 0.0 * sequence[:, :, :1])
        beside.append(xp.where(here, columns, 1.0 + 0.0 * columns))
    own = xp.stack(_reports(prices, anchor[:, None], xp), axis=2)
    market = xp.stack(_market(beside[0], anchor[:, None], xp), axis=2) * known[0]
    vix = xp.stack(_vix(beside[1][:, :, 0], anchor[:, None], xp), axis=2) * known[1]
    return xp.concatenate([sequence, own, market, vix, *known], axis=2), anchor


def beside_state(last, xp):
    """What a forecaster's head sees beside the state, of the last day's features `[n, features]`: `[n, k]`.

    The last day's features hold the terms of a HAR model. Of the wide ones the terms that are known stand there once more
    where the VIX is absent, where the market is, and where both are, so that each of the four cases has a line of its own.

    Args:
        xp: `numpy` or `keras.ops`.
    """
    if last.shape[1] != len(WIDE_FEATURES):
        return last
    begin, middle, end = len(OWN), len(OWN) + len(MARKET), len(OWN) + len(MARKET) + len(VIX)
    own, market, vix = last[:, :begin], last[:, begin:middle], last[:, middle:end]
    no_market, no_vix = 1.0 - last[:, -2:-1], 1.0 - last[:, -1:]
    neither = no_market * no_vix
    return xp.concatenate([last, own * no_vix, market * no_vix, own * no_market, vix * no_market, own * neither, neither], axis=1)


def without(sequence, market=False, vix=False):
    """A copy of wide features `[n, STEPS, features]` in which rows have no market or no VIX, by bool `[n]` or for all."""
    sequence = np.array(sequence)
    begin, middle = len(OWN), len(OWN) + len(MARKET)
    for absent, columns, flag in ((market, slice(begin, middle), -2), (vix, slice(middle, middle + len(VIX)), -1)):
        rows = np.broadcast_to(absent, len(sequence))
        sequence[rows, :, columns] = 0.0
        sequence[rows, :, flag] = 0.0
    return sequence


def widened(windows):
    """Windows or rows of prices with the columns that are missing, 0: float64 `[..., 5 or 9]` -> `[..., 9]`.

    What is not a number among the columns beside the prices is not known either, and becomes 0.

    Raises:
        PriceDataError: for another number of columns, or a negative or infinite number among those of the market.
    """
    windows = np.asarray(windows, np.float64)
    if windows.shape[-1] not in (len(COLUMNS), len(WIDE_COLUMNS)):
        raise PriceDataError(
            f"Prices must have {len(COLUMNS)} columns, {', '.join(COLUMNS)}, or {len(WIDE_COLUMNS)}, with "
            f"{', '.join(MARKET_COLUMNS)} beside them. Received: {windows.shape[-1]}"
        )
    prices, beside = windows[..., : len(COLUMNS)], windows[..., len(COLUMNS) :]
    if not beside.shape[-1]:
        beside = np.zeros((*windows.shape[:-1], len(MARKET_COLUMNS)))
    wrong = beside[(beside < 0) | np.isinf(beside)]
    if wrong.size:
        raise PriceDataError(f"{', '.join(MARKET_COLUMNS)} must be above 0, or 0 where not known. Received: {wrong[0]:g}")
    return np.concatenate([prices, np.nan_to_num(beside, nan=0.0)], axis=-1)


def _log_variance(high, low, xp):
    variance = parkinson_variance(high, low, xp)
    variance = xp.maximum(variance, 1e-3 * xp.mean(variance, axis=1, keepdims=True) + SMALLEST_VARIANCE)
    return variance, xp.log(variance)


def _reports(prices, anchor, xp):
    """Large nights and ranges one and two quarters before the next day, a list of `[n, STEPS]`."""
    opened, high, low, close = (prices[:, :, column] for column in range(4))
    nights = xp.minimum(xp.abs(xp.log(opened[:, 1:] / close[:, :-1])) / xp.exp(anchor / 2), 8.0)
    ranges = _log_variance(high, low, xp)[1] - anchor

    def back(values, days):  # values so many days before the day after each step; they end with the last day
        end = values.shape[1] + 1 - days
        return values[:, end - STEPS : end]

    found = []
    for first, last in _QUARTERS:
        near = [back(nights, days) for days in range(first, last)]
        greatest = reduce(xp.maximum, [back(ranges, days) for days in range(first, last)])
        found += [reduce(xp.maximum, near[_USUAL[0] : _USUAL[1]]), reduce(xp.maximum, near), xp.clip(greatest, -6.0, 6.0)]
    return found


def _market(columns, anchor, xp):
    high, low, close = (columns[:, :, column] for column in range(3))
    variance, log_variance = _log_variance(high, low, xp)
    own = xp.mean(log_variance[:, -STEPS:], axis=1, keepdims=True)
    same = 0.0 * log_variance[:, -STEPS:]
    returns = xp.log(close[:, 1:] / close[:, :-1]) / xp.exp(own / 2)
    falls = xp.minimum(returns, 0.0)
    return [
        xp.clip(log_variance[:, -STEPS:] - own, -6.0, 6.0),
        xp.clip(returns[:, -STEPS:], -8.0, 8.0),
        own - xp.mean(log_variance, axis=1, keepdims=True) + same,
        xp.log(trailing_mean(variance, 5, xp)) - own,
        xp.log(trailing_mean(variance, 22, xp)) - own,
        xp.maximum(falls[:, -STEPS:], -8.0),
        trailing_mean(falls, 5, xp),
        trailing_mean(falls, 22, xp),
        xp.clip(anchor - own, -6.0, 6.0) + same,
    ]


def vix_log_variance(close, xp=np):
    """ln of the variance of a day that the VIX, in per cent a year, stands for."""
    return xp.log((close / 100) ** 2 / TRADING_DAYS)


def _vix(close, anchor, xp):
    x = vix_log_variance(close, xp)
    last = x[:, -STEPS:]
    mean = xp.mean(last, axis=1, keepdims=True)
    return [
        xp.clip(last - anchor, -6.0, 6.0),
        last - mean,
        mean - xp.mean(x, axis=1, keepdims=True) + 0.0 * last,
        xp.clip(4 * (last - x[:, -STEPS - 1 : -1]), -8.0, 8.0),
    ]
