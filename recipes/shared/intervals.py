"""How sure a measured accuracy is."""

import numpy as np

_Z = 1.959964  # 95 % of a normal distribution lie within so many deviations


def wilson(right, count):
    """95 % confidence interval of a share (Wilson 1927, JASA 22): `(low, high)` of `right` in `count`."""
    share = right / count
    middle = (share + _Z**2 / (2 * count)) / (1 + _Z**2 / count)
    half = _Z / (1 + _Z**2 / count) * np.sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    return float(middle - half), float(middle + half)


def paired_difference(one, other, seed=0, draws=2000):
    """Mean of `one - other` and its 95 % bootstrap interval, `(mean, low, high)`, of two models' hits on the same texts.

    Args:
        one, other: bool `[n]`.
    """
    difference = np.asarray(one, float) - np.asarray(other, float)
    random = np.random.default_rng(seed)
    # How often each of the values -1, 0 and 1 is drawn is all that counts.
    shares = [np.mean(difference == value) for value in (-1, 0, 1)]
    drawn = random.multinomial(len(difference), shares, size=draws) @ np.array([-1, 0, 1]) / len(difference)
    return (float(difference.mean()), *map(float, np.quantile(drawn, [0.025, 0.975])))
