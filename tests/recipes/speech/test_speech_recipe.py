"""The recipe of words in sound, on a handful of made-up recordings."""

import json
import shutil

import numpy as np
import pytest

from recipes.speech import data as recipe_data
from recipes.speech import left_out, train, varied, voices
from recipes.speech.accents import PHONES
from recipes.speech.card import command_line
from recipes.speech.data import is_without, part_of, sentences
from recipes.speech.features import TRACTS, Features, warped
from recipes.speech.scenes import HELD, STEPS, SceneBatches, Source
from seqzoo.data.spoken_words import DIGITS, Clip, clip_of
from seqzoo.layers.log_mel import LogMel
from seqzoo.tasks.keyword_spotting.network import KeywordConfig
from seqzoo.zoo import load_pretrained, verify_model
from tests.wave_files import write_wave

CLASSES = ("yes", "no", "silence", "unknown")
SMALL = "--units 4 --layers 1 --batches 4 --batch-size 4 --spoken 0 --checkpoint-every 2".split()


def tone(hertz, seconds=0.3, seed=0):
    random = np.random.default_rng(seed)
    at = np.arange(int(8000 * seconds)) / 8000
    return np.rint(9000 * np.sin(2 * np.pi * hertz * at) + random.normal(0, 40, len(at))).astype(np.int16)


def write(path, samples):
    path.parent.mkdir(parents=True, exist_ok=True)
    write_wave(path, samples)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What the recipe knows, in small: two speakers, three recordings of a digit, and the words."""
    place = tmp_path_factory.mktemp("speech")
    for digit in range(10):
        for speaker in ("theo", "lucas"):
            for index in (0, 20, 47):
                write(place / "fsdd" / f"{digit}_{speaker}_{index}.wav", tone(300 + 200 * digit, seed=index))
    for part in ("train", "validation", "test"):
        for number, word in enumerate(("bed", "cat", "happy")):
            write(place / "commands_8k" / part / word / "a1_nohash_0.wav", tone(2500 + 300 * number))
    return place


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Words of one's own: a folder each, and a recording of noise."""
    place = tmp_path_factory.mktemp("own")
    for number, word in enumerate(("yes", "no", "maybe")):
        for speaker in range(24):
            write(place / word / f"s{speaker}_nohash_0.wav", tone(400 + 500 * number, seed=speaker))
    write(place / "_background_noise_" / "hiss.wav", np.random.default_rng(0).normal(0, 500, 9000))
    return place


def batches(**options):
    clips = [clip_of(tone(500), "yes"), clip_of(tone(1500), "no")]
    sources = [Source(clips, 1.0), Source(clips, 0.2, "reversed"), Source([clip_of(tone(900, 3), "unknown")], 0.2, "speech")]
    return SceneBatches(sources, CLASSES, Features(KeywordConfig(classes=CLASSES).front), 3, 8, seed=5, **options)


def test_features_are_those_of_the_layer():
    front = KeywordConfig(classes=CLASSES).front
    sound = np.random.default_rng(0).normal(0, 0.1, (2, 1600)).astype(np.float32)
    np.testing.assert_allclose(Features(front)(sound), LogMel(**front)(sound), atol=1e-4)


def test_another_vocal_tract_moves_what_is_heard_along_the_bands():
    """A tract shorter by some factor is a sound whose frequencies are higher by it, in Hz below the upper end."""
    features = Features(KeywordConfig(classes=CLASSES).front)
    at, ends = np.arange(4000) / 8000, np.arange(160, 4000, 160)[None]
    sound = np.sin(2 * np.pi * np.array([[900.0], [900.0 * TRACTS[-1]]]) * at).astype(np.float32)
    usual, shorter = len(TRACTS) // 2, len(TRACTS) - 1
    ends = np.repeat(ends, 2, axis=0)
    peaks = [features.power(sound, ends, np.full(2, tract))[:, 5:].mean(axis=1).argmax(axis=1) for tract in (usual, shorter)]
    np.testing.assert_allclose(features.power(sound, ends, np.full(2, usual)), features.power(sound, ends), rtol=1e-5)
    assert TRACTS[usual] == 1 and abs(peaks[0][0] - peaks[1][1]) <= 1  # mel is not the logarithm of Hz
    assert peaks[1][0] < peaks[0][0] < peaks[0][1]


def test_a_vocal_tract_moves_frequencies_up_and_down_and_none_out_of_the_spectrum():
    hertz = np.linspace(0, 4000, 401)
    for factor in (TRACTS[0], 1.0, TRACTS[-1]):
        moved = warped(hertz, factor)
        np.testing.assert_allclose(moved[hertz <= 2400], hertz[hertz <= 2400] * factor)
        assert (np.diff(moved) > 0).all() and abs(moved[-1] - 4000) < 1e-6


