"""From a forecaster's raw outputs to its forecast, in array functions alone: a phone needs no more."""

import numpy as np

from seqzoo.data.price_table import PriceDataError
from seqzoo.data.price_windows import SMALLEST_VARIANCE, parkinson_variance

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
TRADING_DAYS = 252  # a year's, for annualised volatility
OUTPUTS = {
    "stock-volatility": ("variance", "volatility"),
    "stock-quantiles": tuple(f"q{round(100 * level):02d}" for level in QUANTILES),
}
# What the functions below do, for those who write them in another language.
RULES = {
    "stock-volatility": f"variance = exp(anchor + raw[0]); volatility = 100 sqrt({TRADING_DAYS} variance).",
    "stock-quantiles": "s = exp((anchor + raw[0]) / 2); m = raw[1]; g[k] = ln(1 + exp(raw[2 + k])), k = 0..3; "
    "q25 = m - inner g[0], q75 = m + inner g[1], q05 = q25 - outer g[2], q95 = q75 + outer g[3], q50 = m, each "
    "times s. `calibration` is [inner, outer].",
}


def volatility_columns(raw, anchor, xp=np):
    """Raw outputs `[n, 1]` and anchors `[n]`, both float64, -> variance and volatility `[n, 2]`.

    `xp` as in `seqzoo.data.price_windows.window_features`.
    """
    variance = xp.exp(anchor + raw[:, 0])
    return xp.stack([variance, 100 * xp.sqrt(TRADING_DAYS * variance)], axis=1)


def quantile_columns(raw, anchor, calibration, xp=np):
    """Raw outputs `[n, 6]` and anchors `[n]`, both float64, -> quantiles `[n, 5]`."""
    scale = xp.exp((anchor[:, None] + raw[:, :1]) / 2)
    return rising_quantiles(raw[:, 1:], calibration, xp) * scale


def rising_quantiles(raw, calibration, xp):
    """Raw outputs (median, two inner gaps, two outer gaps) `[n, 5]` -> rising quantiles `[n, 5]`."""
    inner, outer = calibration
    gaps = xp.logaddexp(raw[:, 1:], 0.0 * raw[:, 1:])  # softplus
    median = raw[:, :1]
    low, high = median - inner * gaps[:, :1], median + inner * gaps[:, 1:2]
    lowest, highest = low - outer * gaps[:, 2:3], high + outer * gaps[:, 3:4]
    return xp.concatenate([lowest, low, median, high, highest], axis=1)


def check_plausible(forecasts, windows, names):
    """The forecasts, all of them plausible beside the prices that they were made from.

    Forecasts for the 16 companies and two indices that the zoo's models are judged on are at most 0.72 of the year's
    largest move in a day; what is refused is more than a hundred times as much, or less than a thousandth of the noise
    that stands for a day without a move.

    Args:
        forecasts: float64 `[n, len(names)]`.
        windows: prices `[n, 250, 5]`.
        names: of the columns, from `OUTPUTS`.

    Raises:
        PriceDataError: for any other.
    """
    opened, high, low, close = (windows[..., column] for column in range(4))
    with np.errstate(all="ignore"):
        moves = (np.log(high / low)[:, 1:], np.log(close[:, 1:] / close[:, :-1]), np.log(opened[:, 1:] / close[:, :-1]))
        largest = np.max(np.abs(np.stack(moves)), axis=(0, 2))
        smallest = np.sqrt(1e-3 * np.mean(parkinson_variance(high, low), axis=1) + SMALLEST_VARIANCE)
        sizes = np.sqrt(forecasts[:, :1]) if "variance" in names else np.abs(forecasts)
        spread = sizes[:, 0] if "variance" in names else forecasts[:, -1] - forecasts[:, 0]
        good = np.isfinite(forecasts).all(axis=1) & (sizes <= 100 * largest[:, None]).all(axis=1) & (spread >= 1e-3 * smallest)
    if not good.all():
        wrong = int(np.flatnonzero(~good)[0])
        answer = ", ".join(f"{name} {value:.3g}" for name, value in zip(names, forecasts[wrong], strict=True))
        raise PriceDataError(
            "A forecast must be finite and in keeping with the year's largest move in a day; the prices are not like any that "
            f"the model knows. Received: {answer}, where that move is {largest[wrong]:.3g}, in window {wrong}"
        )
    return forecasts
