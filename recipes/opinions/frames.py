"""Sentences filled into frames, `frames.txt`, with the words of `frame_words.txt`: each sentence beside its mirror.

`framed(count, seed)` gives them. The mirror of a sentence is the same frame, filled by the same draws, that says the
opposite. No frame is one of `suite.txt`, and a sentence that shares `SHARED` words in a row with it by chance is left out.
"""

import functools
import random
import re
from pathlib import Path

from seqzoo.data.tokenizer import tokenize

from .grammar import Maker
from .suite import PATH, TRIED, read_suite

FRAMES, WORDS = (Path(__file__).with_name(name) for name in ("frames.txt", "frame_words.txt"))
WIDE, WIDE_WORDS = (Path(__file__).with_name(name) for name in ("frames_wide.txt", "frame_words_wide.txt"))
SHARED = 5
FAR = (5, 200)  # words between the halves of a turn at a distance
TURNS = (
    "but after the break|yet halfway through|then without warning|but once that was over|however from there on|"
    "and then all of a sudden|but when it was finished|yet as the evening went by|but in the closing part|still at long last"
).split("|")
OPENINGS = (
    "to start with|in the beginning|early on|for a while|in the opening part|the first impression :|before the break||".split("|")
)
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(!?)(\w+?)(!?)\}")


def framed(count, seed=0, wide=False):
    """`count` sentences, no two alike: a list of (text, verdict in 0..1, phenomenon); mirrors stand side by side.

    Args:
        count: how many.
        seed: of the draws.
        wide: of those in `frames_wide.txt`; none of theirs shares words with `tried.txt`, or is one of its or the suite's texts.

    Raises:
        ValueError: the frames have fewer.
    """
    draw, found, tries = random.Random(seed).random, {}, 0
    frames = read_frames(WIDE) if wide else read_frames()
    kept_out = [saying.text for path in ((PATH, TRIED) if wide else (PATH,)) for saying in read_suite(path)]
    # A text of fewer words than `SHARED` has no run: the wider frames leave out the whole text then.
    judged, whole = runs_of(kept_out), {tuple(tokenize(text)) for text in kept_out if wide}
    while len(found) < count:
        tries += 1
        if tries > 20 * count + 1000:
            raise ValueError(f"The frames are asked for more sentences than they have. Received: {count}")
        phenomenon, sure, lines = frames[int(draw() * len(frames))]
        start, far = int(draw() * 2**53), phenomenon == "turn" and draw() < 0.3
        pair = []
        for good in (True, False):
            filler = Filler(random.Random(start).random)
            pair.append(filler.turn_far(good) if far else filler.sentence(lines, good))
        if not judged & runs_of(pair) and whole.isdisjoint(tuple(tokenize(text)) for text in pair):
            for text, verdict in zip(pair, (sure, round(1 - sure, 2)), strict=True):
                found.setdefault(text, (verdict, phenomenon))
    return [(text, *rest) for text, rest in found.items()][:count]


@functools.cache
def read_frames(path=FRAMES):
    """[(phenomenon, how sure its verdict is, [frames])] of a file."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if mark := re.fullmatch(r"# (\w+) (0\.\d+)", line):
            found.append((mark[1], float(mark[2]), []))
        elif line and not line.startswith("#"):
            found[-1][2].append(line)
    return found


@functools.cache
def read_words(path=WORDS):
    """{name: [words of praise or of all, words of blame or the same]} of a file."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("@"):
            found[name := line[1:]] = []
        elif line and not line.startswith("#"):
            found[name].append(line.removeprefix("+ ").removeprefix("- ").split("|"))
    return {name: of * (3 - len(of)) for name, of in found.items()}


@functools.cache
def all_words():
    """`read_words` of both files."""
    return {**read_words(), **read_words(WIDE_WORDS)}


class Filler:
    """Fills frames by draws of its own, as many for praise as for blame."""

    def __init__(self, draw):
        self.draw, self.maker = draw, Maker(draw)
        self.one = self.maker.one

    def sentence(self, lines, good):
        return tidy(self.fill(self.one(lines), good))

    def turn_far(self, good):
        """A turn whose halves stand `FAR` words or so apart."""
        least, most = FAR
        words, between = round(least * (most / least) ** self.draw()), []
        first, opening = self.half(not good), self.one(OPENINGS)
        while len(between) < words:
            between += self.fill("{neutral}", good).split()
        return tidy(f"{opening} {first} {' '.join(between)} {self.one(TURNS)} {self.half(good)}")

    def aside(self, texts, share):
        """The words of a sentence without an opinion: one of `texts`, with the probability `share`, or of the frames."""
        return tokenize(self.one(texts) if texts and self.draw() < share else self.fill("{neutral}", True))

    def half(self, good):
        frame = self.one(
            ("{plain}", "{plain} and {plain}", "{fact}", "{fact} and {plain}", "i {liked} {it}", "{it} was {adj} and {adj}")
        )
        return self.fill(frame, good)

    def fill(self, text, good):
        if " ~ " in text:
            text = text.split(" ~ ")[0 if good else 1]
        if "{span1}" in text:
            text = text.replace("{span1}", "{span}", 1)
            for place, span in enumerate(self.slot("span", good).split(" : "), 1):
                text = text.replace(("{span}", "{span2}")[place - 1], span)
        while mark := _CHOICE.search(text):
            text = text[: mark.start()] + self.one(mark[1].split("|")) + text[mark.end() :]
        while mark := _SLOT.search(text):
            side = good != bool(mark[1] or mark[3])
            text = text[: mark.start()] + self.slot(mark[2], side) + text[mark.end() :]
        return text

    def slot(self, name, good):
        words = all_words()
        if name in words:
            return self.fill(self.one(words[name][0 if good else 1]), good)
        return getattr(self, f"_{name}")(good)

    def _plain(self, good):
        return self.maker.plain(good)

    def _negated(self, good):
        """A negated clause, with a subject of its own."""
        while (text := self.maker.negated(good).strip()).startswith(("not ", "no ")):
            pass
        return text


def runs_of(texts):
    """Every `SHARED` words in a row of texts: a set of tuples."""
    return {tuple(of[start : start + SHARED]) for of in map(tokenize, texts) for start in range(len(of) - SHARED + 1)}


def tidy(text):
    """A filled frame as one writes it."""
    text = re.sub(r"\b(we|you|they) was\b", r"\1 were", text)
    text = re.sub(r"\b(buss|(?:wat|coa|bea|mat|spee)chs|dresss)\b", lambda word: word[0][:-1] + "es", text).replace(
        "seriess", "series"
    )
    text = re.sub(r"\ba (?=[aeiou](?!se|ni|ne ))", "an ", text)
    return re.sub(r" ([,.?!:;])", r"\1", " ".join(text.split())).strip(" ,;")