def test_a_word_by_another_microphone_is_as_loud_and_as_long():
    noises, word = batches(varied=True).noises, tone(700).astype(np.float32) / 32768
    heard = [varied.recorded(word, noises, np.random.default_rng(seed)) for seed in range(60)]
    ratios = [np.sqrt(np.mean(np.square(of)) / np.mean(np.square(word))) for of in heard]
    assert {len(of) for of in heard} == {len(word)} and 0.99 < min(ratios) and max(ratios) < 1.3  # noise of 3 dB below: 1.22
    assert 5 < sum(np.array_equal(of, word) for of in heard) < 40  # some are as they were


def test_a_word_is_cut_as_by_a_recording_that_keeps_what_is_loud():
    """Soft sounds at either end may go, the loudest never; many words stay as they are."""
    soft, loud = tone(3000) * 0.05, tone(500).astype(float)
    word = np.concatenate([soft, loud, soft]) / 32768
    place = 0, len(word), 30, 40
    found = [varied.cut(word, place, np.random.default_rng(seed)) for seed in range(200)]
    changed = [of for of in found if of != place]
    assert 90 < len(changed) < 150
    assert all(first in (0, 2400) and last in (4800, 7200) for first, last, *_ in found)
    assert {(of[2], of[3]) for of in changed} == {(0, 40), (30, 0), (0, 0)}
    assert {of[0] for of in changed} == {0, 2400} and {of[1] for of in changed} == {4800, 7200}
    assert varied.cut(word[:600], (0, 600, 1, 1), np.random.default_rng(0)) == (0, 600, 1, 1)


def test_runs_without_a_speaker_are_said_to_be_trained_otherwise():
    own = "python -m recipes.speech.train --data-dir DIR --text FILE --seed 2 --output runs/speech-gru-2"
    card = {"command": f"{own}\npython -m recipes.speech.publish digits-gru runs/speech-gru-2 --data-dir DIR"}
    alike = own.replace("--text", "--without theo --text").replace("speech-gru-2", "left-theo")
    assert left_out.trained_otherwise(card, [alike, alike.replace("theo", "lucas")]) is None
    other = alike.replace("--seed 2", "--varied --epochs 9")
    found = left_out.trained_otherwise(card, [alike, other])
    assert found == "The runs without a speaker were not trained as this model was: with --epochs 9 --varied, without --seed 2."


def test_unseen_speakers_are_asked_with_all_classes_and_among_the_digits_alone(tmp_path, monkeypatch):
    """A model takes "six" for "cat", "nine" for "five"; next it is sure of the right digit, in the first case alone."""
    classes = (*DIGITS, "bed", "cat", "happy", "silence", "unknown")

    class Known:
        def predict(self, waves):
            answers = np.eye(len(classes), dtype=np.float32)[[int(wave[0]) for wave in waves]]
            answers[answers[:, 6] == 1] = 0.3 * np.eye(15)[6] + 0.7 * np.eye(15)[11]
            answers[answers[:, 9] == 1] = np.eye(15)[5]
            return answers

    Known.classes = classes
    monkeypatch.setattr("seqzoo.load_pretrained", lambda _: Known())
    clips = [Clip(np.array([place]), word, 0, 1, who) for place, word in enumerate(DIGITS) for who in ("theo", "lucas")]
    runs = [tmp_path / name for name in ("a", "b", "c")]
    for run, speaker in zip(runs, ("theo", "lucas", None), strict=True):
        run.mkdir()
        (run / "config.json").write_text(json.dumps({"arguments": {"without": speaker}}))
    found, of_ten = left_out.accuracies(runs[:2], clips[:-1])  # lucas says no "nine"
    assert found == {"theo": 0.8, "lucas": 0.88889, "mean": 0.84445, "worst": 0.8}
    assert of_ten == {"theo": 0.9, "lucas": 1.0, "mean": 0.95, "worst": 0.9}
    for wrong in (runs[2:], [runs[0], runs[0]]):
        with pytest.raises(ValueError, match="Each run must leave out another speaker.*without"):
            left_out.accuracies(wrong, clips)


def test_backgrounds_are_what_is_heard_beside_words():
    quiet = np.random.default_rng(0).normal(0, 30, 9000).astype(np.int16)
    clip = clip_of(np.concatenate([quiet[:3000], tone(900), quiet[3000:6000]]), "cat")
    assert all(np.abs(of).max() < 300 and len(of) >= 2400 for of in recipe_data.backgrounds([clip]))
    assert len(recipe_data.backgrounds([clip, clip_of(tone(900), "cat")])) == 2


