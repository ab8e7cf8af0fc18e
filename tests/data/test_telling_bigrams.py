import itertools

import numpy as np
import pytest

from seqzoo.data.bigrams import telling_bigrams


def test_the_pairs_that_tell_the_classes_apart():
    not_good, very_good, film = [2, 3], [4, 3], [5, 6]
    sequences = [np.array([*film, *(very_good if label else not_good), *film]) for label in [0, 1] * 10]
    pairs, counts = telling_bigrams(sequences, [0, 1] * 10, 2)
    assert pairs.dtype == np.int32 and pairs.tolist() == [[2, 3], [4, 3]]
    # Of (6, 2) and (2, 3), which come together, the first by id.
    assert counts.tolist() == [[10, 0], [0, 10]]


def chi_squared(sequences, labels):
    """The statistic of each pair, from its contingency table."""
    found = {}
    pairs_of = [{(a, b) for a, b in itertools.pairwise(ids) if min(a, b) > 1} for ids in map(list, sequences)]
    for pair in set().union(*pairs_of):
        table = np.array(
            [
                [
                    sum((pair in of) == has and own == label for of, own in zip(pairs_of, labels, strict=True))
                    for label in set(labels)
                ]
                for has in (True, False)
            ]
        )
        expected = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / table.sum()
        found[pair] = (((table - expected) ** 2)[expected > 0] / expected[expected > 0]).sum(), table[0].sum()
    return found


@pytest.mark.parametrize("classes", [2, 3])
def test_the_chi_squared_statistic(classes):
    random = np.random.default_rng(0)
    labels = random.integers(0, classes, 60)
    sequences = [random.choice(9, 20, p=random.dirichlet(np.ones(9))) for _ in labels]
    expected = {pair: value for pair, (value, texts) in chi_squared(sequences, labels).items() if texts >= 2}
    best = sorted(expected, key=lambda pair: -expected[pair])[:15]
    assert expected[best[-1]] > sorted(expected.values(), reverse=True)[15], "the 15th must not be like the 16th"
    assert telling_bigrams(sequences, labels, 15)[0].tolist() == [list(map(int, pair)) for pair in sorted(best)]


def test_padding_unknown_words_and_rare_pairs_are_left_out():
    sequences = [np.array([2, 3, 1, 4, 0, 5, 6]), np.array([2, 3, 1, 4, 0, 6])] * 2
    assert telling_bigrams(sequences, [0, 1, 0, 1], 9)[0].tolist() == [[2, 3], [5, 6]]
    assert telling_bigrams(sequences, [0, 1, 0, 1], 9, least=3)[0].tolist() == [[2, 3]]
    assert telling_bigrams(sequences, [0, 1, 0, 1], 1)[0].tolist() == [[5, 6]]
    assert telling_bigrams([np.array([], np.int32), np.array([2])], [0, 1], 9)[0].shape == (0, 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: telling_bigrams([np.array([2, 3])], [0, 1], 5), "one label a sequence, 1. Received: 2"),
        (lambda: telling_bigrams([], [], 5), "one label a sequence, 0. Received: 0"),
        (lambda: telling_bigrams([np.array([2, 3])], [0], 0), "must be at least 1. Received: 0 and 2"),
        (lambda: telling_bigrams([np.array([2, 3])], [0], 5, least=0), "must be at least 1. Received: 5 and 0"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
