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
# More of each: what keeps an opinion, what turns it, and what tells two apart.
KEPT = (
    "nobody can deny it : {a}",
    "you cannot say it isn't so : {a}",
    "no doubt about it , {a}",
    "they told me {a} , and they were right",
    "they say {a} . i agree",
    "i expected as much : {a}",
    "who knew ? {a}",
    "surprisingly {a}",
    "is it true ? {a} ? yes",
    "{a} ? yes indeed",
    "{a} . really",
    "say what you like , {a}",
    "i never doubted it : {a}",
    "it isn't untrue that {a}",
    "even if it cost double : {a}",
    "wow . {a}",
    "oh great , {a}",
)
TURNED = (
    "i thought {a} . i was wrong",
    "i expected {a} . no such luck",
    "they promised {a} . not so",
    "they say {a} . they are wrong",
    "my sister thinks {a} , i don't",
    "people who say {a} are mistaken",
    "{a} ? hardly",
    "{a} ? you must be joking",
    "{a} ? no way",
    "{a} , my foot",
    "{a} no longer",
    "once upon a time {a}",
    "i remember when {a}",
    "the days of {a} are over",
    "nobody could say {a}",
    "i would not , whatever you tell me , say {a}",
    "never , in all those years , {a}",
    "far from {a}",
    "anything but {a}",
    "it is said to be {a} . i disagree",
)
WEIGHED = (
    "expected : {a} . got : {b}",
    "i was told {a} , in fact {b}",
    "once {a} , today {b}",
    "back then {a} . these days {b}",
    "{a} at first , {b} by the end",
    "first hour : {a} . last hour : {b}",
    "the critics say {a} , to me {b}",
    "before the update {a} , since then {b}",
    "{b} rather than {a}",
    "not {a} , {b}",
    "the old one : {a} . the new one : {b}",
    "others : {a} . this one : {b}",
    "unlike the rest , which is {a} , {b}",
    "i feared or hoped {a} . it was {b}",
    "it was {a} until they changed it , now {b}",
    "{a} , you ask ? no : {b}",
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


def wider(found, count, seed=0):
    """`count` short opinions in the frames that the first two functions lack, both verdicts of each side by side.

    Returns:
        A list of (text, probability of positive).
    """
    draw, rows = random.Random(seed).random, []
    good, bad = ([text for text, of in found if of == kind] for kind in (True, False))
    while len(rows) < count:
        praise, blame, kind = _one(draw, good), _one(draw, bad), draw()
        if kind < 0.4:
            frame, sides = _one(draw, WEIGHED), ((blame, praise), (praise, blame))
        elif kind < 0.7:
            frame, sides = _one(draw, KEPT), ((praise, ""), (blame, ""))
        else:
            frame, sides = _one(draw, TURNED), ((blame, ""), (praise, ""))
        rows += [(frame.format(a=a, b=b), of) for (a, b), of in zip(sides, (0.88, 0.12), strict=True)]
    return rows[:count]


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
