"""Texts whose verdict is asked for after the filler: two opinions early on, and many words later which of them holds.

"to start with the story was dull . later i enjoyed it . <filler> . what counts is the first impression": whoever has
forgotten what came first can only guess, whichever half was read last. Each text stands beside the same words with the
halves in the other order, and beside both with the other question. No sentence is one of `recipes.imdb.contrast_pairs`.
"""

import random

from seqzoo.data.tokenizer import tokenize

from .frames import Filler, runs_of, tidy
from .suite import read_suite

FAR = 230  # words between the second opinion and the question, at most
OPENINGS = (
    "to start with|in the first minutes|early on|when it began|on the first evening|part one :|my first note :|initially|"
    "to begin with|in the first week|number one :|the first time|before the break|"
).split("|")
LINKS = (
    "then|afterwards|later|after that|but later|next|on the second evening|part two :|my second note :|yet later on|"
    "but an hour later|in the second week|number two :|the second time|but after the break|however soon|and then"
).split("|")
# [of the first half, of the second]; {0} and {1} are one's own and the other's adjective, {2} a noun.
ADJECTIVES = (
    ("first", "second"),
    ("first", "last"),
    ("earlier", "later"),
    ("opening", "closing"),
    ("former", "latter"),
    ("initial", "final"),
    ("early", "late"),
)
NOUNS = "impression|part|half|note|opinion|verdict|view|feeling|word|thought|remark|stage|one".split("|")
QUESTIONS = (
    "what counts for me is the {0} {2}",
    "i stand by the {0} {2}",
    "i stay with the {0} {2}",
    "of the two i trust the {0} {2}",
    "of both i believe the {0} {2}",
    "my verdict follows the {0} {2}",
    "my mark is for the {0} {2}",
    "the {0} {2} is right , the {1} {2} is wrong",
    "forget the {1} {2} , the {0} {2} holds",
    "ask me now and i say : the {0} {2}",
    "in the end the {0} {2} decides",
    "i agree with the {0} {2}",
    "not the {1} {2} , the {0} {2} is what matters",
    "the {0} {2} tells the truth",
    "remember the {0} {2} only",
    "i would sign the {0} {2}",
    "still , the {0} {2} is what i keep",
)
POSITIONS = (
    ("what i keep is how it began", "what i keep is how it ended"),
    ("all that matters to me is the start", "all that matters to me is the finish"),
    ("i will remember the beginning", "i will remember the end"),
    ("the beginning decides , not the end", "the end decides , not the beginning"),
    ("my verdict is the one i started with", "my verdict is the one i ended with"),
    ("it is the start that i go by", "it is the end that i go by"),
)
ASIDE = (  # for validation alone
    ("so i vote for the first of them", "so i vote for the second of them"),
    ("when i tell my friends i tell them the earlier view", "when i tell my friends i tell them the later view"),
    ("the opening part is the one to go by", "the closing part is the one to go by"),
)


def recalled(count, halves, neutral, seed=0, far=FAR, aside=False):
    """`count` texts, no two alike: a list of (text, verdict in 0..1).

    Six of ten are asked about at the end, in fours: both orders of the halves, both questions. Of the others the second
    half decides, or there is only one, before the filler or after it.

    Args:
        count: whole number.
        halves: list of (text, whether it praises), short and clear; used beside those of the grammar.
        neutral: list of texts without an opinion; used beside those of the frames.
        seed: of all draws.
        far: words between the second opinion and the question, at most or so; evenly in their logarithm.
        aside: ask with `ASIDE`, which is not asked otherwise, and nothing but questions.
    """
    draw, found, judged = random.Random(seed).random, {}, runs_of(saying.text for saying in read_suite())
    sides = {good: [text for text, of in halves if of == good] for good in (True, False)}
    neutral = [text for text in neutral if 3 <= len(tokenize(text)) <= 12]
    while len(found) < count:
        filler = Filler(draw)
        one = filler.one
        words, between = round(far ** draw()), []
        while len(between) < words:
            between += [*filler.aside(neutral, 0.4), "."]
        between = " ".join(between)
        praise, blame = (one(sides[good]) if sides[good] and draw() < 0.4 else filler.half(good) for good in (True, False))
        opening, link, kind = one(OPENINGS), one(LINKS), 0.0 if aside else draw()
        stop = one((".", ".", ",", ";"))
        orders = ((praise, blame), (blame, praise))
        if kind < 0.6:
            questions = one(ASIDE) if aside else _questions(one, draw)
            texts = [
                (f"{opening} {first} {stop} {link} {second} . {between} {question}", (first is praise) == (asked == 0))
                for first, second in orders
                for asked, question in enumerate(questions)
            ]
        elif kind < 0.75:
            texts = [(f"{opening} {first} {stop} {link} {second} . {between}", second is praise) for first, second in orders]
        elif kind < 0.88:
            texts = [(f"{opening} {first} . {between}", first is praise) for first, _ in orders]
        else:
            texts = [(f"{between} {link} {second}", second is praise) for _, second in orders]
        if not judged & runs_of(text for text, _ in texts):
            for text, good in texts:
                found.setdefault(tidy(text), 0.95 if good else 0.05)
    return list(found.items())[:count]


def _questions(one, draw):
    """The question for the first half and the one for the second."""
    if draw() < 0.25:
        return one(POSITIONS)
    (first, second), noun, frame = one(ADJECTIVES), one(NOUNS), one(QUESTIONS)
    return frame.format(first, second, noun), frame.format(second, first, noun)
