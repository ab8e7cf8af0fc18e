"""Kneser-Ney counts against the formulas, written with dictionaries."""

import collections

import numpy as np
import pytest

from recipes.imdb.ngrams import KneserNey

RANDOM = np.random.default_rng(0)
TEXTS = [RANDOM.integers(1, 6, RANDOM.integers(1, 9)) for _ in range(60)]
VOCABULARY = 8


def by_definition(texts, context, word):
    """p(word | context) of interpolated Kneser-Ney, from the texts."""
    padded = [[0, 0, *text, 0] for text in texts]
    grams = collections.Counter(tuple(p[n - 2 : n + 1]) for p in padded for n in range(2, len(p)))
    levels = [grams]
    while len(levels) < 3:  # shorter ones count the words that they were seen after
        levels.append(collections.Counter(gram[1:] for gram in levels[-1]))

    def probability(level, context):
        if level == 3:
            return 1 / VOCABULARY
        counts = levels[level]
        ones, twos = (sum(count == n for count in counts.values()) for n in (1, 2))
        discount = ones / max(1, ones + 2 * twos)
        following = {gram[-1]: count for gram, count in counts.items() if gram[:-1] == context}
        lower = probability(level + 1, context[1:])
        if not following:
            return lower
        total = sum(following.values())
        return (max(following.get(word, 0) - discount, 0) + discount * len(following) * lower) / total

    return probability(0, tuple(context))


def test_probabilities_are_those_of_the_formulas():
    counts = KneserNey(TEXTS, VOCABULARY)
    text = [3, 1, 7, 7, 2, 2]  # 7 was never seen
    padded = [0, 0, *text, 0]
    expected = [by_definition(TEXTS, padded[n - 2 : n], padded[n]) for n in range(2, len(padded))]
    np.testing.assert_allclose(counts.probabilities([np.array(text)]), expected, rtol=1e-9)


@pytest.mark.parametrize("context", [(3, 1), (7, 2), (7, 7)])
def test_they_sum_to_one(context):
    counts = KneserNey(TEXTS, VOCABULARY)
    total = sum(counts.probabilities([np.array([*context, word])])[2] for word in range(VOCABULARY))
    assert total == pytest.approx(1)


def test_perplexity():
    counts = KneserNey(TEXTS, VOCABULARY)
    probabilities = counts.probabilities(TEXTS[:5])
    assert counts.perplexity(TEXTS[:5]) == pytest.approx(np.exp(-np.log(probabilities).mean()))
