"""Halves of real opinions put together or denied by a rule whose verdict is sure; each also the other way round."""

import random
import re

from seqzoo.data.tokenizer import tokenize

from .grammar_words import BAD, GOOD

TURNS = (
    "{a} but {b}",
    "{a} , but {b}",
    "{a} . but {b}",
    "although {a} , {b}",
    "{b} , even though {a}",
    "{a} , still {b}",
    "others say : {a} . i say : {b}",
    "at the start {a} , later {b}",
    "before : {a} . now : {b}",
    "{a} ? no , {b}",
    "it used to be {a} , now {b}",
)
DENIALS = (
    "i do not believe that {a}",
    "it is not true that {a}",
    "nobody says that {a}",
    "i doubt that {a}",
    "i can not agree that {a}",
    "{a} ? no",
    "{a} ? not at all",
)
_POLAR = re.compile(r"\b(not|no|never|nothing|none|nobody|without|hardly|neither|nor|but|although|though|if|yet|only)\b|n't\b|\?")
_IS = re.compile(r"\b(is|are|was|were)\b")


def fragments(phrases, rows, longest=12):
    """(text, whether it praises) of what is short and clear.

    Args:
        phrases: (text, grade 0..4) of a treebank; of them the grades 0 and 4.
        rows: (text, label 0 or 1).
    """
    clear = [(text, grade == 4) for text, grade in phrases if grade in (0, 4)] + [(text, label == 1) for text, label in rows]
    short = [(_trimmed(text), good) for text, good in clear]
    return [(text, good) for text, good in dict(short).items() if 2 <= len(tokenize(text)) <= longest and not _POLAR.search(text)]


def joined(found, count, seed=0):
    """`count` pairs of halves with opposite verdicts, in both orders: what comes last, or is the main clause, decides.

    Returns:
        A list of (text, probability of positive), twice `count`.
    """
    draw = random.Random(seed).random
    good, bad = ([text for text, of in found if of == kind] for kind in (True, False))
    rows = []
    for _ in range(count):
        frame, praise, blame = _one(draw, TURNS), _one(draw, good), _one(draw, bad)
        rows += [(frame.format(a=blame, b=praise), 0.88), (frame.format(a=praise, b=blame), 0.12)]
    return rows


def denied(found, count, seed=0):
    """`count` short opinions denied, as a list of (text, probability of positive)."""
    draw, rows = random.Random(seed).random, []
    for _ in range(count):
        text, good = _one(draw, found)
        rows.append((_one(draw, DENIALS).format(a=text), 0.12 if good else 0.75))
    return rows


def with_not(found):
    """Clauses with a "not" put after their one "is", and phrases that begin with a known adjective with one before it."""
    known, rows = {*GOOD.split(), *BAD.split()}, []
    for text, good in found:
        if len(_IS.findall(text)) == 1:
            rows.append((_IS.sub(r"\1 not", text), 0.1 if good else 0.75))
        elif tokenize(text)[0] in known and not re.search(r"[,.;&/]", text):
            rows.append((f"not {text}", 0.08 if good else 0.8))
    return rows


def _trimmed(text):
    text = re.sub(r"[\s.,;:!-]+$", "", text)
    return text[:1].lower() + text[1:]


def _one(draw, items):
    return items[int(draw() * len(items))]
