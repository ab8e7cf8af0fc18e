"""A keyword spotter through the zoo: folder, SavedModel, phone files, the command line."""

import io
import json
import sys

import numpy as np
import pytest

from seqzoo import cli
from seqzoo.export import TFLiteRunner, export_tflite
from seqzoo.zoo import load_pretrained, save_folder, verify_model
from tests import tiny
from tests.tasks.keyword_spotting.spotters import spotter, wave
from tests.wave_files import write_wave

SOUND = np.concatenate([wave(9000, 5), np.zeros(4000, np.float32), wave(6000, 6)])
TYPICAL = [wave(160 * 12, seed, 0.3) for seed in range(44)]
CLIPS = [wave(4000), wave(900, 1), wave(7777, 2)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    card = tiny.card(name="ears", metrics={"test": {"accuracy": 0.5, "examples": 2}}, baselines=[])
    path = tmp_path_factory.mktemp("zoo") / "ears"
    save_folder(spotter(lead=1), path, card, [np.round(of, 4).tolist() for of in CLIPS[:2]])
    return path


@pytest.fixture(scope="module")
def model(folder):
    return load_pretrained(folder)


@pytest.fixture(scope="module")
def micro(model, tmp_path_factory):
    return export_tflite(model, tmp_path_factory.mktemp("micro") / "ears.tflite", "micro", "int8", calibration=TYPICAL)


def wav(path, samples, rate=8000, channels=1):
    write_wave(path, np.rint(samples * 32767), rate, channels)
    return str(path)


def test_every_promise_of_the_folder_is_verified(folder):
    checks = verify_model(folder)
    assert [check for check in checks if not check.ok] == []
    assert {"golden outputs", "golden outputs, SavedModel", "parameters"} <= {check.name for check in checks}


def test_the_readme_tells_speakers_left_out_with_all_classes_and_among_the_digits():
    from seqzoo.tasks.keyword_spotting.readme import figures

    found = {"theo": 0.9, "lucas": 0.8, "mean": 0.85, "worst": 0.8}
    card = {"name": "ears", "baselines": [], "metrics": {"test": {"accuracy": 0.5, "examples": 2}, "speaker_left_out": found}}
    text = figures(card, lambda head, rows: "")
    assert text.endswith("of that one: mean 85.00 %, worst 80.00 % (theo 90.00 %, lucas 80.00 %).")
    card["metrics"]["speaker_left_out_of_ten"] = found | {"theo": 0.95, "mean": 0.875}
    more = " As a choice among the ten digits alone: mean 87.50 %, worst 80.00 % (theo 95.00 %, lucas 80.00 %)."
    assert figures(card, lambda head, rows: "") == text + more


def test_its_saved_model_takes_raw_sound(folder, model):
    import tensorflow as tf

    served = tf.saved_model.load(str(folder / "saved_model")).signatures["serving_default"]
    for clip in CLIPS:
        answer = served(audio=tf.constant(clip[None]))["probabilities"].numpy()
        np.testing.assert_allclose(answer, model.predict([clip]), atol=1e-5)


def test_a_microcontroller_takes_a_hop_a_call_in_8_bits(model, micro):
    runner = TFLiteRunner(micro)
    assert runner.sidecar["form"] == "step" and runner.sidecar["int8_share"] > 0
    assert [spec["name"] for spec in runner.sidecar["inputs"]] == ["audio", "overlap_h", "gru_0_h", "gru_1_h"]
    assert runner.sidecar["sound"]["hop"] == 160 and runner.sidecar["labels"] == list(model.classes)
    np.testing.assert_allclose(runner(CLIPS), model.predict(CLIPS), atol=0.05)
    assert {"LOG", "BATCH_MATMUL", "FULLY_CONNECTED"} <= set(runner.sidecar["operators"])


def test_the_same_file_on_tensorflow_lite_micro(micro):
    pytest.importorskip("tflite_micro.python.tflite_micro.runtime", reason="needs the package tflite-micro")
    from recipes.speech.micro import MicroSteps, arena_of

    arena, runner = arena_of(micro), TFLiteRunner(micro)
    chip, states = MicroSteps(micro, arena + 64), runner.start()
    assert 4000 < arena < 40_000
    for hop in CLIPS[0].reshape(-1, 1, 160):
        expected, states = runner.step(hop, states)
        np.testing.assert_allclose(chip(hop), expected[0], atol=0.02)  # each rounds its 8-bit products


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"target": "interpreter"}, marks=pytest.mark.slow),
        {"target": "compiled", "time_steps": 70, "quantization": "dynamic"},
    ],
)
def test_whole_clips_on_a_phone(model, tmp_path, options):
    runner = TFLiteRunner(export_tflite(model, tmp_path / "ears.tflite", calibration=TYPICAL[:3], **options))
    np.testing.assert_allclose(runner(CLIPS), model.predict(CLIPS), atol=max(1e-5, runner.sidecar["tolerance"]))
    assert runner({"audio": np.zeros((1, 70, 160), np.float32)}).shape == (1, 70, 4)
    assert not {"FlexRFFT", "RFFT2D"} & set(runner.sidecar["operators"])
    if options["target"] == "compiled":
        with pytest.raises(ValueError, match="clips of at most 7,840 samples.*Received: 8,001"):
            runner([wave(8001)])


