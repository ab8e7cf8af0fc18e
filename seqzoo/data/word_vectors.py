"""Word vectors from the training texts themselves: what stands near what, in few dimensions."""

import numpy as np


def word_vectors(sequences, vocabulary_size, size, window=5, norm=1.0, seed=0):
    """Vectors in which words that keep the same company lie close to each other.

    Positive pointwise mutual information of words at most `window` apart (a pair at distance d counts 1/d, contexts
    smoothed with the exponent 3/4), reduced by a truncated singular value decomposition: U sqrt(S). This is what
    skip-gram with negative sampling factorizes (Levy & Goldberg 2014; choices as in Levy, Goldberg & Dagan 2015, TACL 3).
    No label is used.

    Args:
        sequences: list of int32 `[time]`, token ids; 0 and 1 (padding, unknown) keep no company.
        vocabulary_size: number of ids.
        size: dimensions of a vector.
        window: greatest distance.
        norm: length that every vector is given.
        seed: of the decomposition's random start.

    Returns:
        float32 `[vocabulary_size, size]`; rows 0 and 1, and words without company, are zero.

    Raises:
        ImportError: without scikit-learn; install `seqzoo[baseline]`.
        ValueError: when `size` is not below the vocabulary size.
    """
    try:
        from sklearn.utils.extmath import randomized_svd
    except ImportError as error:
        raise ImportError("Word vectors need scikit-learn: pip install 'seqzoo[baseline]'") from error

    if not 1 <= size < vocabulary_size:
        raise ValueError(f"`size` must lie between 1 and the vocabulary size, {vocabulary_size}. Received: {size}")
    information = _positive_information(_company(sequences, vocabulary_size, window))
    u, s, _ = randomized_svd(information, size, n_iter=4, random_state=seed)
    vectors = u * np.sqrt(s)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (norm * vectors / np.where(lengths > 1e-6, lengths, np.inf)).astype(np.float32)


def _company(sequences, vocabulary_size, window):
    """How often words stand near each other: symmetric sparse float32 [vocabulary_size, vocabulary_size]."""
    from scipy.sparse import coo_matrix, csr_matrix

    gap = np.zeros(window, np.int32)  # so that the end of one text is no neighbour of the next one's beginning
    ids = np.concatenate([part for sequence in sequences for part in (sequence, gap)])
    counts = csr_matrix((vocabulary_size, vocabulary_size), dtype=np.float32)
    for distance in range(1, window + 1):
        first, second = ids[:-distance], ids[distance:]
        known = (first > 1) & (second > 1)
        weights = np.full(known.sum(), 1 / distance, np.float32)
        counts = counts + coo_matrix((weights, (first[known], second[known])), shape=counts.shape).tocsr()
    return counts + counts.T


def _positive_information(counts):
    """max(0, log of how much more often than by chance), sparse."""
    from scipy.sparse import csr_matrix

    totals = np.asarray(counts.sum(axis=1)).ravel()
    contexts = totals**0.75
    pairs = counts.tocoo()
    with np.errstate(divide="ignore"):
        information = np.log(pairs.data * contexts.sum() / (totals[pairs.row] * contexts[pairs.col]))
    keep = information > 0
    return csr_matrix((information[keep], (pairs.row[keep], pairs.col[keep])), shape=counts.shape, dtype=np.float32)
