"""What `recipes.opinions.train` learns from and is chosen by: the sources, split and weighted."""

import collections
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from seqzoo.data.reviews import Split, load_reviews, split_validation
from seqzoo.data.tokenizer import tokenize

from ..imdb.copies import key_of, without
from . import frames, joins, recall, turns
from .edits import changed_sentences, read_edits
from .grammar import opinions
from .sources import GRADES, read_labelled, read_trees
from .suite import TRIED, read_suite

NEGATORS = re.compile(
    r"\b(not|no|never|nothing|nobody|none|neither|nor|hardly|without|lacks?|but|although|despite|too)\b|n't\b", re.I
)
HELD_OUT = 0.05  # of pros and cons and of product sentences


class Texts(NamedTuple):
    """Texts of one source with a probability of positive each."""

    texts: list
    labels: np.ndarray


class Data(NamedTuple):
    train: dict  # name -> Texts
    validation: dict  # name -> Split


def load(folder, data_dir, made, seed=0, framed=0, recalled=0, far=recall.FAR, wide=0, turned=0):
    """All sources, and the validation parts, which share no text with them.

    Args:
        folder: with the files that `recipes.opinions.sources` names.
        data_dir: of IMDB.
        made: number of sentences of the grammar, 0 for none; a third as many are joined and denied halves of real ones.
        seed: of all that is made.
        framed: number of sentences of the frames.
        recalled: number of texts whose verdict is asked for after a filler.
        far: words of that filler, at most.
        wide: number of sentences of the wider frames.
        turned: number of texts whose halves stand far apart, the second of them deciding.
    """
    folder, train, validation = Path(folder), {}, {}
    trees = read_trees(folder / "sst/train.txt")
    roots = [tree[0] for tree in trees]
    train["sentences"] = _graded(roots)
    grades = collections.defaultdict(list)
    for tree in trees:
        for text, grade in tree[1:]:
            grades[text].append(grade)
    phrases = [(text, sum(of) / len(of)) for text, of in grades.items() if tokenize(text)]
    polar = [(text, grade) for text, grade in phrases if abs(grade - 2) >= 0.5]
    negated = [(text, grade) for text, grade in polar if len(tokenize(text)) > 1 and NEGATORS.search(text)]
    train["phrases"] = _graded(polar)
    train["phrases with a negation"] = _graded(negated)
    train["neutral phrases"] = _graded([(text, grade) for text, grade in phrases if abs(grade - 2) < 0.5])
    validation["sst_dev"] = sst(folder / "sst/dev.txt")
    rows = {}
    for name in ("pros_cons", "product_sentences"):
        kept, aside = split_validation(Split(*map(_arrays, read_labelled(folder / f"{name}.csv"))), HELD_OUT)
        train[name.replace("_", " ")], validation[name] = _sure(kept), aside
        rows[name] = list(zip(*kept, strict=True))
    edits, unseen = (read_edits(folder / f"counterfactual_{part}.csv") for part in ("train", "dev"))
    whole = [(text, label) for original, of, edited in edits for text, label in ((original, of), (edited, 1 - of))]
    changed = [(t, of) for before, label, after in changed_sentences(edits) for t, of in ((before, label), (after, 1 - label))]
    train["edited reviews"] = _sure(Split(*map(_arrays, zip(*whole, strict=True))))
    train["edited sentences"] = Texts([t for t, _ in changed], 0.1 + 0.8 * np.array([of for _, of in changed]))
    validation["edited"] = Split([new for *_, new in unseen], np.array([1 - of for _, of, _ in unseen]))
    validation["original"] = Split([old for old, *_ in unseen], np.array([of for _, of, _ in unseen]))
    reviews = load_reviews("imdb", data_dir, 0.1)
    hidden = {key_of(text) for part in ("original", "edited") for text in validation[part].texts}
    train["reviews"] = _sure(without(reviews.train, hidden))
    validation["reviews"] = without(reviews.validation, hidden | {key_of(text) for text, _ in whole})
    if made or recalled or wide or turned:
        halves = joins.fragments([(t, round(g)) for t, g in phrases], [row for of in rows.values() for row in of])
    if made:
        train["grammar"] = _of_rules(opinions(made, seed))
        together = joins.joined(halves, made // 6, seed) + joins.denied(halves, made // 6, seed) + joins.with_not(halves)
        train["joined and denied"] = _of_rules(together)
    if framed:
        train["framed"] = _of_rules(frames.framed(framed, seed))
    if wide:
        train["framed wide"] = _of_rules(frames.framed(wide, seed, wide=True) + joins.wider(halves, wide // 5, seed))
        tried = [saying for saying in read_suite(TRIED) if saying.verdict is not None]
        validation["tried"] = Split([saying.text for saying in tried], np.array([saying.verdict for saying in tried]))
    neutral = [text for text, grade in phrases if grade == 2]
    if turned:
        train["turned"] = _of_rules(turns.turned(turned, halves, neutral, seed))
    if recalled:
        train["recalled"] = _of_rules(recall.recalled(recalled, halves, neutral, seed, far))
        texts, verdicts = zip(*recall.recalled(400, halves, neutral, seed + 1, aside=True), strict=True)
        validation["recalled"] = Split(list(texts), (np.array(verdicts) > 0.5).astype(int))
        known = set(train["framed"].texts) if framed else ()
        last = [(t, of > 0.5) for t, of, kind in frames.framed(6000, seed + 1) if kind == "turn" and t not in known]
        validation["turns"] = Split([t for t, _ in last], np.array([int(of) for _, of in last]))
    unknown = ["", "[]", "zzq", "qx zzq", "zzq zzq zzq"]
    train["nothing"] = Texts(unknown * 40, np.full(200, 0.5))
    return Data(train, validation)


def load_for(made_with, folder, data_dir):
    """`load` with what the arguments of a run, a dict, say of it; an older run does not name everything."""
    made, seed, get = made_with["made"], made_with["seed"], made_with.get
    wide, turned = get("framed_wide", 0), get("turned", 0)
    return load(folder, data_dir, made, seed, get("framed", 0), get("recalled", 0), get("far", recall.FAR), wide, turned)


def sst(path):
    """The sentences of a file of trees that are positive or negative (SST-2): a `Split`."""
    roots = [(text, grade) for (text, grade), *_ in read_trees(path) if grade != 2]
    return Split([text for text, _ in roots], np.array([int(grade > 2) for _, grade in roots]))


def _graded(phrases):
    values = np.interp([grade for _, grade in phrases], range(5), GRADES)
    return Texts([text for text, _ in phrases], values)


def _of_rules(rows):
    """`Texts` of (text, verdict, whatever else)."""
    return Texts([text for text, *_ in rows], np.array([verdict for _, verdict, *_ in rows]))


def _sure(split):
    return Texts(split.texts, 0.02 + 0.96 * np.asarray(split.labels, float))


def _arrays(values):
    values = list(values)
    return values if isinstance(values[0], str) else np.array(values)