def test_hear_says_what_the_stream_hears(folder, model, tmp_path, capsys):
    stream = model.stream(0.35)
    integers = (np.rint(SOUND * 32767) / 32768).astype(np.float32)
    expected = stream.feed(integers) + stream.finish()
    path = wav(tmp_path / "a.wav", SOUND)
    assert cli.main(["hear", str(folder), path, "--threshold", "0.35"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[2] for line in lines] == [event.word for event in expected]
    assert [float(line.split()[0]) for line in lines] == [event.time for event in expected]
    assert cli.main(["hear", str(folder), path, "--threshold", "0.35", "--json"]) == 0
    assert [json.loads(line)["time"] for line in capsys.readouterr().out.splitlines()] == [event.time for event in expected]
    both = wav(tmp_path / "b.wav", np.stack([SOUND, SOUND], axis=1), channels=2)
    assert cli.main(["hear", str(folder), both, "--threshold", "0.35"]) == 0
    assert capsys.readouterr().out.splitlines() == lines


@pytest.mark.parametrize("header", [True, False])
def test_hear_reads_standard_input(folder, tmp_path, capsys, monkeypatch, header):
    path = wav(tmp_path / "a.wav", SOUND)
    assert cli.main(["hear", str(folder), path, "--threshold", "0.35"]) == 0
    expected = capsys.readouterr().out
    data = open(path, "rb").read()[0 if header else 44 :]
    monkeypatch.setattr(sys, "stdin", type("In", (), {"buffer": io.BufferedReader(io.BytesIO(data))}))
    assert cli.main(["hear", str(folder), "-", "--threshold", "0.35"]) == 0
    assert capsys.readouterr().out == expected and expected


def test_hear_says_when_it_hears_nothing(folder, tmp_path, capsys):
    path = wav(tmp_path / "a.wav", np.zeros(8000))
    assert cli.main(["hear", str(folder), path, "--threshold", "1"]) == 0
    said = capsys.readouterr()
    assert said.out == "" and "No word of ears was heard in 1.0 s" in said.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.wav"], "No such file"),
        (["text.wav"], "16-bit PCM"),
        (["empty.wav"], "at least one sample"),
        (["a.wav", "--threshold", "2"], "`threshold` must be"),
        (["a.wav", "--rate", "16000"], "--rate is for standard input"),
        (["-", "--channels", "0"], "--channels must be at least 1"),
    ],
)
def test_hear_refuses(folder, tmp_path, capsys, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    wav(tmp_path / "a.wav", SOUND)
    wav(tmp_path / "empty.wav", np.zeros(0))
    (tmp_path / "text.wav").write_text("no sound")
    assert cli.main(["hear", str(folder), *arguments]) == 2
    assert message in capsys.readouterr().err


def test_other_commands_know_it(folder, tmp_path, capsys):
    assert cli.main(["predict", str(folder), "a text"]) == 2
    assert "for this one use `seqzoo hear`" in capsys.readouterr().err
    page = tmp_path / "page.html"
    assert cli.main(["explain", str(folder), wav(tmp_path / "a.wav", CLIPS[0]), "--output", str(page)]) == 0
    assert "log-mel" in page.read_text() and capsys.readouterr().out
    assert cli.main(["info", str(folder)]) == 0
    shown = capsys.readouterr().out
    assert "It hears yes, no" in shown and "seqzoo hear" in shown
