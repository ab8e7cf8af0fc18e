"""Texts of which a vocabulary knows no word: an answer to one says nothing about it."""

import contextlib
import warnings


class NoKnownWordWarning(UserWarning):
    """A model was asked about a text without one word that it knows; its answer is what it gives to any such text."""


def has_known_word(ids):
    """Whether the ids of a text, int `[time]`, hold one of a word that the vocabulary has."""
    return bool((ids > 1).any())


def warn_without_known_word(texts, rows, stacklevel=3):
    """Warns, once for a call, of the texts whose ids (`rows`, a list of int `[time]`) hold no known word."""
    without = [place for place, ids in enumerate(rows) if not has_known_word(ids)]
    if without:
        others = f" (and {len(without) - 1} more texts)" if len(without) > 1 else ""
        warnings.warn(
            f"The model knows no word of the text {texts[without[0]]!r:.80} at index {without[0]}{others}: its answer says "
            "nothing about it",
            NoKnownWordWarning,
            stacklevel=stacklevel,
        )


@contextlib.contextmanager
def without_warning():
    """Where a model is asked about such texts on purpose: by its golden inputs, or row by row of somebody's file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NoKnownWordWarning)
        yield
