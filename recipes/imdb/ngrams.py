"""The baseline beside a language model: interpolated Kneser-Ney counts of words, pairs and triples."""

import numpy as np


class KneserNey:
    """Probability of a word after the two before it, from counts alone.

    Interpolated Kneser-Ney smoothing with one discount (Kneser & Ney 1995; the form of Chen & Goodman 1999, section
    3, D = n1 / (n1 + 2 n2)): triples back off to pairs, pairs to words, words to all alike.

    Args:
        sequences: list of int arrays, ids of texts; each begins after two boundaries (0) and ends with one.
        vocabulary_size: number of ids, at most 2**20.
    """

    def __init__(self, sequences, vocabulary_size):
        self.size = vocabulary_size
        self.parameters = 0
        keys, counts = np.unique(_triples(sequences), return_counts=True)
        self.tables = []  # for 3, 2, 1 words: keys, counts, discount, contexts, their totals and numbers of kinds
        for width in (3, 2, 1):
            ones, twos = (counts == 1).sum(), (counts == 2).sum()
            discount = ones / max(1, ones + 2 * twos)
            contexts, first, kinds = np.unique(keys >> 20, return_index=True, return_counts=True)
            totals = np.add.reduceat(counts, first)
            self.tables.append((keys, counts, discount, contexts, totals, kinds))
            self.parameters += len(keys)
            if width > 1:  # a shorter one counts once for each word that it was seen after
                keys, counts = np.unique(keys & ((1 << 20 * (width - 1)) - 1), return_counts=True)

    def probabilities(self, sequences):
        """Of every word of `sequences` and of their ends, float64 `[words]`."""
        triples = _triples(sequences)
        found = np.full(len(triples), 1 / self.size)
        for width in (1, 2, 3):
            keys, counts, discount, contexts, totals, kinds = self.tables[3 - width]
            wanted = triples & ((1 << 20 * width) - 1)
            count = _look_up(keys, counts, wanted)
            total, kind = (_look_up(contexts, values, wanted >> 20) for values in (totals, kinds))
            known = total > 0
            own = np.maximum(count - discount, 0) + discount * kind * found
            found = np.where(known, own / np.maximum(total, 1), found)
        return found

    def perplexity(self, sequences):
        return float(np.exp(-np.log(self.probabilities(sequences)).mean()))


def _triples(sequences):
    """Every word with the two before it as one int64, the word in the lowest 20 bits."""
    parts = [np.concatenate([[0, 0], ids, [0]]).astype(np.int64) for ids in sequences]
    return np.concatenate([(p[:-2] << 40) + (p[1:-1] << 20) + p[2:] for p in parts])


def _look_up(keys, values, wanted):
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, values[place], 0)
