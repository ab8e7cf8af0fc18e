"""Losses and their comparison: values known by hand, and behaviour that follows from the definitions."""

import numpy as np
import pytest

from seqzoo.tasks.stock_forecasting.scores import (
    bootstrap_ratio,
    coverage,
    daily_means,
    diebold_mariano,
    pinball,
    qlike,
)

RANDOM = np.random.default_rng(0)
DAYS = np.repeat(np.arange(400), 3)


def test_qlike_is_least_at_the_mean_however_noisy_the_measure():
    noisy = RANDOM.chisquare(1, 200_000)
    losses = {h: qlike(noisy, np.full(len(noisy), h)).mean() for h in (0.8, 0.9, 1.0, 1.1, 1.25)}
    assert min(losses, key=losses.get) == 1.0
    np.testing.assert_allclose(qlike([2.0], [1.0]), [1 - np.log(2)])
    assert qlike([3.0], [3.0]) == 0


@pytest.mark.parametrize("values", [([0.0], [1.0]), ([1.0], [0.0]), ([np.nan], [1.0]), ([1.0], [np.inf]), ([-1.0], [1.0])])
def test_qlike_of_what_is_no_variance(values):
    with pytest.raises(ValueError, match="finite and above 0. Received: "):
        qlike(*values)


def test_pinball_is_least_at_the_quantile():
    returns = RANDOM.normal(size=20_000)
    tries = np.linspace(-3, 3, 121)
    losses = pinball(returns, tries[None, :].repeat(len(returns), 0), np.full(121, 0.05))
    one = [pinball(returns, np.full((len(returns), 1), t), [0.05]).mean() for t in tries]
    assert abs(tries[np.argmin(one)] - np.quantile(returns, 0.05)) < 0.06 and losses.shape == returns.shape
    np.testing.assert_allclose(pinball([1.0], [[0.0, 2.0]], [0.25, 0.25]), [(0.25 * 1 + 0.75 * 1) / 2])


def test_coverage_counts_both_ends():
    assert coverage([0.0, 1.0, 2.0, 3.0], 1.0, 2.0) == 0.5


def test_days_are_averaged_by_date():
    np.testing.assert_allclose(daily_means([1.0, 5.0, 3.0], [2, 1, 2]), [5.0, 2.0])


def test_diebold_mariano_against_a_plain_t_statistic_and_under_the_null():
    better, worse = RANDOM.normal(1.0, 1, 1200), RANDOM.normal(1.2, 1, 1200)
    difference = daily_means(better - worse, DAYS)
    expected = difference.mean() / (difference.std() / np.sqrt(400))
    assert diebold_mariano(better, worse, DAYS, lags=0) == pytest.approx(expected)
    assert diebold_mariano(better, worse, DAYS) == pytest.approx(-diebold_mariano(worse, better, DAYS))
    assert diebold_mariano(better, better, DAYS) == 0
    null = [diebold_mariano(*RANDOM.normal(size=(2, 1200)), DAYS) for _ in range(200)]
    assert 0.8 < np.std(null) < 1.25


def test_losses_that_last_for_days_make_one_less_sure():
    lasting = np.repeat(RANDOM.normal(0.1, 1, 40), 30)
    assert abs(diebold_mariano(lasting, np.zeros(1200), DAYS, 10)) < abs(diebold_mariano(lasting, np.zeros(1200), DAYS, 0))


def test_the_bootstrap_interval_holds_the_ratio_and_narrows():
    losses, baseline = RANDOM.exponential(0.9, 1200), RANDOM.exponential(1.0, 1200)
    low, high = bootstrap_ratio(losses, baseline, DAYS)
    assert low < losses.mean() / baseline.mean() < high
    assert bootstrap_ratio(losses, baseline, DAYS) == (low, high)
    same = bootstrap_ratio(losses, losses, DAYS)
    assert same == (1.0, 1.0)
