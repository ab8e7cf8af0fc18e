"""How good forecasts are, and how sure one can be of a difference. Pure NumPy."""

import numpy as np

from seqzoo.tasks.stock_forecasting.outputs import QUANTILES


def qlike(variance, forecast):
    """QLIKE loss `v/h - ln(v/h) - 1`, elementwise: 0 for a perfect forecast.

    It ranks forecasts rightly when `variance` is a noisy, unbiased measure of the true one (Patton, Journal
    of Econometrics 2011), and depends on the ratio only, so that calm and wild days count alike.

    Raises:
        ValueError: unless all values are finite and above 0.
    """
    variance, forecast = np.asarray(variance, np.float64), np.asarray(forecast, np.float64)
    for name, values in (("variance", variance), ("forecast", forecast)):
        if not (np.isfinite(values) & (values > 0)).all():
            raise ValueError(f"`{name}` must be finite and above 0. Received: {values[~(values > 0)][:3]} or not finite")
    ratio = variance / forecast
    return ratio - np.log(ratio) - 1


def pinball(returns, quantiles, levels):
    """Pinball loss (Koenker & Bassett, Econometrica 1978), the mean over the levels.

    Args:
        returns: `[n]`.
        quantiles: `[n, k]`.
        levels: `[k]`, in (0, 1).

    Returns:
        float64 `[n]`.
    """
    error = np.asarray(returns, np.float64)[:, None] - np.asarray(quantiles, np.float64)
    levels = np.asarray(levels, np.float64)
    return np.maximum(levels * error, (levels - 1) * error).mean(axis=1)


def loss(task, forecast, examples):
    """The loss `[n]` that forecasts of a task are judged by: `qlike` of variances, `[n]` or the first
    column of `[n, k]`, `pinball` of quantiles `[n, 5]` times 1000.
    """
    if task == "stock-quantiles":
        return 1000 * pinball(examples.returns, forecast, QUANTILES)
    return qlike(examples.variance, forecast if np.ndim(forecast) == 1 else forecast[:, 0])


def coverage(returns, low, high):
    """Share of the returns from `low` to `high`, both included."""
    returns = np.asarray(returns)
    return float(np.mean((returns >= low) & (returns <= high)))


def daily_means(values, days):
    """Mean over the tickers on each day: tickers of one day move together, days hardly do.

    Returns:
        float64 `[number of different days]`, by date.
    """
    _, index = np.unique(days, return_inverse=True)
    return np.bincount(index, weights=values) / np.bincount(index)


def diebold_mariano(losses, baseline, days, lags=None):
    """Diebold-Mariano t statistic of the daily mean loss difference; negative where `losses` are smaller.

    Diebold & Mariano, "Comparing Predictive Accuracy", Journal of Business & Economic Statistics 1995, with
    the long-run variance of Newey & West (Econometrica 1987).

    Args:
        losses, baseline: `[n]`, of the same examples.
        days: `[n]`; examples of one day are averaged first.
        lags: number of autocovariances; by Newey & West's rule 4 (days / 100)^(2/9) when None.
    """
    difference = daily_means(np.asarray(losses) - np.asarray(baseline), days)
    n = len(difference)
    lags = int(4 * (n / 100) ** (2 / 9)) if lags is None else lags
    centred = difference - difference.mean()
    covariances = [centred[lag:] @ centred[: n - lag] / n for lag in range(min(lags, n - 1) + 1)]
    long_run = covariances[0] + 2 * sum((1 - lag / (lags + 1)) * c for lag, c in enumerate(covariances) if lag)
    return float(difference.mean() / np.sqrt(long_run / n)) if long_run > 0 else 0.0


def bootstrap_ratio(losses, baseline, days, block=20, draws=2000, seed=0, level=0.95):
    """Interval of the ratio of mean losses, from a circular block bootstrap over days.

    Politis & Romano, "A circular block-resampling procedure for stationary data" (1992): blocks of days
    keep what one day owes to the one before.

    Returns:
        `(low, high)`.
    """
    top, bottom = daily_means(losses, days), daily_means(baseline, days)
    n = len(top)
    block = min(block, n)
    random = np.random.default_rng(seed)
    starts = random.integers(0, n, (draws, -(-n // block)))
    rows = ((starts[:, :, None] + np.arange(block)) % n).reshape(draws, -1)[:, :n]
    ratios = top[rows].mean(axis=1) / bottom[rows].mean(axis=1)
    return tuple(float(x) for x in np.quantile(ratios, [(1 - level) / 2, (1 + level) / 2]))
