"""What a keyword spotter is trained on, from which sources, how often."""

import hashlib
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from seqzoo.data.spoken_words import DIGITS, clip_of, load_digits, load_split_words, read_clip

from . import voices
from .scenes import NOT_A_WORD, SILENT, Source

THREE = ("bed", "cat", "happy")
NOISE = "_background_noise_"  # where Speech Commands has it
# How many words and sentences a program says, in thirds of --spoken: espeak-ng has most voices, flite is nearest to people.
SAID = {"espeak-ng": (3, 3), "flite": (6, 2), "festival": (1, 0)}
# As sounds these are digits, or begin or end with one.
SOUND_ALIKE = {
    "to",
    "too",
    "for",
    "four",
    "fore",
    "won",
    "ate",
    "oh",
    "sick",
    "sixth",
    "once",
    "nein",
    "tree",
    "free",
    "fife",
    "sex",
}
WORDS = (
    "time person year way day thing man world life hand part child eye woman place work week case point company number group "
    "problem fact house water room mother area money story month lot right study book word business issue side kind head "
    "service friend father power hour game line end member law car city community name president team minute idea body "
    "information back parent face other level office door health art war history party result change morning reason research "
    "girl guy moment air teacher force education light open turn walk talk run see hear give take make find think know want "
    "stop go left up down yes no on off marvin sheila bird dog wow computer music please lamp kitchen radio louder quiet start"
).split()


class Data(NamedTuple):
    """classes: names. sources: for `SceneBatches`. parts: {name: list of `Clip`} that are not trained on. noises: recordings of
    background, int16 arrays.
    """

    classes: tuple
    sources: list
    parts: dict
    noises: list = []


def load(arguments, folder):
    """`Data` of the recipe's arguments; `folder` is its `RunFolder`.

    Raises:
        OSError, ValueError: for folders that do not hold what they should.
    """
    return of_own_words(arguments, folder) if arguments.data else of_digits(arguments, folder)


def of_digits(arguments, folder):
    """The digits, the three words and what programs say."""
    folders = Path(arguments.data_dir)
    digits, words = load_digits(folders / "fsdd"), load_split_words(folders / "commands_8k")
    train = [clip for clip in digits["train"] if clip.speaker != arguments.without]
    varied = arguments.varied
    sources = [
        Source(train, 0.52),
        Source(words["train"], 0.2),
        Source([*train, *words["train"]], 0.05, "reversed"),
    ]
    if said := said_by_programs(arguments, folder, (*DIGITS, *THREE)):
        sources += [Source(said[0], 0.4 if varied else 0.08), Source(said[1], 0.35 if varied else 0.15, "speech")]
    validation = [clip for clip in digits["validation"] if clip.speaker != arguments.without]
    parts = {"validation": validation, "validation_words": words["validation"]}
    return Data((*DIGITS, *THREE, SILENT, NOT_A_WORD), sources, parts, backgrounds(words["train"]) if varied else [])


def backgrounds(clips):
    """What is heard before and behind the words of clips: int16 arrays of a second and more, of many microphones."""
    rests = [of for clip in clips for of in (clip.samples[: max(0, clip.first - 320)], clip.samples[clip.last + 320 :])]
    rests = [of for of in rests if len(of) >= 1200]
    return [np.concatenate([of, of[::-1]]) for of in rests if np.square(of / 32768.0).mean() > 1e-9]


