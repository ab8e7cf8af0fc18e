"""What keeps the figures of `recipes.imdb.contrast` honest: is the sign right, and what makes a verdict come out so?"""

import collections

import numpy as np

from seqzoo.data.tokenizer import tokenize

from .contrast_pairs import turn_text

LAST_WORD = ", at its last word"  # behind a model's name


def halves_alone(score, pairs):
    """Share of the halves, each a review of its own, that a scorer judges right: praise above zero, blame not."""
    halves = {kind: sorted({getattr(pair, kind) for pair in pairs if pair.kind == "turn"}) for kind in ("praise", "blame")}
    scores = {kind: np.asarray(score([f"{half[0].upper()}{half[1:]}." for half in halves[kind]])) for kind in halves}
    return {"praise": float((scores["praise"] > 0).mean()), "blame": float((scores["blame"] <= 0).mean())}


def by_distance(score, pairs):
    """How a scorer takes texts of the same make and length as the turn pairs, but without a contradiction.

    Returns:
        A dict from distance to a dict: `filler` (words of it), `agreeing` (share judged right of texts whose halves both praise
        or both blame), and `pull_first` and `pull_last`: by how much log-odds rise, in the mean, when the half before the
        filler, or the one after it, is praise in place of blame while the other half is left out.
    """
    groups = collections.defaultdict(list)
    for pair in pairs:
        if pair.kind == "turn":
            groups[pair.distance].append(pair)
    found = {}
    for distance, group in groups.items():
        others = [*group[1:], group[0]]
        scores = {}
        for kind in ("praise", "blame"):
            halves = [(getattr(pair, kind), getattr(other, kind)) for pair, other in zip(group, others, strict=True)]
            both = [turn_text(a, pair.filler, pair.turn, b) for (a, b), pair in zip(halves, group, strict=True)]
            first = [f"At first {a}. {pair.filler}".strip() for (a, _), pair in zip(halves, group, strict=True)]
            last = [f"{pair.filler} {pair.turn} {a}.".strip() for (a, _), pair in zip(halves, group, strict=True)]
            scores[kind] = [np.asarray(score(texts)) for texts in (both, first, last)]
        rise = [float((praise - blame).mean()) for praise, blame in zip(scores["praise"], scores["blame"], strict=True)]
        right = np.mean([scores["praise"][0] > 0, scores["blame"][0] <= 0])
        filler = len(tokenize(group[0].filler))
        found[distance] = {"filler": filler, "agreeing": float(right), "pull_first": rise[1], "pull_last": rise[2]}
    return found


def read_at_last_word(model):
    """The same trained weights, read at the last step in place of the pooling over all steps; not trained so.

    What a pooled classifier says weighs every step alike, so a half's trace counts for as long as it lasts. This
    is what the state says once everything was read. Returns a `TextClassifier`, or None where the last step has
    not read everything (`bidirectional`) or is read already.
    """
    from seqzoo.tasks.text_classification.model import TextClassifier

    config, tensors = model.config, model.tensors()
    if config["bidirectional"] or config["pooling"] == "last":
        return None
    # Of one step, the last, the maximum and the mean are the same.
    parts = len(config["pooling"].split("_"))
    tensors["probability/kernel"] = tensors["probability/kernel"].reshape(parts, config["units"], -1).sum(axis=0)
    twin = TextClassifier({**config, "pooling": "last"}, model.vocabulary)
    twin.load_tensors(tensors)
    return twin