@pytest.mark.parametrize("program", sorted(voices.PROGRAMS))
def test_a_program_says_words_in_many_voices(program):
    if not voices.is_installed(program):
        with pytest.raises(
            ImportError, match=f"Debian: apt-get install {voices.PROGRAMS[program][1]}.*Received: none on the path"
        ):
            voices.speak(["one"], np.random.default_rng(0), program)
        pytest.skip(f"needs {voices.PROGRAMS[program][0]}")
    said, again = (voices.speak(["one", "seven", "seven"], np.random.default_rng(0), program) for _ in range(2))
    assert all(2000 < len(of) < 16000 and of.dtype == np.int16 and np.abs(of).max() > 1000 for of in said)
    assert len(said[1]) != len(said[2]) and [len(of) for of in said] == [len(of) for of in again]


def test_flite_says_words_as_people_of_another_language_do():
    said = [voices._flite("three", np.random.default_rng(seed)) for seed in range(40)]
    foreign = [command[-2] for command in said if "-p" in command]
    assert 8 < len(foreign) < 32 and set(foreign) <= {f"pau {phones} pau" for phones in PHONES["three"]}
    assert not [
        command for command in (voices._flite("bed", np.random.default_rng(seed)) for seed in range(20)) if "-p" in command
    ]


def test_a_batch_is_a_function_of_its_place_alone():
    one, other = batches(), batches()
    rows, targets = one.batch(np.array([1]), 4)
    assert rows.shape == (8, STEPS, 32) and targets.shape == (8, STEPS, 2) and np.isfinite(rows).all()
    one.batch(np.array([0]), 0)
    for again in (one.batch(np.array([1]), 4), other.batch(np.array([1]), 4)):
        np.testing.assert_array_equal(again[0], rows)
        np.testing.assert_array_equal(again[1], targets)
    assert (batches(varied=True).batch(np.array([1]), 4)[0] != rows).any()
    same_words, other_words = other.batch(np.array([1]), 5), other.batch(np.array([1]), 6)
    assert (same_words[1] == targets).all() and (same_words[0] != rows).any() and (other_words[1] != targets).any()


def test_a_word_is_the_answer_behind_its_end():
    """Of a scene's targets, each word that has ended is held so many rows; before them are rows that teach nothing."""
    _, targets = batches().batch(np.array([0]), 0)
    found = 0
    for classes, weights in zip(targets[:, :, 0].astype(int), targets[:, :, 1], strict=True):
        said = np.flatnonzero((classes != 2) & (weights == 1))
        for begin in said[np.flatnonzero(np.diff(said, prepend=-9) > 1)]:
            length = np.argmin(np.append(classes[begin:] == classes[begin], False) & np.append(weights[begin:] == 1, False))
            assert length <= 2 * HELD and (begin == 0 or weights[begin - 1] == 0)
            found += 1
    assert found >= 8


def test_lines_with_words_that_sound_as_digits_are_left_out(tmp_path):
    assert is_without("He went home.") and not is_without("He went to bed") and not is_without("It is 5 o'clock")
    assert not is_without("Someone sang.") and not is_without("We won!") and not is_without("") and not is_without("Äpfel")
    path = tmp_path / "lines.tsv"
    path.write_text("Ja!\tThat is a good idea.\nNein!\tI have four cats.\nDoch!\tShe sings very well.\n", encoding="utf-8")
    random = np.random.default_rng(0)
    one, other = sentences(path, random, 3), sentences(path, random, 3, kept=True)
    assert set(one) | set(other) == {"That is a good idea.", "She sings very well."} and not set(one) & set(other)
    assert all(is_without(line) for line in sentences(None, random, 30))


def test_speakers_of_ones_own_words_stay_in_their_part():
    """The rule of Speech Commands, whose README states these percentages; a speaker's recordings are together."""
    names = [f"{speaker:08x}_nohash_0.wav" for speaker in range(4000)]
    shares = {part: sum(part_of(name) == part for name in names) / len(names) for part in ("train", "validation", "test")}
    assert abs(shares["validation"] - 0.1) < 0.02 and abs(shares["test"] - 0.1) < 0.02
    assert all(part_of(name) == part_of(name.replace("_0.wav", "_7.wav")) for name in names[:50])


@pytest.fixture(scope="module")
def whole(folder, tmp_path_factory):
    output = tmp_path_factory.mktemp("whole") / "run"
    train.main(["--data-dir", str(folder), *SMALL, "--epochs", "2", "--output", str(output)])
    return output


