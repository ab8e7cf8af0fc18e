"""The heterogeneous autoregression of log variance: the linear model that a volatility forecast has to
beat.
"""

import numpy as np

from seqzoo.data.market_windows import vix_log_variance
from seqzoo.data.price_windows import SMALLEST_VARIANCE, parkinson_variance

SPANS = (1, 5, 22)  # days in a day, a week and a month


def har_terms(rows, leverage=False):
    """Regressors of every day.

    Args:
        rows: float `[days, 5]`: Open, High, Low, Close, Volume. leverage: whether to add yesterday's, last
        week's and last month's falls, mean `min(return, 0)`, over the
            standard deviation of the last 250 returns.

    Returns:
        float64 `[days, 4 or 7]`: 1, and the log mean variances of the last day, week and month. NaN where
        too few days came before.
    """
    rows = np.asarray(rows, np.float64)
    variance = parkinson_variance(rows[:, 1], rows[:, 2])
    variance = np.maximum(variance, 1e-3 * np.mean(variance[:250]) + SMALLEST_VARIANCE)
    terms = [np.ones(len(rows)), *(np.log(_trailing_mean(variance, span)) for span in SPANS)]
    if leverage:
        returns = np.concatenate([[np.nan], np.diff(np.log(rows[:, 3]))])
        scale = np.sqrt(_trailing_mean(returns**2, 250))
        terms += [_trailing_mean(np.minimum(returns, 0), span) / scale for span in SPANS]
    return np.stack(terms, axis=1)


def market_terms(rows):
    """Regressors of every day from what stands beside a ticker's prices, for a HAR model with a market in it.

    Args:
        rows: float `[days, 4]`, columns as in `seqzoo.data.market_windows.MARKET_COLUMNS`, all known.

    Returns:
        float64 `[days, 8]`: those of `har_terms` of the market, without the 1, the VIX as log variance of a day, and its
        change since the day before.
    """
    high, low, close, vix = np.asarray(rows, np.float64).T
    market = har_terms(np.stack([close, high, low, close], axis=1), leverage=True)[:, 1:]
    expected = vix_log_variance(vix)
    change = np.concatenate([[np.nan], np.diff(expected)])
    return np.concatenate([market, expected[:, None], change[:, None]], axis=1)


def _trailing_mean(values, span):
    """Mean of the last `span` values, with the present one; NaN before there are as many."""
    means = np.full(len(values), np.nan)
    if len(values) >= span:
        means[span - 1 :] = np.lib.stride_tricks.sliding_window_view(values, span).mean(axis=1)
    return means


class HARLog:
    """Least squares of tomorrow's log variance on today's `har_terms`.

    Corsi, "A Simple Approximate Long-Memory Model of Realized Volatility", Journal of Financial
    Econometrics 2009. The mean of the exponentiated residuals makes of a log forecast one of the variance
    (Duan's smearing, JASA 1983).
    """

    def fit(self, terms, variance):
        """Fit to `terms` `[n, k]` and the next days' `variance` `[n]`; rows with NaN are left out."""
        known = np.isfinite(terms).all(axis=1) & np.isfinite(variance)
        if known.sum() <= terms.shape[1]:
            raise ValueError(f"A fit needs more than {terms.shape[1]} full rows. Received: {known.sum()}")
        target = np.log(variance[known])
        self.coefficients = np.linalg.lstsq(terms[known], target, rcond=None)[0]
        self.smearing = np.mean(np.exp(target - terms[known] @ self.coefficients))
        return self

    def predict(self, terms):
        """Expected variance `[n]`."""
        return self.smearing * np.exp(terms @ self.coefficients)
