"""Recordings of single words, int16 at 8 kHz, with where in them the word begins and ends."""

import hashlib
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
PARTS = ("train", "validation", "test")
TESTED, VALIDATED = 5, 5  # of each speaker's fifty recordings of a digit: the first five, by the data set's rule; the last five
FRAME, BELOW = 160, 28.0  # a word is where sound is at most so many dB below its loudest ...
EMPHASIS, ABOVE = 0.95, 8.0  # ... and where, with high frequencies emphasized, it is so many dB above what is nearly its softest,
RANGE = 25.0, 40.0  # which is taken to be at least and at most so far below the loudest,
CLOSURE = 7  # with so few softer frames between: the silence of a "k"


class Clip(NamedTuple):
    """samples: int16 `[n]`. word: str. first, last: where the word begins and ends. speaker: name, "" where it is unknown."""

    samples: np.ndarray
    word: str
    first: int
    last: int
    speaker: str = ""


def clip_of(samples, word, speaker=""):
    """A `Clip` of int16 samples, the word where it is loud, or hisses: the "s" of "six" is 30 dB and more below its vowel."""
    if len(samples) < FRAME:
        return Clip(samples, word, 0, len(samples), speaker)
    sound = samples / 32768.0
    level = _decibels(sound)
    loud = level >= level.max() - BELOW
    level = _decibels(np.append(sound[:1], sound[1:] - EMPHASIS * sound[:-1]))
    softest = np.clip(np.percentile(level, 10) + ABOVE, level.max() - RANGE[1], level.max() - RANGE[0])
    frames = np.flatnonzero(loud | (level >= softest))
    loud = np.flatnonzero(loud)
    first = _reached(loud[0], frames[frames < loud[0]][::-1])
    last = _reached(loud[-1], frames[frames > loud[-1]])
    return Clip(samples, word, first * FRAME, min(len(samples), (last + 1) * FRAME), speaker)


def _reached(edge, frames):
    """The last of frames, in order of their distance from an edge, that is reached over no more than closures."""
    for frame in frames:
        if abs(frame - edge) > CLOSURE:
            break
        edge = frame
    return int(edge)


def _decibels(sound):
    """Energy of each `FRAME`, the last one shorter, in dB."""
    starts = np.arange(0, len(sound), FRAME)
    sizes = np.minimum(FRAME, len(sound) - starts)
    return 10 * np.log10(np.add.reduceat(np.square(sound), starts) / sizes + 1e-12)


def load_digits(folder):
    """The Free Spoken Digit Dataset: {"train", "validation", "test"}, lists of `Clip` in the order of the files' names.

    `test` is what the data set says: each speaker's first five recordings of a digit. `validation` are the last five.

    Args:
        folder: with files such as 7_jackson_32.wav, 16-bit at 8 kHz.

    Raises:
        FileNotFoundError: if there are none. ValueError: for a file that is none of it.
    """
    parts = {part: [] for part in PARTS}
    for path in sorted(Path(folder).glob("*_*_*.wav")):
        if not (named := re.fullmatch(r"(\d)_([a-z]+)_(\d+)", path.stem)):
            raise ValueError(f"Files must be named as 7_jackson_32.wav. Received: {path}")
        digit, speaker, index = named.groups()
        part = "test" if int(index) < TESTED else "validation" if int(index) >= 50 - VALIDATED else "train"
        parts[part].append(clip_of(read_clip(path), DIGITS[int(digit)], speaker))
    if not parts["train"]:
        raise FileNotFoundError(f"There must be files such as 7_jackson_32.wav. Received: {folder}")
    return parts


def load_split_words(folder):
    """Words in folders {train,validation,test}/WORD/*.wav: lists of `Clip` by part, in the order of the files' names.

    A clip's speaker begins its file's name, as in Speech Commands (a3f8d1c2_nohash_0.wav).

    Raises:
        FileNotFoundError: if there are none. ValueError: for a file that is no sound of 16 bits at 8 kHz.
    """
    parts = {}
    for part in PARTS:
        paths = sorted(Path(folder).glob(f"{part}/*/*.wav"))
        parts[part] = [clip_of(read_clip(path), path.parent.name, path.stem.partition("_")[0]) for path in paths]
    if not parts["train"]:
        raise FileNotFoundError(f"There must be folders such as train/bed with .wav files. Received: {folder}")
    return parts


def read_clip(path):
    """int16 `[n]` of a file of 16 bits at 8 kHz; one of another rate is resampled.

    Raises: as `seqzoo.data.sound.read_wav`.
    """
    from seqzoo.data.sound import read_wav

    return np.clip(np.rint(read_wav(path) * 32768), -32768, 32767).astype(np.int16)


def fingerprint(clips):
    """SHA-256 of the words and samples of clips, in their order."""
    digest = hashlib.sha256()
    for clip in clips:
        digest.update(f"{clip.word} {clip.speaker} {len(clip.samples)}\n".encode())
        digest.update(np.ascontiguousarray(clip.samples, "<i2").tobytes())
    return digest.hexdigest()
