"""Pairs of neighbouring words: those that tell the classes of texts apart, and what a list of them must be."""

import numpy as np


def telling_bigrams(sequences, labels, count, least=2):
    """The pairs of neighbouring words whose presence depends most on the label, by the chi-squared statistic.

    For each pair, how many texts of each class have it is compared with how many would if the label made no difference
    (Yang & Pedersen 1997, A Comparative Study on Feature Selection in Text Categorization, section 2).

    Args:
        sequences: list of int32 `[time]`, token ids; 0 and 1 (padding, unknown) are in no pair.
        labels: int `[len(sequences)]`, from 0.
        count: the largest length of the result.
        least: a pair must be in so many texts.

    Returns:
        pairs: int32 `[pairs, 2]`, in rising order of the first, then of the second id; no more than `count`.
        counts: int `[pairs, labels]`, how many texts of each label that there is have each pair.

    Raises:
        ValueError: when there is not one label a sequence, or `count` or `least` is below 1.
    """
    labels = np.asarray(labels)
    if len(labels) != len(sequences) or not len(labels):
        raise ValueError(f"There must be one label a sequence, {len(sequences)}. Received: {len(labels)}")
    if count < 1 or least < 1:
        raise ValueError(f"`count` and `least` must be at least 1. Received: {count} and {least}")
    codes = [_pairs_of(sequence) for sequence in sequences]
    classes = np.repeat(labels, [len(of) for of in codes])
    pairs, place = np.unique(np.concatenate(codes), return_inverse=True)
    found = np.stack([np.bincount(place[classes == label], minlength=len(pairs)) for label in np.unique(labels)], 1)
    share = np.array([(labels == label).mean() for label in np.unique(labels)])
    total = found.sum(axis=1, keepdims=True)
    # Of texts with the pair and of those without it: squares of what is too many, over what was expected.
    surplus = ((found - total * share) ** 2 / share).sum(axis=1)
    statistic = surplus / total[:, 0] + surplus / np.maximum(len(labels) - total[:, 0], 1)
    statistic[total[:, 0] < least] = -1
    chosen = np.argsort(-statistic, kind="stable")[:count]
    chosen = np.sort(chosen[statistic[chosen] >= 0])
    return np.stack([pairs[chosen] >> 32, pairs[chosen] & 0xFFFFFFFF], axis=1).astype(np.int32), found[chosen]


def checked_bigrams(bigrams, words):
    """The pairs of ids as int32 `[pairs, 2]` that nothing can change; ValueError unless they are of words and in order."""
    pairs = np.array(bigrams, np.int32).reshape(-1, 2)
    if len(pairs) and not 2 <= pairs.min() <= pairs.max() < words:
        raise ValueError(
            f"`bigrams` must hold ids of words, from 2 to {words - 1}. Received: values from {pairs.min()} to {pairs.max()}"
        )
    step = np.diff(pairs.astype(np.int64) @ (words, 1))
    if (step <= 0).any():
        place = int(np.argmax(step <= 0)) + 1
        raise ValueError(
            "`bigrams` must stand in rising order of the first, then of the second id, each once. "
            f"Received: {pairs[place].tolist()} after {pairs[place - 1].tolist()}"
        )
    pairs.flags.writeable = False
    return pairs


def _pairs_of(ids):
    """Every pair of known neighbours of one text, once, as one int64 each."""
    ids = np.asarray(ids, np.int64)
    known = (ids[:-1] > 1) & (ids[1:] > 1)
    return np.unique((ids[:-1][known] << 32) + ids[1:][known])