@pytest.mark.slow  # test_resume.py is of the same training
def test_a_run_that_was_stopped_ends_with_the_same_weights(folder, whole, tmp_path, monkeypatch):
    options = ["--data-dir", str(folder), *SMALL]
    checkpoints, kept = [], train.accuracies

    def stop(model, parts):
        checkpoints.append(1)
        raise KeyboardInterrupt

    monkeypatch.setattr(train, "accuracies", stop)
    with pytest.raises(KeyboardInterrupt):
        train.main([*options, "--epochs", "2", "--output", str(tmp_path / "parts")])
    monkeypatch.setattr(train, "accuracies", kept)
    train.main([*options, "--epochs", "2", "--output", str(tmp_path / "parts")])
    one, other = (load_pretrained(path / "model") for path in (whole, tmp_path / "parts"))
    for name, value in one.tensors().items():
        np.testing.assert_array_equal(value, other.tensors()[name])
    assert checkpoints


def test_a_run_makes_a_model_that_is_verified(folder, whole):
    model = load_pretrained(whole / "model")
    assert model.classes == (*DIGITS, "bed", "cat", "happy", "silence", "unknown")
    card = model.card
    assert card["command"].endswith("--batch-size 4") and "--data-dir DIR" in card["command"] and "test" not in card["metrics"]
    checks = verify_model(whole / "model", folder)
    assert [check for check in checks if not check.ok] == [] and "validation accuracy" in {check.name for check in checks}


def test_varied_is_said_more_often_by_programs(folder, monkeypatch):
    said = [clip_of(tone(900), "one")], [clip_of(tone(900), "unknown")]
    monkeypatch.setattr(recipe_data, "said_by_programs", lambda *_: said)
    for options, expected in (([], [0.52, 0.2, 0.05, 0.08, 0.15]), (["--varied"], [0.52, 0.2, 0.05, 0.4, 0.35])):
        found = recipe_data.load(train.parse(["--data-dir", str(folder), *SMALL, *options]), None)
        assert [source.share for source in found.sources] == expected


def test_a_speaker_left_out_is_in_no_part(folder, tmp_path):
    arguments = train.parse(["--data-dir", str(folder), *SMALL, "--without", "theo"])
    found = recipe_data.load(arguments, None)
    other = train.parse(["--data-dir", str(folder), *SMALL, "--varied"])
    assert " --spoken 0 --varied --units 4 " in command_line(train.decisive(other))
    assert {clip.speaker for clip in found.sources[0].clips} == {"lucas"} == {clip.speaker for clip in found.parts["validation"]}


def test_words_of_ones_own(own, tmp_path):
    output = tmp_path / "mine"
    options = ["--data", str(own), "--words", "yes", "no", *SMALL, "--epochs", "1", "--test", "--output", str(output)]
    train.main(options)
    model = load_pretrained(output / "model")
    assert model.classes == CLASSES and set(model.card["metrics"]) == {"validation", "test"}
    assert f"--data {own}" in model.card["command"] and "--words yes no" in model.card["command"]
    found = recipe_data.load(train.parse(options), None)
    assert {clip.word for clip in found.sources[1].clips} == {"unknown"} and len(found.noises) == 1
    assert not {c.speaker for c in found.sources[0].clips} & {c.speaker for of in found.parts.values() for c in of}
    assert [check for check in verify_model(output / "model", own) if not check.ok] == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--words", "yes", "perhaps"],
            "a folder of .wav files for each word.*Received: maybe, no, yes in .*--words yes perhaps",
        ),
        (["--words", "silence"], "none called silence or unknown"),
    ],
)
def test_words_that_are_not_there(own, options, message, tmp_path):
    arguments = train.parse(["--data", str(own), *SMALL, *options])
    with pytest.raises(ValueError, match=message):
        recipe_data.load(arguments, None)
    with pytest.raises(ValueError, match="Received: no folder in "):
        recipe_data.load(train.parse(["--data", str(tmp_path), *SMALL]), None)


@pytest.mark.parametrize("options", [[], ["--data", "a", "--data-dir", "b"], ["--data-dir", "b", "--words", "yes"]])
def test_one_kind_of_data_is_given(options, capsys):
    with pytest.raises(SystemExit):
        train.parse(options)
    assert "Received: " in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs the program espeak-ng")
def test_false_alarms_are_events_that_nobody_said():
    from recipes.speech.false_alarms import false_alarms, other_sound
    from tests.tasks.keyword_spotting.spotters import spotter

    words = [clip_of(tone(2500 + 300 * number, 0.5), "yes") for number in range(3)]
    sound, places = other_sound(words * 20, None, 0.4)
    again, _ = other_sound(words * 20, None, 0.4)
    assert len(sound) == 24 * 8000 and np.abs(sound).max() <= 1 and [word for *_, word in places] == ["yes"]
    np.testing.assert_array_equal(sound, again)
    found = false_alarms(spotter(), sound, places, 0.3)
    begin, end, _ = places[0]
    assert found and not [event for event in found if begin <= event.time <= end and event.word == "yes"]
