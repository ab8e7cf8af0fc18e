"""Labelled reviews, split once into train, validation and test."""

import dataclasses
import hashlib
import os
from typing import Literal, NamedTuple

import numpy as np

from seqzoo.data import imdb, places, sample
from seqzoo.data.imdb import DataNotFoundError

__all__ = ["DataNotFoundError", "Reviews", "Split", "Unlabelled", "load_reviews", "load_unlabelled", "split_validation"]


class Split(NamedTuple):
    """Reviews and whether they are positive."""

    texts: list  # of str
    labels: np.ndarray  # int32 [n], 1 is positive, 0 negative

    def fingerprint(self) -> str:
        """SHA-256 of the reviews and their labels, whatever their order."""
        rows = (f"{label}\t{text}".encode() for text, label in zip(self.texts, self.labels, strict=True))
        return hashlib.sha256(b"".join(sorted(hashlib.sha256(row).digest() for row in rows))).hexdigest()


@dataclasses.dataclass(frozen=True)
class Reviews:
    """A data set of reviews with everything that a model's card says about it."""

    name: str
    version: str
    train: Split
    validation: Split
    test: Split
    rule: str  # how the three were split
    citation: str
    terms: str

    def fingerprint(self):
        """Returns `{"train": ..., "validation": ..., "test": ...}`, each split's fingerprint."""
        return {name: getattr(self, name).fingerprint() for name in ("train", "validation", "test")}


@dataclasses.dataclass(frozen=True)
class Unlabelled:
    """Texts without labels with everything that a model's card says about them."""

    name: str
    version: str
    train: list  # of str
    held_out: list
    rule: str
    citation: str
    terms: str

    def fingerprint(self):
        """As `Reviews.fingerprint`, of `{"train": ..., "held_out": ...}`, every label 0."""
        splits = {"train": self.train, "held_out": self.held_out}
        return {name: Split(texts, np.zeros(len(texts), np.int32)).fingerprint() for name, texts in splits.items()}


def load_reviews(
    source: Literal["imdb", "sample"] = "imdb", data_dir: str | os.PathLike | None = None, validation: float = 0.1
) -> Reviews:
    """Loads a data set of labelled reviews.

    Args:
        source: "imdb" (50,000 reviews, see `seqzoo.data.imdb`) or "sample" (3,000 generated ones, always
            there, see `seqzoo.data.sample`).
        data_dir: for "imdb", the folder with the copy that tensorflow-datasets prepared; without one there,
            TFDS_DATA_DIR and ~/tensorflow_datasets are looked at, then it is downloaded.
        validation: float in [0, 1), the share of the training reviews that `split_validation` sets aside.

    Returns:
        `Reviews`. The test split is the data set's own.

    Raises:
        DataNotFoundError: there is neither a copy nor a network.
        ValueError: an unknown source or share.
    """
    _check_source(source)
    _check_share(validation)
    module = {"imdb": imdb, "sample": sample}[source]
    version, splits = imdb.load(data_dir) if source == "imdb" else sample.load()
    train, held_out = split_validation(Split(*splits["train"]), validation)
    rule = (
        "test: the data set's own; validation: the training reviews with "
        f"int(sha256(text).hexdigest()[:8], 16) % 1000 < {1000 * validation:g}; train: the others"
    )
    return Reviews(
        name=source,
        version=version,
        train=train,
        validation=held_out,
        test=Split(*splits["test"]),
        rule=rule,
        citation=module.CITATION,
        terms=module.TERMS,
    )


def load_unlabelled(source="imdb", data_dir=None, held_out=0.01):
    """Loads the texts on which a language model may be trained: none of the test split.

    Args:
        source, data_dir: as for `load_reviews`; "imdb" has 75,000 (train and unsupervised), "sample" 2,400.
        held_out: float in [0, 1), the share that is set aside, by the hash of each text as in `split_validation`.

    Returns:
        `Unlabelled`.

    Raises:
        As `load_reviews` does.
    """
    _check_source(source)
    _check_share(held_out)
    module = {"imdb": imdb, "sample": sample}[source]
    if source == "imdb":
        version, texts = imdb.load_unlabelled(data_dir)
    else:
        version, splits = sample.load()
        texts = splits["train"][0]
    train, aside = split_validation(Split(texts, np.zeros(len(texts), np.int32)), held_out)
    rule = (
        "held_out: the reviews of train and unsupervised with "
        f"int(sha256(text).hexdigest()[:8], 16) % 1000 < {1000 * held_out:g}; train: the others; none of test"
    )
    return Unlabelled(source, version, train.texts, aside.texts, rule, module.CITATION, module.TERMS)


def split_validation(split, share):
    """Returns two splits, what stays and about `share` of `split`, chosen by the hash of each text.

    The content alone decides: copies of a review stay together; order and other reviews do not matter.
    """
    _check_share(share)
    chosen = np.array([_hash_number(text) % 1000 < 1000 * share for text in split.texts], dtype=bool)
    return _take(split, ~chosen), _take(split, chosen)


def _take(split, chosen):
    return Split([text for text, keep in zip(split.texts, chosen, strict=True) if keep], split.labels[chosen])


def _hash_number(text):
    return int(hashlib.sha256(text.encode("utf-8")).hexdigest()[:8], 16)


def _check_source(source):
    if source not in places.SOURCES:
        raise ValueError(f'source must be "imdb" or "sample". Received: {source!r}')


def _check_share(share):
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 <= share < 1:
        raise ValueError(f"validation must be a number from 0 to below 1. Received: {share!r}")
