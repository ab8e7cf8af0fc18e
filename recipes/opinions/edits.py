"""Reviews that people edited until they meant the opposite: which belong together, and which sentences were changed."""

import collections
import difflib
import re

from seqzoo.data.tokenizer import tokenize

from .sources import read_rows

ALIKE = 0.5  # share of words that an edited sentence keeps


def read_edits(path):
    """Pairs (original, its label, edited) of a counterfactual file; the edited has the other label.

    The file doesn't say which belong together: each edited review is the partner of the original that shares the most
    runs of four words with it.
    """
    rows = read_rows(path)
    originals = [row for row in rows if row["kind"] == "orig"]
    holders = collections.defaultdict(list)
    for place, row in enumerate(originals):
        for run in _runs(row["text"]):
            holders[run].append(place)
    pairs = []
    for row in rows:
        if row["kind"] == "new":
            votes = collections.Counter(place for run in _runs(row["text"]) for place in holders.get(run, ()))
            fitting = [place for place, _ in votes.most_common(5) if originals[place]["label"] != row["label"]]
            if fitting:
                original = originals[fitting[0]]
                pairs.append((original["text"], int(original["label"]), row["text"]))
    return pairs


def changed_sentences(pairs):
    """(before, after) of each sentence that an edit changed and left recognisable, with the label of what stood before.

    Args:
        pairs: as `read_edits` gives them.

    Returns:
        A list of (sentence of the original, the original's label, sentence of the edited).
    """
    found = {}
    for original, label, edited in pairs:
        before, after = sentences(original), sentences(edited)
        known, kept = set(map(_key, before)), set(map(_key, after))
        gone = [sentence for sentence in before if _key(sentence) not in kept]
        for new in after:
            if _key(new) in known or not gone:
                continue
            shares = [difflib.SequenceMatcher(None, _key(old), _key(new), autojunk=False).ratio() for old in gone]
            best = max(range(len(gone)), key=shares.__getitem__)
            if shares[best] >= ALIKE and _key(gone[best]) != _key(new):
                found[_key(gone[best]), _key(new)] = (gone[best], label, new)
    return list(found.values())


def sentences(text):
    """The sentences of a review, more or less."""
    parts = re.split(r"(?<=[.!?])\s+|<br ?/?>|(?<=[a-z][.!?])(?=[A-Z])", text)
    return [part.strip() for part in parts if tokenize(part)]


def _key(sentence):
    return tuple(tokenize(sentence))


def _runs(text):
    words = tokenize(text)
    return {tuple(words[start : start + 4]) for start in range(len(words) - 3)}
