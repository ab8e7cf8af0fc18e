"""Reviews known by their first words: copies of one differ in marks and in their ends."""

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
