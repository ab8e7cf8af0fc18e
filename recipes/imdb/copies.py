"""Reviews known by their first words: copies of one differ in marks and in their ends."""

import csv
from pathlib import Path

from seqzoo.data.reviews import Split
from seqzoo.data.tokenizer import tokenize

FIRST = 25  # words


def key_of(text):
    """What copies of a review have in common, a tuple of str."""
    return tuple(tokenize(text)[:FIRST])


def without(split, keys):
    """The `Split` of the reviews of another whose `key_of` is not among the keys."""
    kept = [place for place, text in enumerate(split.texts) if key_of(text) not in keys]
    return Split([split.texts[place] for place in kept], split.labels[kept])


def add_without(parser):
    """Adds the option --without."""
    parser.add_argument(
        "--without",
        type=Path,
        metavar="FILE",
        help="CSV with a column text, of reviews that one of them has learned from: no validation reviews",
    )


def judging(reviews, path=None):
    """The validation `Split` of `seqzoo.data.reviews.Reviews`, without those that stand among the texts of a CSV file.

    Raises:
        ValueError: the file has no column `text`.
    """
    if path is None:
        return reviews.validation
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if "text" not in (rows.fieldnames or ()):
            raise ValueError(f"{path} must have a column named text. Received: {', '.join(rows.fieldnames or ()) or 'nothing'}")
        return without(reviews.validation, {key_of(row["text"]) for row in rows})
