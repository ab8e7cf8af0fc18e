"""Vectors of the pairs of neighbouring words that a vocabulary lists."""

import keras
import numpy as np
from keras import ops

LARGEST = 2**31 - 1  # of the integers that stand for pairs


@keras.saving.register_keras_serializable(package="seqzoo")
class BigramEmbedding(keras.layers.Layer):
    """A vector for every token that makes a known pair with the one before it, another one for all the others.

    A pair of words is a region of two words (Johnson & Zhang 2015, arXiv:1412.1058). It is found by a binary search
    written out as gathers and comparisons, which every backend and mobile runtime has. See `set_pairs`; until then no
    pair is known.

    Args:
        pairs: whole number of at least 1, how many pairs can be known.
        size: whole number of at least 1, numbers in a vector.
        vocabulary_size: number of ids, at most 46340; they are from 0 to this less one.
        embeddings_initializer: of the vectors.

    Call arguments:
        ids: int32 `[batch, time]`.

    Returns:
        float `[batch, time, size]`. The first token of a row has none before it.

    Raises:
        ValueError: for numbers that are not whole, too small or too great, or ids that are not integers.
    """

    def __init__(self, pairs, size, vocabulary_size, embeddings_initializer="uniform", **kwargs):
        super().__init__(**kwargs)
        for name, value in (("pairs", pairs), ("size", size), ("vocabulary_size", vocabulary_size)):
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ValueError(f"`{name}` must be a whole number of at least 1. Received: {value!r}")
        if vocabulary_size**2 > LARGEST:
            raise ValueError(f"`vocabulary_size` must be at most {int(LARGEST**0.5)}. Received: {vocabulary_size}")
        self.pairs, self.size, self.vocabulary_size = pairs, size, vocabulary_size
        self.depth = pairs.bit_length()  # of the search
        self.embeddings_initializer = keras.initializers.get(embeddings_initializer)

    def build(self, _):
        self.embeddings = self.add_weight(
            name="embeddings", shape=(self.pairs + 1, self.size), initializer=self.embeddings_initializer
        )
        # In rising order; the rest, up to what a search of this depth can reach, is greater than every pair.
        self.codes = self.add_weight(
            name="codes", shape=(2**self.depth - 1,), dtype="int32", initializer=_none_known, trainable=False
        )

    def set_pairs(self, pairs):
        """Decide which pairs are known.

        Args:
            pairs: int `[n, 2]`, n at most `pairs`: ids of a word and of the one after it, in rising order. Row n of
                `embeddings` is the vector of pair n - 1, row 0 that of all others.

        Raises:
            ValueError: for another shape or order, or ids outside the vocabulary.
        """
        pairs = np.asarray(pairs, np.int64)
        if pairs.ndim != 2 or pairs.shape[1] != 2 or len(pairs) > self.pairs:
            raise ValueError(f"`pairs` must have shape [n, 2], n at most {self.pairs}. Received: {pairs.shape}")
        if len(pairs) and (pairs.min() < 0 or pairs.max() >= self.vocabulary_size):
            raise ValueError(
                f"`pairs` must hold ids from 0 to {self.vocabulary_size - 1}. Received: {pairs.min()} to {pairs.max()}"
            )
        codes = pairs[:, 0] * self.vocabulary_size + pairs[:, 1]
        if not (np.diff(codes) > 0).all():
            raise ValueError("`pairs` must stand in rising order, each once. Received: another order")
        rest = np.full(2**self.depth - 1 - len(pairs), LARGEST)
        self.codes.assign(np.concatenate([codes, rest]).astype(np.int32))

    def call(self, ids):
        if not keras.backend.is_int_dtype(ids.dtype):
            raise ValueError(f"`ids` must be integers. Received: {keras.backend.standardize_dtype(ids.dtype)}")
        ids = ops.cast(ids, "int32")
        before = ops.pad(ids, ((0, 0), (1, 0)))[:, :-1]
        return ops.cast(ops.take(self.embeddings, self._find(before * self.vocabulary_size + ids), axis=0), self.compute_dtype)

    def _find(self, codes):
        """1 + the position of each code among the known ones, 0 for the unknown."""
        smaller = ops.zeros_like(codes)  # how many of the known are certainly no greater
        for bit in reversed(range(self.depth)):
            further = smaller + 2**bit
            smaller = ops.where(ops.take(self.codes, further - 1) <= codes, further, smaller)
        nearest = ops.take(self.codes, ops.maximum(smaller - 1, 0))
        return ops.where(nearest == codes, smaller, 0)

    def compute_output_shape(self, ids_shape):
        return (*ids_shape, self.size)

    def get_config(self):
        initializer = keras.initializers.serialize(self.embeddings_initializer)
        own = {"pairs": self.pairs, "size": self.size, "vocabulary_size": self.vocabulary_size}
        return {**super().get_config(), **own, "embeddings_initializer": initializer}


def _none_known(shape, dtype=None):
    return ops.full(shape, LARGEST, dtype)
