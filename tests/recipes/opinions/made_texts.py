"""What holds of every source of made texts, for the tests of each."""

import collections

import numpy as np

from seqzoo.data.tokenizer import tokenize


def check_draws(make, texts, shortest):
    """The same texts for the same seed, none twice, half of them praise; from under `shortest` to over 200 words.

    Args:
        make: function of a count and `seed=`.
        texts: list of (text, verdict), made with seed 2.
        shortest: number of words.
    """
    assert texts[:50] == make(50, seed=2) != make(50, seed=3)
    assert len(dict(texts)) == len(texts) and {verdict for _, verdict in texts} == {0.05, 0.95}
    assert abs(np.mean([verdict for _, verdict in texts]) - 0.5) < 0.02
    lengths = [len(tokenize(text)) for text, _ in texts]
    assert min(lengths) < shortest and 200 < max(lengths) < 400  # 400 is the longest that a mixture shows


def check_words_alone(texts, least):
    """More than `least` times several texts have the same words, and their verdicts cancel out."""
    bags = collections.defaultdict(list)
    for text, verdict in texts:
        bags[" ".join(sorted(tokenize(text)))].append(verdict)
    both = [verdicts for verdicts in bags.values() if len(verdicts) > 1]
    assert len(both) > least and all(np.isclose(np.mean(verdicts), 0.5) for verdicts in both)


def halves_in(text, halves):
    """{place: whether it praises} of the halves, (text, whether it praises), that stand in a text."""
    return {text.find(half): good for half, good in halves if half in text}
