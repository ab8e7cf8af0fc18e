import numpy as np
import pytest

from seqzoo.data.word_vectors import _company, _positive_information, word_vectors


def test_company_counts_pairs_by_distance_and_never_across_texts():
    counts = _company([np.array([2, 3, 4]), np.array([4, 2])], vocabulary_size=5, window=2).toarray()
    expected = np.zeros((5, 5))
    expected[2, 3] = expected[3, 4] = 1  # neighbours
    expected[2, 4] = 1 / 2  # at distance two
    expected[4, 2] = 1  # the second text
    np.testing.assert_allclose(counts, expected + expected.T)


def test_padding_and_unknown_words_keep_no_company():
    counts = _company([np.array([2, 1, 3, 0, 2])], vocabulary_size=4, window=1).toarray()
    assert counts.sum() == 0


def test_information_is_the_positive_part_of_the_smoothed_logarithm():
    counts = _company([np.array([2, 3, 4, 5, 2, 3, 2, 3])], vocabulary_size=6, window=2)
    dense = counts.toarray().astype(np.float64)
    contexts = dense.sum(axis=0) ** 0.75
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = np.log((dense / dense.sum(axis=1, keepdims=True)) / (contexts / contexts.sum()))
    expected = np.where(dense > 0, np.maximum(expected, 0), 0)
    np.testing.assert_allclose(_positive_information(counts).toarray(), expected, rtol=1e-5, atol=1e-6)


def test_words_in_the_same_company_lie_closer_than_others():
    random = np.random.default_rng(0)
    # Ids 2 and 3 stand between the same neighbours (6, 7), 4 and 5 between others (8, 9).
    texts = [np.array([left, word, left + 1]) for left, words in ((6, (2, 3)), (8, (4, 5))) for word in random.choice(words, 200)]
    vectors = word_vectors(texts, vocabulary_size=10, size=3, window=2)
    assert vectors.dtype == np.float32 and vectors.shape == (10, 3)
    assert vectors[2] @ vectors[3] > 0.9 and vectors[4] @ vectors[5] > 0.9
    assert vectors[2] @ vectors[4] < 0.2


def test_length_of_vectors_and_zeros_for_what_has_no_company():
    vectors = word_vectors([np.array([2, 3, 4, 3, 2])], vocabulary_size=7, size=2, norm=4.0)
    lengths = np.linalg.norm(vectors, axis=1)
    np.testing.assert_allclose(lengths[[0, 1, 5, 6]], 0)
    np.testing.assert_allclose(lengths[[2, 3, 4]], 4, rtol=1e-5)


def test_the_same_seed_gives_the_same_vectors():
    texts = [np.random.default_rng(n).integers(2, 40, 30) for n in range(50)]
    first, second = (word_vectors(texts, vocabulary_size=40, size=8, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("size", [0, 10])
def test_size_must_be_below_the_vocabulary_size(size):
    with pytest.raises(ValueError, match="between 1 and the vocabulary size, 10. Received"):
        word_vectors([np.array([2, 3])], vocabulary_size=10, size=size)
