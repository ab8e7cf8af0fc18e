"""Pairs of short reviews with the same words and opposite verdicts: only their order tells which is which.

In a `turn` pair praise and blame change places around a turn ("but by the end ..."), with neutral sentences between
them; what comes after the turn is the verdict. In an `asked` pair both halves come early, and after the neutral sentences
the text says which of the two holds, as often the first as the second: who has forgotten their order can only guess, and
whoever follows what was read last is right half the time. In a `negation` pair a good and a bad adjective change places
around a negation. Written for this project; no sentence is from a data set.
"""

import random
from typing import NamedTuple

from seqzoo.data.tokenizer import tokenize

DISTANCES = (5, 10, 20, 50, 100, 200)


class Pair(NamedTuple):
    """`negative` and `positive` hold the same words; `distance` is the number of words between their two halves.

    `praise` and `blame` are those halves; `filler` and `turn` are what stands between them in a turn pair. In an asked
    pair `distance` is that of the filler, between the second half and the question; `holds` is "first" or "second".
    """

    kind: str
    distance: int
    negative: str
    positive: str
    praise: str
    blame: str
    filler: str = ""
    turn: str = ""
    holds: str = ""


PRAISE = """\
the story was gripping and the acting superb
I was delighted by every scene
the film felt fresh, warm and alive
it was one of the best things I have seen
the characters were charming and easy to love
the script was witty and wonderfully sharp
I laughed a lot and loved every minute
the pacing was perfect and the music beautiful
this looked like a small masterpiece
I thought it was brilliant and deeply moving
the cast was excellent and so was the direction
I could not take my eyes off the screen
I was ready to recommend it to everybody
the dialogue was clever and a joy to hear
it was tense, exciting and superbly made
the whole thing was a pleasure to watch""".splitlines()
BLAME = """\
the story was dull and the acting wooden
I was bored by every scene
the film felt stale, cold and lifeless
it was one of the worst things I have seen
the characters were annoying and hard to like
the script was stupid and painfully flat
I yawned a lot and hated every minute
the pacing was terrible and the music awful
this looked like a complete disaster
I thought it was ridiculous and deeply boring
the cast was dreadful and so was the direction
I could not wait for it to end
I was ready to warn everybody against it
the dialogue was clumsy and a pain to hear
it was slow, predictable and badly made
the whole thing was a waste of time""".splitlines()
# Five words each, so that the shortest distance is five.
TURNS = ("But then by the end", "And yet in the end", "But as it went on", "Yet by the final act", "However in the last hour")
# What the text asks for after the filler: of the first half, of the second.
QUESTIONS = (
    ("So my rating goes by the first impression.", "So my rating goes by the second impression."),
    ("To me the earlier part outweighs the rest.", "To me the later part outweighs the rest."),
    ("If anybody wants my judgement, mine was the initial one.", "If anybody wants my judgement, mine was the final one."),
    ("Whoever asks me hears of the opening.", "Whoever asks me hears of the closing."),
    ("I hold on to the former of these thoughts.", "I hold on to the latter of these thoughts."),
    ("The beginning has settled it for me.", "The end has settled it for me."),
)
NEUTRAL = """\
It was raining outside.
The room was dark.
We had seats upstairs.
My sister came along.
The lights went down.
Two brothers run it.
We sat near the front.
The film has two parts.
It was a Tuesday evening.
There is a long journey.
The hero is a baker.
Somebody has lost a key.
The story is set in Norway.
Two brothers run a small farm.
Somebody in our row had popcorn.
A stranger gets off the train.
The credits are at the start.
There is a song about rivers.
The first half plays in a harbour.
A letter arrives from an old uncle.
It was filmed in black and white.
They all meet at a railway station.
The year is given as nineteen sixty.
One of the sisters works at night.
There is a wedding and later a funeral.
The director also made a series for television.
I had read the book some years ago.
The mayor of the town owns a bakery.
A dog can be seen in several shots.
They drive through the hills to the coast.
The second act moves the story to a city.
Most of it takes place on board a ship.
The subtitles were in yellow at the bottom edge.
Somewhere in the middle there is a card game.
An old man tells the children about his youth.
The camera follows a bus through the whole town.
I saw it with two friends at the cinema downtown.
Halfway through they cut to a flashback set in winter.
The part of the neighbour is played by a newcomer.
Each of the chapters is named after a different month.
On the way home we talked about the train times.
The daughter of the teacher leaves on a fishing boat.""".splitlines()
NEGATIONS = (
    "{aspect} was not {first}, it was {second}.",
    "I would not call {aspect} {first}: it was {second}.",
    "{aspect} was never {first} and always {second}.",
    "Far from {first}, {aspect} was {second}.",
    "Nobody could say that {aspect} was {first}, it was {second}.",
)
ASPECTS = ("the film", "the movie", "the plot", "the acting", "the script", "the ending", "the dialogue", "the humour")
ADJECTIVES = (
    "good/bad great/terrible exciting/boring brilliant/stupid clever/silly fresh/stale moving/cold wonderful/awful "
    "convincing/ridiculous excellent/dreadful sharp/dull charming/annoying"
).split()


