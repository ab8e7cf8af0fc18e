"""Recordings of words: parts by their rules, where a word is loud."""

import numpy as np
import pytest

from seqzoo.data.spoken_words import clip_of, fingerprint, load_digits, load_split_words
from tests.wave_files import write_wave


def write(path, samples):
    path.parent.mkdir(parents=True, exist_ok=True)
    write_wave(path, samples)


def test_a_word_is_where_it_is_loud():
    samples = np.zeros(1600, np.int16)
    samples[480:960] = 9000 * np.hanning(480) ** 0.25 * np.sin(np.arange(480) / 3)
    samples[1280:1440] = 20  # more than 28 dB below
    clip = clip_of(samples, "one")
    assert (clip.first, clip.last) == (480, 960)
    hiss = np.random.default_rng(0).integers(-90, 90, 1600)  # 37 dB below, as the "s" of "six" at a telephone's rate
    samples[160:480] = hiss[160:480]
    samples[1120:1280] = hiss[1120:1280]  # behind the silence of a "k"
    clip = clip_of(samples, "six")
    assert (clip.first, clip.last) == (160, 1280)
    assert clip_of(np.append(samples, [*np.zeros(1600), *hiss]).astype(np.int16), "six").last == 1280  # too far off to be of it
    assert clip_of(samples[:100], "one")[2:4] == (0, 100)
    assert clip_of(np.zeros(800, np.int16), "one")[2:4] == (0, 800)


def test_digits_are_split_by_their_number(tmp_path):
    for index in (0, 4, 5, 44, 45, 49):
        write(tmp_path / f"7_theo_{index}.wav", [index + 1] * 300)
    parts = load_digits(tmp_path)
    numbers = {part: sorted(int(clip.samples[0]) - 1 for clip in clips) for part, clips in parts.items()}
    assert numbers == {"train": [5, 44], "validation": [45, 49], "test": [0, 4]}
    assert {(clip.word, clip.speaker) for clips in parts.values() for clip in clips} == {("seven", "theo")}
    write(tmp_path / "a_b_c.wav", [1] * 300)
    with pytest.raises(ValueError, match="named as 7_jackson_32.wav. Received: .*a_b_c.wav"):
        load_digits(tmp_path)


def test_words_are_split_by_folder(tmp_path):
    for part, count in (("train", 2), ("validation", 1), ("test", 1)):
        for index in range(count):
            write(tmp_path / part / "cat" / f"ab{index}_nohash_0.wav", [5] * 400)
    parts = load_split_words(tmp_path)
    assert [len(parts[part]) for part in ("train", "validation", "test")] == [2, 1, 1]
    assert parts["train"][1].word == "cat" and parts["train"][1].speaker == "ab1"


@pytest.mark.parametrize("load", [load_digits, load_split_words])
def test_a_folder_of_something_else(load, tmp_path):
    with pytest.raises(FileNotFoundError, match="There must be .*Received: "):
        load(tmp_path)


def test_a_fingerprint_is_of_words_and_samples():
    one = clip_of(np.arange(400, dtype=np.int16), "one")
    assert fingerprint([one]) == fingerprint([clip_of(np.arange(400, dtype=np.int16), "one")])
    others = [one._replace(word="two"), one._replace(samples=one.samples + np.int16(1)), one._replace(speaker="theo")]
    assert len({fingerprint([of]) for of in [one, *others]}) == 4
