"""What pairs of neighbouring words say about the class, beside the words, and training that does not believe it too much.

The evidence of a pair is its naive Bayes log-count ratio (Wang & Manning 2012). It is counted from labels, so a review whose
own label is counted in seems plainer than any new one. Therefore, while a review is trained on, pairs and ratios are
those of the other four fifths of the reviews (cross-fitting, as in stacking, Wolpert 1992); afterwards those of all.
"""

import numpy as np

from .cross_fitting import FOLDS, fold_of

SCALE = 0.5  # half a ratio is about as long as a number of a word's vector


def evidence(sequences, labels, count):
    """The most telling pairs of words and what they say.

    Args:
        sequences: list of int32 `[time]`, token ids.
        labels: int `[len(sequences)]`, 0 or 1, both of them there.
        count: how many pairs at most.

    Returns:
        pairs int32 `[pairs, 2]`, see `telling_bigrams`, and float32 `[pairs]`, half the log of how much more of the
        texts of label 1 than of label 0 have the pair, with one added to each count.
    """
    from seqzoo.data.bigrams import telling_bigrams

    pairs, counts = telling_bigrams(sequences, labels, count)
    shares = (counts + 1) / (counts + 1).sum(axis=0)
    return pairs, (SCALE * np.log(shares[:, 1] / shares[:, 0])).astype(np.float32)


def with_bigrams(vocabulary, train, arguments):
    """The vocabulary with the pairs of words that tell most in the training reviews.

    Raises:
        ValueError: no pair is in two reviews.
    """
    from seqzoo.data.vocabulary import Vocabulary

    sequences = vocabulary.encode_list(train.texts, arguments.max_tokens)
    pairs, _ = evidence(sequences, train.labels, arguments.bigrams)
    if not len(pairs):
        raise ValueError(f"--bigrams needs a pair of words that is in two reviews. Received: {len(train.texts)} without one")
    return Vocabulary(vocabulary.words, pairs)


class CrossFittedBatches:
    """Batches like those of `LengthBatches`, each of one fifth of the reviews, for which the network has the others' evidence.

    Args:
        layer: `BigramEmbedding` of size 1; it is not trained until `finish`.
        counted: labels, int 0 or 1, that decide the evidence.
        sequences, labels, batch_size, seed, window: as for `LengthBatches`.
    """

    def __init__(self, layer, counted, sequences, labels, batch_size, seed=0, window=None):
        from seqzoo.training.batches import LengthBatches

        self.layer, self.seed, counted, labels = layer, seed, np.asarray(counted), np.asarray(labels)
        self.parts, self.tables, fold = [], [], fold_of(len(sequences), seed)
        for number in range(FOLDS):
            own, others = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
            chosen = [sequences[row] for row in own]
            self.parts.append(LengthBatches(chosen, labels[own], batch_size, seed, window=window))
            self.tables.append(evidence([sequences[row] for row in others], counted[others], layer.pairs))
        self.all = evidence(sequences, counted, layer.pairs)
        layer.trainable = False

    def __len__(self):
        return sum(map(len, self.parts))

    def rows(self, epoch):
        """(number of the fifth, row numbers in it) of every batch of an epoch."""
        batches = [(number, rows) for number, part in enumerate(self.parts) for rows in part.rows(epoch)]
        order = np.random.Generator(np.random.PCG64([self.seed, epoch, 2])).permutation(len(batches))
        return [batches[place] for place in order]

    def batch(self, rows, epoch=0):
        """Padded ids and labels of a batch as of `LengthBatches`; the layer then knows what the other fifths say."""
        number, rows = rows
        self._use(*self.tables[number])
        return self.parts[number].batch(rows, epoch)

    def share(self, rows, epoch, part, parts):
        """A part of what `batch` gives, see `seqzoo.training.batches.share_of`."""
        number, rows = rows
        self._use(*self.tables[number])
        return self.parts[number].share(rows, epoch, part, parts)

    def use_all(self):
        """From now on, until the next batch, the layer has the evidence of all."""
        self._use(*self.all)

    def finish(self):
        """The layer has the evidence of all, as weights like any others."""
        self.use_all()
        self.layer.trainable = True

    def _use(self, pairs, ratios):
        vectors = np.zeros((self.layer.pairs + 1, 1), np.float32)
        vectors[1 : len(ratios) + 1, 0] = ratios
        self.layer.set_pairs(pairs)
        self.layer.embeddings.assign(vectors)