def contrast_pairs(per_distance=70, negations=60, seed=0):
    """The pairs, the same ones for the same arguments: `per_distance` turns at each of `DISTANCES`, the negations, and
    `per_distance` asked ones at each of `DISTANCES`, every other one about the first half."""
    # Only random() is used of it: the one method whose sequence Python promises to keep.
    draw = random.Random(seed).random
    pairs = {}
    for distance in DISTANCES:
        while sum(pair.distance == distance for pair in pairs.values()) < per_distance:
            pair = _turn(draw, distance)
            pairs[pair.negative] = pair
    while len(pairs) < per_distance * len(DISTANCES) + negations:
        pair = _negation(draw)
        pairs[pair.negative] = pair
    asked = {}
    for distance in DISTANCES:
        while sum(pair.distance == distance for pair in asked.values()) < per_distance:
            pair = _asked(draw, distance, ("first", "second")[len(asked) % 2])
            asked[pair.negative] = pair
    return [*pairs.values(), *asked.values()]


def _choose(draw, items):
    return items[int(draw() * len(items))]


def _turn(draw, distance):
    praise, blame, turn = _choose(draw, PRAISE), _choose(draw, BLAME), _choose(draw, TURNS)
    filler = " ".join(_filler(draw, distance - len(tokenize(turn))))
    negative, positive = (turn_text(first, filler, turn, second) for first, second in ((praise, blame), (blame, praise)))
    return Pair("turn", distance, negative, positive, praise, blame, filler, turn)


def _asked(draw, distance, holds):
    praise, blame, turn = _choose(draw, PRAISE), _choose(draw, BLAME), _choose(draw, TURNS)
    filler, question = " ".join(_filler(draw, distance)), _choose(draw, QUESTIONS)[holds == "second"]
    texts = [f"{turn_text(a, '', turn, b)} {filler} {question}" for a, b in ((praise, blame), (blame, praise))]
    negative, positive = texts if holds == "second" else texts[::-1]
    return Pair("asked", distance, negative, positive, praise, blame, filler, turn, holds)


def turn_text(first, filler, turn, second):
    return " ".join(part for part in (f"At first {first}.", filler, f"{turn} {second}.") if part)


def _filler(draw, words):
    """Neutral sentences, each at most once, of exactly `words` words together."""
    while True:
        chosen, left = [], words
        for sentence in sorted(NEUTRAL, key=lambda _: draw()):
            length = len(tokenize(sentence))
            if length == left or length <= left - 4:  # four words is the shortest sentence
                chosen.append(sentence)
                left -= length
        if left == 0:
            return chosen


def _negation(draw):
    good, bad = _choose(draw, ADJECTIVES).split("/")
    form, aspect = _choose(draw, NEGATIONS), _choose(draw, ASPECTS)

    def text(first, second):
        sentence = form.format(aspect=aspect, first=first, second=second)
        return sentence[0].upper() + sentence[1:]

    between = form.split("{first}")[1].split("{second}")[0].format(aspect=aspect)
    return Pair("negation", len(tokenize(between)), text(good, bad), text(bad, good), good, bad)
