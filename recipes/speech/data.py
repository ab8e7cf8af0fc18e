"""What a keyword spotter is trained on, from which sources, how often."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from seqzoo.data.spoken_words import DIGITS, clip_of, load_digits, load_split_words

from . import voices
from .scenes import NOT_A_WORD, SILENT, Source

THREE = ("bed", "cat", "happy")
# As sounds these are digits, or begin or end with one.
SOUND_ALIKE = {"to", "too", "for", "four", "fore", "won", "ate", "oh", "sick", "sixth", "once", "nein", "tree", "free", "fife", "sex"}
WORDS = (
    "time person year way day thing man world life hand part child eye woman place work week case point company number group "
    "problem fact house water room mother area money story month lot right study book word business issue side kind head "
    "service friend father power hour game line end member law car city community name president team minute idea body "
    "information back parent face other level office door health art war history party result change morning reason research "
    "girl guy moment air teacher force education light open turn walk talk run see hear give take make find think know want "
    "stop go left up down yes no on off marvin sheila bird dog wow computer music please lamp kitchen radio louder quiet start"
).split()


class Data(NamedTuple):
    """classes: names. sources: for `SceneBatches`. validation: {name: list of `Clip`}."""

    classes: tuple
    sources: list
    validation: dict


def without_digits(line):
    """Whether a line has no digit in it, neither as a word nor as a part of one, and none of the three words."""
    words = "".join(c if c.isalpha() or c == "'" else " " for c in line.lower()).split()
    named = any(digit in word for word in words for digit in (*DIGITS, *THREE))
    return bool(words) and line.isascii() and not any(c.isdigit() for c in line) and not named and not SOUND_ALIKE & set(words)


def sentences(path, random, count, kept=False):
    """So many lines without digits: of a file, those whose number is even, or odd ones with `kept`; else words at random."""
    if path is None:
        return [" ".join(random.choice(WORDS, int(random.integers(3, 9)))) for _ in range(count)]
    lines = [line.rpartition("\t")[2].strip() for line in Path(path).read_text(encoding="utf-8").splitlines()]
    lines = sorted({line for line in lines if len(line) > 12 and without_digits(line)})[int(kept) :: 2]
    if not lines:
        raise ValueError(f"`--text` must have lines without digits. Received: {path}")
    return [str(line) for line in random.choice(lines, count, replace=len(lines) < count)]


def spoken(path, text, count, seed):
    """(digits, sentences): lists of `Clip` that espeak-ng said, of `path` if it is there, else written to it."""
    if not Path(path).exists():
        random = np.random.Generator(np.random.PCG64([seed, 99]))
        words = [DIGITS[place % 10] for place in range(count)] + sentences(text, random, count // 3)
        said = voices.speak(words, random)
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with open(f"{path}.tmp", "wb") as file:
            np.savez(file, words=words, ends=np.cumsum([len(of) for of in said]), samples=np.concatenate(said))
        Path(f"{path}.tmp").rename(path)
    with np.load(path, allow_pickle=False) as kept:
        said, words = np.split(kept["samples"], kept["ends"][:-1]), kept["words"]
    clips = [clip_of(samples, str(word)) for samples, word in zip(said, words, strict=True) if len(samples) > 800]
    return [clip for clip in clips if clip.word in DIGITS], [clip._replace(word=NOT_A_WORD) for clip in clips if clip.word not in DIGITS]


def load(arguments, folder):
    """`Data` of the recipe's arguments; `folder` is its `RunFolder`."""
    folders = Path(arguments.data_dir)
    digits, words = load_digits(folders / "fsdd"), load_split_words(folders / "commands_8k")
    train = [clip for clip in digits["train"] if clip.speaker != arguments.without]
    sources = [
        Source(train, 0.5),
        Source(words["train"], 0.2),
        Source([*train, *words["train"]], 0.06, "reversed"),
    ]
    if arguments.spoken and voices.is_installed():
        path = arguments.voices or folder.path / "voices.npz"
        said, other = spoken(path, arguments.text, arguments.spoken, arguments.seed)
        sources += [Source(said, 0.1), Source(other, 0.18, "speech")]
    elif arguments.spoken:
        print("espeak-ng is not installed: trained without the words that it would say", flush=True)
    validation = [clip for clip in digits["validation"] if clip.speaker != arguments.without]
    return Data((*DIGITS, *THREE, SILENT, NOT_A_WORD), sources, {"digits": validation, "words": words["validation"]})