def of_own_words(arguments, folder):
    """A folder a word of .wav files, as Speech Commands lays them out; `_background_noise_` may lie beside them.

    Words that `--words` does not name are examples of what is unknown. A file's speaker is what its name says before `_nohash_`;
    all recordings of one are in one part, by Speech Commands' own rule (`part_of`).
    """
    place = Path(arguments.data)
    names = sorted(path.name for path in place.iterdir() if path.is_dir() and not path.name.startswith(("_", ".")))
    wanted = tuple(arguments.words or names)
    given = " ".join(arguments.words or ["(all)"])
    if not wanted or set(wanted) - set(names) or {SILENT, NOT_A_WORD} & set(wanted):
        raise ValueError(
            f"`--data` must hold a folder of .wav files for each word, none called {SILENT} or {NOT_A_WORD}, and `--words` name "
            f"some of them. Received: {', '.join(names) or 'no folder'} in {place}, --words {given}"
        )
    parts = {"train": [], "validation": [], "test": []}
    for name in names:
        for path in sorted((place / name).glob("*.wav")):
            clip = clip_of(read_clip(path), name if name in wanted else NOT_A_WORD, path.stem.partition("_nohash_")[0])
            parts[part_of(path.name)].append(clip)
    if not parts["train"]:
        raise ValueError(f"The folders of words must hold .wav files. Received: none in {place}")
    known = [clip for clip in parts["train"] if clip.word != NOT_A_WORD]
    others = [clip for clip in parts["train"] if clip.word == NOT_A_WORD]
    sources = [Source(known, 0.6), Source(others, 0.15), Source(known, 0.08, "reversed")]
    if said := said_by_programs(arguments, folder, wanted):
        sources += [Source(said[0], 0.05), Source(said[1], 0.12, "speech")]
    noises = [read_clip(path) for path in sorted((place / NOISE).glob("*.wav"))]
    kept = {name: clips for name, clips in parts.items() if name != "train" and clips}
    return Data((*wanted, SILENT, NOT_A_WORD), sources, kept, noises)


def part_of(name, validation=10, test=10):
    """ "train", "validation" or "test" for a file's name: so many per cent of the speakers, by a hash, as the README of Speech
    Commands (Warden 2018) says, so that a recording that is added later moves no other.
    """
    speaker = re.sub(r"_nohash_.*$", "", name)
    share = int(hashlib.sha1(speaker.encode()).hexdigest(), 16) % (1 << 27) * 100 / ((1 << 27) - 1)
    return "validation" if share < validation else "test" if share < validation + test else "train"


def said_by_programs(arguments, folder, words):
    """(clips of the words, clips of what is unknown) that programs said; None where they are not to, or none is installed."""
    if not arguments.spoken:
        return None
    path = Path(arguments.voices or folder.path / "voices.npz")
    if not path.exists():
        texts, said, random = [], [], np.random.Generator(np.random.PCG64([0, 99]))  # alike for every seed
        for program in arguments.programs:
            count, read = SAID[program]
            if not voices.is_installed(program):
                print(f"{voices.PROGRAMS[program][0]} is not installed: trained without what it would say", flush=True)
                continue
            own = [words[place % len(words)] for place in range(arguments.spoken * count // 3)]
            if read:
                own += sentences(arguments.text, random, arguments.spoken * read // 3, words)
            texts += own
            said += voices.speak(own, random, program)
        if not said:
            return None
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(f"{path}.partial", "wb") as file:
            np.savez(file, words=texts, ends=np.cumsum([len(of) for of in said]), samples=np.concatenate(said))
        Path(f"{path}.partial").rename(path)
    with np.load(path, allow_pickle=False) as kept:
        pairs = zip(np.split(kept["samples"], kept["ends"][:-1]), kept["words"], strict=True)
        clips = [clip_of(samples, str(text)) for samples, text in pairs if len(samples) > 800]
    others = [clip._replace(word=NOT_A_WORD) for clip in clips if clip.word not in words]
    return [clip for clip in clips if clip.word in words], others


def sentences(path, random, count, words=DIGITS, kept=False):
    """So many lines without the words: of a file, those with an even number, with `kept` the others; else words at random."""
    if path is None:
        own = [word for word in WORDS if is_without(word, words)]
        return [" ".join(random.choice(own, int(random.integers(3, 9)))) for _ in range(count)]
    lines = [line.rpartition("\t")[2].strip() for line in Path(path).read_text(encoding="utf-8").splitlines()]
    lines = sorted({line for line in lines if len(line) > 12 and is_without(line, words)})[int(kept) :: 2]
    if not lines:
        raise ValueError(f"`--text` must have lines without the words. Received: {path}")
    return [str(line) for line in random.choice(lines, count, replace=len(lines) < count)]


def is_without(line, words=DIGITS):
    """Whether a line has none of the words in it, as one of its own or a part of one, nor what sounds like a digit."""
    found = "".join(c if c.isalpha() or c == "'" else " " for c in line.lower()).split()
    named = any(word in of for of in found for word in (*words, *THREE))
    return bool(found) and line.isascii() and not any(c.isdigit() for c in line) and not named and not SOUND_ALIKE & set(found)
