import itertools

import numpy as np
import pytest

from recipes.imdb.bag_of_bigrams import train_bag_of_bigrams

pytest.importorskip("sklearn")

TEXTS = ["good film", "good plot", "not good", "not bad", "bad plot", "bad film"]
LABELS = np.array([1, 1, 0, 1, 0, 0])


def features(text, terms):
    words = text.lower().split()
    return np.array([term in {*words, *map(" ".join, itertools.pairwise(words))} for term in terms], float)


def naive_bayes_ratios(x, labels):
    """Wang & Manning 2012, equation for r, with one added to every count."""
    p, q = 1 + x[labels == 1].sum(axis=0), 1 + x[labels == 0].sum(axis=0)
    return np.log((p / p.sum()) / (q / q.sum()))


def logistic_regression(x, labels, c):
    """Newton's method on  |w|^2 / 2 + c * sum log(1 + exp(-y (x w))), the bias being a weight of a column of ones."""
    x, y = np.hstack([x, np.ones((len(x), 1))]), 2 * labels - 1
    w = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(y * (x @ w)))
        gradient = w - c * x.T @ (y * p)
        w -= np.linalg.solve(np.eye(len(w)) + c * (x.T * (p * (1 - p))) @ x, gradient)
    assert np.abs(gradient).max() < 1e-10
    return w


def test_terms_ratios_and_answers_by_hand():
    """Terms in two texts or more: bad, film, good, not, plot. Good is in two positive and one negative texts."""
    terms = ["bad", "film", "good", "not", "plot"]
    x = np.stack([features(text, terms) for text in TEXTS])
    # One more than the counts: 2 2 3 2 2 in positive texts and 3 2 2 2 2 in negative ones, 11 both.
    np.testing.assert_allclose(naive_bayes_ratios(x, LABELS), np.log([2 / 3, 1, 3 / 2, 1, 1]))
    baseline = train_bag_of_bigrams(TEXTS, LABELS, regularization=1.0)
    assert baseline.parameters == len(terms) + 1
    answers = baseline.predict(["good", "GOOD!", "bad", "not good at all", "bad bad bad"])
    np.testing.assert_array_equal(answers, [1, 1, 0, 1, 0])  # "not good" was there once: it is no term


@pytest.mark.parametrize("c", [0.1, 1.0, 10.0])
def test_answers_equal_the_formulas(c):
    random = np.random.default_rng(0)
    words = ["good", "bad", "not", "film", "plot", "but"]
    texts = [" ".join(random.choice(words, random.integers(1, 7))) for _ in range(150)]
    labels = np.array([("not good" not in text and "good" in text) or "not bad" in text for text in texts], int)
    train, new = slice(0, 60), slice(60, 150)
    counts = {}
    for text in texts[train]:
        found = text.split()
        for term in {*found, *map(" ".join, itertools.pairwise(found))}:
            counts[term] = counts.get(term, 0) + 1
    terms = sorted(term for term, count in counts.items() if count >= 2)
    assert any(" " in term for term in terms) and len(terms) < len(counts)
    x = np.stack([features(text, terms) for text in texts])
    ratio = naive_bayes_ratios(x[train], labels[train])
    weights = logistic_regression(x[train] * ratio, labels[train], c)
    decision = np.hstack([x[new] * ratio, np.ones((90, 1))]) @ weights
    baseline = train_bag_of_bigrams(texts[train], labels[train], c)
    clear = np.abs(decision) > 1e-2
    assert clear.sum() > 80
    received = baseline.predict(texts[new])
    np.testing.assert_array_equal(received[clear], decision[clear] > 0)
    assert 0 < received.mean() < 1 and baseline.parameters == len(terms) + 1


def test_it_reads_text_with_the_tokeniser_of_the_models():
    baseline = train_bag_of_bigrams(["Isn\u2019t<br />GOOD", "isn't good", "fine", "fine"], [0, 0, 1, 1])
    np.testing.assert_array_equal(baseline.predict(["ISN'T good", "Fine"]), [0, 1])
    assert baseline.parameters == 5  # isn't, good, "isn't good", fine, and the bias
