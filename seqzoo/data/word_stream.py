"""Texts as one endless row of words, cut for truncated backpropagation through time."""

import numpy as np

BOUNDARY = 0  # the id that ends every text, and with which generation begins; elsewhere it is padding


class WordStream:
    """Batches of a continuous stream of words: row r of one batch goes on in row r of the next.

    The texts, in another order in every epoch, are joined with a boundary after each, cut into `batch_size` equal
    rows, and these into windows of `time_steps`. So a model may carry its states from batch to batch (truncated
    backpropagation through time; Williams & Peng 1990). Words left over at the end are skipped in that epoch.

    With each batch come words drawn for `seqzoo.layers.sampled_softmax.SampledSoftmax`: of those outside the
    `head`, with replacement, in proportion to their count to the power 3/4. All of it depends on seed, epoch and step alone.

    Args:
        sequences: list of int32 `[time]`, ids of the texts; id 1, any unknown word, is no rarer than others.
        vocabulary_size: number of ids.
        batch_size, time_steps: of a batch, whole numbers >= 1.
        seed: whole number >= 0.
        head: number of frequent words that are not drawn.
        draws: number of words drawn for a batch.
        backwards: every text from its last word to its first.

    Raises:
        ValueError: a size below 1, a head that leaves no word to draw, or texts too short for one batch.
    """

    def __init__(self, sequences, vocabulary_size, batch_size, time_steps, seed=0, head=1000, draws=1000, backwards=False):
        for name, value in (("batch_size", batch_size), ("time_steps", time_steps), ("draws", draws)):
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"`{name}` must be a whole number of at least 1. Received: {value!r}")
        if not 1 <= head < vocabulary_size:
            raise ValueError(f"`head` must lie between 1 and {vocabulary_size - 1}. Received: {head!r}")
        lengths = [len(sequence) for sequence in sequences]
        self._words = np.concatenate([np.zeros(0, np.int32), *sequences])
        self._starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        self.words = len(self._words) + len(sequences)  # with their boundaries
        self.steps = (self.words - 1) // (batch_size * time_steps)
        if self.steps < 1:
            raise ValueError(f"The texts must hold more than {batch_size} x {time_steps} words. Received: {self.words}")
        counts = np.bincount(self._words, minlength=vocabulary_size)[head:]
        share = (counts + 1.0) ** 0.75
        self._cumulative = np.cumsum(share / share.sum())
        self._log_expected = np.log(draws * share / share.sum()).astype(np.float32)
        self.batch_size, self.time_steps, self.seed = batch_size, time_steps, seed
        self.head, self.draws, self.backwards = head, draws, backwards
        self._joined = (None, None)  # epoch, its rows

    def __len__(self):
        return self.steps

    def rows(self, epoch):
        """The number of every batch of an epoch, in order."""
        return range(self.steps)

    def batch(self, step, epoch):
        """`(ids, targets, drawn, log_expected), targets`: int32 `[batch, time]`, that shifted by one word, int32 and
        float32 `[draws]`."""
        return self.share(step, epoch, 0, 1)

    def share(self, step, epoch, part, parts):
        """What `batch` gives, of a part of the rows, see `seqzoo.training.batches.share_of`; the words drawn are those of all.

        Raises:
            ValueError: the rows can't be divided evenly.
        """
        if self.batch_size % parts:
            raise ValueError(
                f"A batch must have the same number of rows for each of {parts} replicas. Received: {self.batch_size} rows"
            )
        size = self.batch_size // parts
        rows = self._rows(epoch)[part * size : (part + 1) * size]
        at = step * self.time_steps
        ids, targets = rows[:, at : at + self.time_steps], rows[:, at + 1 : at + 1 + self.time_steps]
        random = np.random.Generator(np.random.PCG64([self.seed, epoch, step]))
        drawn = np.searchsorted(self._cumulative, random.random(self.draws))
        drawn = np.minimum(drawn, len(self._cumulative) - 1)  # the last sum may fall short of 1
        return (ids, targets, (self.head + drawn).astype(np.int32), self._log_expected[drawn]), targets

    def _rows(self, epoch):
        """The stream of an epoch, int32 `[batch_size, steps*time_steps + 1]`; a row's last word is the next one's first."""
        if self._joined[0] != epoch:
            order = np.random.Generator(np.random.PCG64([self.seed, epoch])).permutation(len(self._starts) - 1)
            stream = np.zeros(self.words, np.int32)  # BOUNDARY where nothing is written
            at = 0
            for row in order:
                text = self._words[self._starts[row] : self._starts[row + 1]]
                stream[at : at + len(text)] = text[::-1] if self.backwards else text
                at += len(text) + 1
            width = self.steps * self.time_steps
            whole = np.lib.stride_tricks.sliding_window_view(stream, width + 1)[::width][: self.batch_size]
            self._joined = (epoch, whole)
        return self._joined[1]
