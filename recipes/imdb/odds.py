"""The mean of several models' opinions as odds."""

import numpy as np

from .contrast import log_odds

SUREST = 1e-4  # no model is surer than this off 0 and 1, so that none decides alone


def bounded(probabilities):
    """Log odds, float64, of probabilities, none surer than `SUREST`; NaN stays NaN."""
    return log_odds(np.clip(np.asarray(probabilities, np.float64), SUREST, 1 - SUREST))


def probability(log_odds):
    return 1 / (1 + np.exp(-log_odds))


def geometric_mean(one, other, share):
    """The probability of the geometric mean of two models' odds, in which the first counts `share`."""
    return probability(share * bounded(one) + (1 - share) * bounded(other))
