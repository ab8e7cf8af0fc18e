"""Turns whose halves stand far apart: an opinion, neutral sentences, and the opposite opinion, which decides.

The halves are clear phrases of real texts (`recipes.opinions.joins.fragments`) and sentences of both files of words for frames;
the word list `urge` has what people say they could or could not do. Each text stands beside the same words with the halves in
the other order, and no half is one of `recipes.imdb.contrast_pairs`.
"""

import random

from seqzoo.data.tokenizer import tokenize

from ..imdb.contrast_pairs import BLAME, NEUTRAL, PRAISE
from ..imdb.contrast_pairs import TURNS as JUDGING_TURNS
from .frames import FAR, OPENINGS, SHARED, TURNS, Filler, runs_of, tidy
from .suite import PATH, TRIED, read_suite

SURE = 0.95
LINKS = (
    *TURNS,
    *(
        "but before it was over|yet by the last day|however at the finish|but in its final minutes|and yet when all was done|"
        "but as time went on|but towards the close|though in the second week|yet on the way home|but then in the last part"
    ).split("|"),
)
HALVES = "{say}|{say}|{urge}|{urge}|{urge} and {say}|we {gets_d}|i {reacts_d}|{fact}|{plain} and {plain}".split("|")
NEXT_TO = 0.15  # share of texts with nothing between the halves
ALONE = 0.15  # and of those with one half alone, before the filler or after it


def turned(count, halves, neutral, seed=0):
    """`count` texts, no two alike: a list of (text, verdict in 0..1), both orders of the halves side by side.

    Args:
        count: whole number.
        halves: list of (text, whether it praises), short and clear; used beside those of the frames.
        neutral: list of texts without an opinion; used beside those of the frames.
        seed: of all draws.
    """
    draw, found = random.Random(seed).random, {}
    sayings = (saying.text for path in (PATH, TRIED) for saying in read_suite(path))
    judged = runs_of([*PRAISE, *BLAME, *NEUTRAL, *JUDGING_TURNS, *sayings])
    sides = {good: [text for text, of in halves if of == good] for good in (True, False)}
    neutral = [text for text in neutral if SHARED <= len(tokenize(text)) <= 12]
    filler, (least, most) = Filler(draw), FAR
    one = filler.one
    while len(found) < count:
        words, between = 0 if draw() < NEXT_TO else round(least * (most / least) ** draw()), []
        while sum(map(len, between)) < words:
            between.append(filler.aside(neutral, 0.3))
        real = bool(halves) and draw() < 0.35
        praise, blame = (one(sides[good]) if real else filler.fill(one(HALVES), good) for good in (True, False))
        opening, link = one((*OPENINGS, "at first", "at first")), one(LINKS)
        between, place = " ".join(" ".join([*sentence, "."]) for sentence in between), draw()
        if place < ALONE / 2:
            pairs = [(f"{opening} {half} . {between}", half is praise) for half in (praise, blame)]
        elif place < ALONE:
            pairs = [(f"{between} {link} {half} .", half is praise) for half in (praise, blame)]
        else:
            orders = ((blame, praise), (praise, blame))
            pairs = [(f"{opening} {first} . {between} {link} {last} .", last is praise) for first, last in orders]
        texts = [tidy(text) for text, _ in pairs]
        if not judged & runs_of(texts):
            for text, (_, good) in zip(texts, pairs, strict=True):
                found.setdefault(text, SURE if good else round(1 - SURE, 2))
    return list(found.items())[:count]
