"""Batches drawn from many sources at once, each by its own share: a pure function of (seed, epoch)."""

from typing import NamedTuple

import numpy as np

from seqzoo.training.batches import WindowedBatches

STEPS = (6, 10, 14, 18, 24, 32, 48, 64, 96, 128, 192, 256, 400)  # batches are padded to one of these, so few shapes are compiled


class Source(NamedTuple):
    """Texts of one kind, and how often they are met."""

    name: str
    sequences: list  # of int32 [time]
    labels: np.ndarray  # float [n], the probability of positive
    share: float  # passes over them in one epoch
    window: int | None = None  # of a longer text another random stretch in every epoch


class MixtureBatches(WindowedBatches):
    """Right-padded batches of `words` words or fewer, texts of like length together whatever their source.

    A source of share 0.5 shows half of its texts in an epoch and the other half in the next; of 2, each twice. For
    `seqzoo.training.fit.fit`, like `seqzoo.training.batches.LengthBatches`.

    Args:
        sources: list of `Source`.
        words: padding included.
        seed: with the epoch number, decides the order of everything.
    """

    def __init__(self, sources, words, seed=0):
        self.sources, self.words = sources, words
        sizes = [len(source.sequences) for source in sources]
        windows = np.concatenate([np.full(size, source.window or 10**6) for size, source in zip(sizes, sources, strict=True)])
        sequences = [sequence for source in sources for sequence in source.sequences]
        labels = np.concatenate([np.asarray(source.labels, np.float32) for source in sources])
        super().__init__(sequences, labels, windows, seed)
        group = np.searchsorted(STEPS, np.maximum(self.lengths, 1))
        if group.max() >= len(STEPS):
            raise ValueError(f"A sequence, or a source's window, has at most {STEPS[-1]} steps. Received: {self.lengths.max()}")
        # Rows of one source and length: as many of them in each epoch, so that every epoch has as many batches.
        self._strata, start = {}, 0
        for size, source in zip(sizes, sources, strict=True):
            rows = np.arange(start, start + size)
            for of in np.unique(group[rows]):
                here = rows[group[rows] == of]
                if taken := round(source.share * len(here)):
                    self._strata.setdefault(int(of), []).append((here, taken))
            start += size

    def _rows_a_batch(self, group):
        return max(1, self.words // STEPS[group])

    def __len__(self):
        return sum(sum(taken for _, taken in parts) // self._rows_a_batch(group) for group, parts in self._strata.items())

    def rows(self, epoch):
        """Row numbers of every batch of an epoch, a list of int arrays."""
        found = []
        for group, parts in sorted(self._strata.items()):
            random = np.random.Generator(np.random.PCG64([self.seed, epoch, group]))
            rows = random.permutation(np.concatenate([self._taken(*part, epoch) for part in parts]))
            size = self._rows_a_batch(group)
            found += [rows[start : start + size] for start in range(0, len(rows) // size * size, size)]
        random = np.random.Generator(np.random.PCG64([self.seed, epoch]))
        return [found[place] for place in random.permutation(len(found))]

    def _taken(self, rows, taken, epoch):
        """The next `taken` of endlessly repeated, each time newly shuffled rows."""
        first, picked = epoch * taken, []
        while taken:
            passed, within = divmod(first, len(rows))
            shuffled = np.random.Generator(np.random.PCG64([self.seed, int(rows[0]), passed])).permutation(rows)
            picked.append(shuffled[within : within + taken])
            first, taken = first + len(picked[-1]), taken - len(picked[-1])
        return np.concatenate(picked)

    def padded_length(self, longest):
        return STEPS[np.searchsorted(STEPS, longest)]
