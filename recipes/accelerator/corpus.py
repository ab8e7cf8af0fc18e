"""Texts as ids in one array, so that a batch of any of them is cut out on the accelerator."""

import jax.numpy as jnp
import numpy as np


class Texts:
    """Texts of one kind.

    Args:
        ids: uint16 `[words of all]`, one text after the other.
        lengths: int `[n]`, words of each, at least 1.
        labels: float `[n]`, the probability of positive; what it is of texts without a label does not matter.
        shares: float `[n]`, how often each is met beside the others.
    """

    def __init__(self, ids, lengths, labels, shares=None):
        self.lengths = np.asarray(lengths, np.int32)
        self.starts = np.cumsum(self.lengths) - self.lengths
        self.labels = np.asarray(labels, np.float32)
        self.shares = np.ones(len(self.lengths)) if shares is None else np.asarray(shares, float)
        self.ids = jnp.asarray(np.concatenate([np.asarray(ids, np.uint16), np.zeros(1024, np.uint16)]))

    def __len__(self):
        return len(self.lengths)

    @classmethod
    def of_file(cls, file, name):
        """Those kept under `name` in an .npz of `recipes.accelerator.prepare`."""
        return cls(*(file[f"{name}.{part}"] for part in ("ids", "lengths", "labels", "shares")))

    def together(self, other, share):
        """The texts of both, this one's met so often that they are `share` of all."""
        scale = share / (1 - share) * other.shares.sum() / self.shares.sum()
        parts = [np.concatenate(pair) for pair in ((self.lengths, other.lengths), (self.labels, other.labels))]
        ids = [np.asarray(of.ids)[: of.lengths.sum()] for of in (self, other)]
        return Texts(np.concatenate(ids), *parts, np.concatenate([scale * self.shares, other.shares]))

    def buckets(self, sizes):
        """Places of the texts by length: `{size: int [n]}`; longer ones than any size are in the last."""
        of = np.searchsorted(sizes, self.lengths)
        return {size: np.flatnonzero(np.minimum(of, len(sizes) - 1) == place) for place, size in enumerate(sizes)}

    def cut(self, places, size, random=None, ends=1.0):
        """(starts, lengths) int32 `[n]` of a stretch of `size` words of each text: its end, or with `random` and in
        `1 - ends` of the cases another."""
        words = np.minimum(self.lengths[places], size)
        spare = self.lengths[places] - words
        if random is not None:
            spare = np.where(random.random(len(places)) < ends, spare, (random.random(len(places)) * (spare + 1)).astype(int))
        return (self.starts[places] + spare).astype(np.int32), words.astype(np.int32)


class Draws:
    """Batches of texts of like length, each text met as often as its share says: `(size, places)`.

    Args:
        texts: `Texts`.
        sizes: lengths that batches have.
        words: of a batch, padding included; and at most `most` texts.
    """

    def __init__(self, texts, sizes, words, most, random):
        self.random, self.words, self.most = random, words, most
        self.buckets = {size: of for size, of in texts.buckets(sizes).items() if len(of)}
        self.sums = {size: np.cumsum(texts.shares[of]) for size, of in self.buckets.items()}
        # A bucket is drawn as often as its texts' batches are needed.
        needed = np.array([texts.shares[of].sum() / self.rows(size) for size, of in self.buckets.items()])
        self.chances = needed / needed.sum()

    def rows(self, size):
        return max(8, min(self.most, self.words // size))

    def size(self):
        return list(self.buckets)[self.random.choice(len(self.chances), p=self.chances)]

    def places(self, size, rows=None):
        sums = self.sums[size]
        drawn = np.searchsorted(sums, self.random.random(rows or self.rows(size)) * sums[-1], side="right")
        return self.buckets[size][np.minimum(drawn, len(sums) - 1)]


def gather(ids, starts, lengths, size):
    """Ids int32 `[batch, size]`, zero beyond `lengths`; computed on the device, `size` is static."""
    steps = jnp.arange(size)
    found = ids[starts[:, None] + steps[None]].astype(jnp.int32)
    return jnp.where(steps[None] < lengths[:, None], found, 0)
