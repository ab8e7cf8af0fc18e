"""Which rows form which batch: shuffled, grouped by length, a pure function of (seed, epoch)."""

import numpy as np


def share_of(batches, rows, epoch, part, parts):
    """A worker's share of the batch of these rows, as `batches.batch` gives it: the `part`-th of `parts` equal ones.

    Batches whose padding or rows depend on the whole batch say themselves what a share is (`share`, the same arguments).

    Raises:
        ValueError: the rows can't be divided evenly.
    """
    if hasattr(batches, "share"):
        return batches.share(rows, epoch, part, parts)
    return batches.batch(part_of(rows, part, parts), epoch)


def part_of(rows, part, parts):
    """The `part`-th of `parts` equal parts of a sequence, one after the other."""
    size, left = divmod(len(rows), parts)
    if left or not size:
        raise ValueError(f"A batch must have the same number of rows for each of {parts} replicas. Received: {len(rows)} rows")
    return rows[part * size : (part + 1) * size]


class WindowedBatches:
    """What batches of token sequences share: rows padded behind, of a longer sequence another random stretch each epoch.

    A subclass says in `padded_length` to how many steps a batch is padded, and which rows form one.

    Args:
        sequences: list of int32 arrays.
        labels: array `[len(sequences)]`.
        windows: the greatest number of steps that is shown of a sequence, for all or `[len(sequences)]`; None for whole ones.
        seed: with the epoch number, decides where the windows begin.
    """

    def __init__(self, sequences, labels, windows, seed):
        self.sequences, self.labels, self.seed = sequences, np.asarray(labels, np.float32), seed
        whole = np.array([len(sequence) for sequence in sequences])
        self.lengths = whole if windows is None else np.minimum(whole, windows)
        self.spare = whole - self.lengths  # how far a window can be moved
        self._drawn = (None, None)  # epoch, starts of its windows

    def padded_length(self, longest):
        """The number of steps of a batch whose longest row has so many."""
        raise NotImplementedError(f"{type(self).__name__} must say to how many steps a batch is padded")

    def batch(self, rows, epoch=0):
        """Padded ids int32 `[batch, time]` and labels float32 `[batch, 1]` of these rows in this epoch."""
        return self._padded(rows, rows, epoch)

    def share(self, rows, epoch, part, parts):
        """What `batch` gives, of a part of these rows; padded as the whole batch is. See `share_of`."""
        return self._padded(part_of(rows, part, parts), rows, epoch)

    def _padded(self, rows, beside, epoch):
        """The batch of `rows`, padded to the longest of `beside`."""
        ids = np.zeros((len(rows), self.padded_length(max(1, self.lengths[beside].max()))), np.int32)
        starts = self._starts(epoch)
        for line, row in enumerate(rows):
            start, length = starts[row], self.lengths[row]
            ids[line, :length] = self.sequences[row][start : start + length]
        return ids, self.labels[rows][:, None]

    def _starts(self, epoch):
        """Where every row's window begins in an epoch, int array `[rows]`."""
        if self._drawn[0] != epoch:
            random = np.random.Generator(np.random.PCG64([self.seed, epoch, 1]))
            self._drawn = (epoch, random.integers(0, self.spare + 1))
        return self._drawn[1]


class LengthBatches(WindowedBatches):
    """Right-padded batches of token sequences with little padding, the same for the same seed.

    Rows are shuffled, sorted by length within pools of many batches, cut into batches, and the batches
    shuffled again. A batch is padded to one of a few lengths, so that few shapes have to be compiled.
    Rows left over when the set is not a multiple of the batch size are skipped in that epoch. With `window`, a
    longer sequence shows another random stretch of that many steps in every epoch: less to compute, and less to learn
    by heart.

    Args:
        sequences: list of int32 arrays.
        labels: float or int array `[len(sequences)]`.
        batch_size: rows in every batch.
        seed: with the epoch number, decides the order of everything.
        multiple: batches are padded up to a multiple of this many steps.
        pool: number of batches sorted together.
        window: greatest number of steps, or None for whole sequences.

    Raises:
        ValueError: when there are fewer rows than one batch, labels of another length, or a negative seed.
    """

    def __init__(self, sequences, labels, batch_size, seed=0, multiple=64, pool=50, window=None):
        if len(labels) != len(sequences):
            raise ValueError(f"There must be one label a sequence, {len(sequences)}. Received: {len(labels)}")
        if not isinstance(batch_size, int) or not 1 <= batch_size <= len(sequences):
            raise ValueError(f"`batch_size` must lie between 1 and the number of rows, {len(sequences)}. Received: {batch_size}")
        if not isinstance(seed, int) or seed < 0:
            raise ValueError(f"`seed` must be a whole number of at least 0. Received: {seed!r}")
        if window is not None and (not isinstance(window, int) or window < 1):
            raise ValueError(f"`window` must be None or a whole number of at least 1. Received: {window!r}")
        super().__init__(sequences, labels, window, seed)
        self.batch_size, self.multiple, self.pool = batch_size, multiple, pool

    def __len__(self):
        return len(self.sequences) // self.batch_size

    def rows(self, epoch):
        """Row numbers of every batch of an epoch, int array `[batches, batch_size]`."""
        random = np.random.Generator(np.random.PCG64([self.seed, epoch]))
        order = random.permutation(len(self.sequences))[: len(self) * self.batch_size]
        span = self.pool * self.batch_size
        for start in range(0, len(order), span):
            part = order[start : start + span]
            order[start : start + span] = part[np.argsort(self.lengths[part], kind="stable")]
        return random.permutation(order.reshape(len(self), self.batch_size))

    def padded_length(self, longest):
        return -(-longest // self.multiple) * self.multiple


class ShuffledBatches:
    """Batches of rows of equal shape, shuffled anew each epoch, the same for the same seed.

    Rows left over when the set is not a multiple of the batch size are skipped in that epoch.

    Args:
        inputs: array `[n, ...]`.
        targets: array `[n, ...]`.
        batch_size: rows in every batch.
        seed: with the epoch number, decides the order.

    Raises:
        ValueError: when there are fewer rows than one batch, or targets of another length.
    """

    def __init__(self, inputs, targets, batch_size, seed=0):
        if len(targets) != len(inputs):
            raise ValueError(f"There must be one target a row, {len(inputs)}. Received: {len(targets)}")
        if not 1 <= batch_size <= len(inputs):
            raise ValueError(f"`batch_size` must lie between 1 and the number of rows, {len(inputs)}. Received: {batch_size}")
        self.inputs, self.targets, self.batch_size, self.seed = inputs, targets, batch_size, seed

    def __len__(self):
        return len(self.inputs) // self.batch_size

    def rows(self, epoch):
        """Row numbers of every batch of an epoch, int array `[batches, batch_size]`."""
        random = np.random.Generator(np.random.PCG64([self.seed, epoch]))
        order = random.permutation(len(self.inputs))[: len(self) * self.batch_size]
        return order.reshape(len(self), self.batch_size)

    def batch(self, rows, epoch):
        """Inputs and targets of these rows, the same in every epoch."""
        return self.inputs[rows], self.targets[rows]
