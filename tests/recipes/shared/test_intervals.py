import numpy as np
import pytest

from recipes.shared.intervals import paired_difference, wilson


def test_wilson_against_published_values():
    # Newcombe 1998, Statistics in Medicine 17, table I, method 3.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)


def test_paired_difference_is_that_of_a_bootstrap_over_texts():
    random = np.random.default_rng(3)
    one, other = random.random(400) < 0.9, random.random(400) < 0.8
    mean, low, high = paired_difference(one, other)
    rows = random.integers(0, 400, (4000, 400))
    drawn = (one[rows].astype(float) - other[rows]).mean(1)
    assert mean == pytest.approx(one.mean() - other.mean())
    assert (low, high) == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.01)
