import importlib.util
import json
import os
import shlex
import shutil
import time
import urllib.request

import pytest

import seqzoo
from recipes.imdb import sentiment
from recipes.shared.command import run
from seqzoo.data.reviews import load_reviews
from seqzoo.layers.pooling import POOLINGS
from seqzoo.tasks.text_classification.figures import measure
from seqzoo.zoo import verify_model
from tests.recipes.small_run import ARGUMENTS


def recipe(*arguments):
    return run(sentiment.main, [str(argument) for argument in arguments])


def error_of(capsys):
    """The one line that was written to standard error."""
    written = capsys.readouterr().err
    assert written.count("\n") == 1 and "Traceback" not in written
    return written


def test_a_run_folder_holds_what_it_promises(finished):
    names = {"config.json", "metrics.json", "curves.png", "checkpoints", "model"}
    assert set(os.listdir(finished)) == names
    config = json.loads((finished / "config.json").read_text())
    assert config["arguments"]["units"] == 16 and config["arguments"]["data"] == "sample"
    assert {"python", "tensorflow", "keras", "numpy", "seqzoo"} <= set(config["versions"])
    metrics = json.loads((finished / "metrics.json").read_text())
    assert [figures["epoch"] for figures in metrics["history"]] == [1, 2, 3, 4]
    for figures in metrics["history"]:
        assert set(figures) == {"epoch", "loss", "validation_loss", "validation_accuracy"}
    assert metrics["history"][-1]["loss"] < metrics["history"][0]["loss"]
    assert (finished / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_its_model_has_the_accuracy_that_was_measured(finished):
    model = seqzoo.load_pretrained(finished / "model")
    stated = json.loads((finished / "metrics.json").read_text())
    received = measure(model, *load_reviews("sample").validation)
    assert received["accuracy"] == stated["validation"]["accuracy"]
    assert received["loss"] == pytest.approx(stated["validation"]["loss"], abs=1e-6)
    assert model.count_parameters() == stated["parameters"] == model.card["parameters"]
    assert model.card["metrics"] == {"validation": stated["validation"]}


def test_its_card_gives_the_command_that_made_it(finished):
    command = seqzoo.zoo.read_card(finished / "model")["command"]
    assert command.startswith("python -m recipes.imdb.sentiment ")
    arguments = vars(sentiment.parse(shlex.split(command)[3:]))
    made_with = json.loads((finished / "config.json").read_text())["arguments"]
    assert {key: arguments[key] for key in made_with} == made_with
    assert not arguments["test"]


def test_a_finished_run_is_scored_on_the_test_split_beside_its_baseline(finished, tmp_path, capsys):
    """The recurrent network sees order, which decides in the sample; a bag of bigrams does not."""
    folder = shutil.copytree(finished, tmp_path / "run")
    assert recipe(*ARGUMENTS, "--output", folder, "--test") == 0
    printed = capsys.readouterr().out
    metrics = json.loads((folder / "metrics.json").read_text())
    before = json.loads((finished / "metrics.json").read_text())
    assert metrics["history"] == before["history"] and "epoch " not in printed, "nothing is trained again"
    (baseline,) = metrics["baselines"]
    assert baseline["split"] == "test" and metrics["test"]["examples"] == 600
    assert metrics["test"]["accuracy"] > 0.75 > 0.7 > baseline["accuracy"]
    assert f"test accuracy {metrics['test']['accuracy']:.4f}, {metrics['parameters']:,} parameters\n" in printed
    assert f"test accuracy {baseline['accuracy']:.4f}, {baseline['parameters']:,} parameters: naive-Bayes" in printed
    card = seqzoo.zoo.read_card(folder / "model")
    assert sentiment.parse(shlex.split(card["command"])[3:]).test
    assert (folder / "model" / "saved_model" / "saved_model.pb").is_file()
    checks = verify_model(folder / "model")
    assert all(check.ok for check in checks), checks
    assert {"test accuracy", "golden outputs, SavedModel"} <= {check.name for check in checks}


def test_other_arguments_on_a_run_are_refused(finished, capsys):
    before = (finished / "config.json").read_bytes()
    assert recipe(*ARGUMENTS, "--units", 17, "--output", finished) == 2
    assert "units=16: give those arguments to continue it" in (line := error_of(capsys))
    assert line.endswith("Received: units=17\n")
    assert (finished / "config.json").read_bytes() == before


def test_a_foreign_folder_is_refused(tmp_path, capsys):
    (tmp_path / "thesis.txt").write_text("mine")
    assert recipe("--data", "sample", "--output", tmp_path) == 2
    assert "something else" in error_of(capsys)
    assert os.listdir(tmp_path) == ["thesis.txt"]


@pytest.mark.parametrize(
    "option, value, valid",
    [
        ("--epochs", "0", "a whole number of at least 1"),
        ("--epochs", "two", "a whole number of at least 1"),
        ("--batch-size", "-4", "a whole number of at least 1"),
        ("--units", "2.5", "a whole number of at least 1"),
        ("--layers", "0", "a whole number of at least 1"),
        ("--embedding-size", "0", "a whole number of at least 1"),
        ("--max-tokens", "0", "a whole number of at least 1"),
        ("--window", "0", "a whole number of at least 1"),
        ("--checkpoint-every", "0", "a whole number of at least 1"),
        ("--vocabulary-size", "2", "a whole number of at least 3"),
        ("--seed", "-1", "a whole number of at least 0"),
        ("--validation", "1.5", "a number from 0 to below 1"),
        ("--validation", "1", "a number from 0 to below 1"),
        ("--dropout", "-0.1", "a number from 0 to below 1"),
        ("--word-dropout", "1", "a number from 0 to below 1"),
        ("--embedding-dropout", "nan", "a number from 0 to below 1"),
        ("--learning-rate", "0", "a finite number above 0"),
        ("--learning-rate", "inf", "a finite number above 0"),
        ("--clip", "-1", "a finite number above 0"),
        ("--vector-norm", "nan", "a finite number above 0"),
        ("--weight-decay", "-0.5", "a finite number of at least 0"),
    ],
)
def test_a_value_that_cannot_be_is_named_before_anything_is_written(tmp_path, capsys, option, value, valid):
    with pytest.raises(SystemExit) as stop:
        recipe("--data", "sample", "--output", tmp_path / "run", option, value)
    assert stop.value.code == 2
    assert f"argument {option}: must be {valid}. Received: '{value}' (see --help)" in error_of(capsys)
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("option", ["--cell", "--pooling", "--data", "--word-vectors"])
def test_an_unknown_choice_is_answered_with_the_known_ones(option, capsys):
    with pytest.raises(SystemExit):
        recipe(option, "gru")
    assert "invalid choice: 'gru' (choose from " in error_of(capsys)


def test_every_pooling_of_the_library_may_be_asked_for():
    """They stand in two places: the arguments are read before Keras is there."""
    assert [sentiment.parse(["--pooling", name]).pooling for name in POOLINGS] == list(POOLINGS)


def test_more_rows_in_a_batch_than_there_are(tmp_path, capsys):
    assert recipe(*ARGUMENTS, "--batch-size", 5000, "--output", tmp_path / "run") == 2
    assert "`batch_size` must lie between 1 and the number of rows, 2163. Received: 5000" in error_of(capsys)


def test_missing_data_is_answered_within_seconds_and_its_folder_can_be_used_again(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("TFDS_DATA_DIR", "no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # refuses at once: there is no network
    urllib.request.install_opener(None)
    began = time.monotonic()
    assert recipe("--data-dir", tmp_path / "nowhere", "--output", tmp_path / "run") == 2
    assert time.monotonic() - began < 30  # TensorFlow's import is in it, on a busy machine
    written = capsys.readouterr().err
    for choice in ("--data-dir", "TFDS_DATA_DIR", "network", "--data sample", "nowhere"):
        assert choice in written
    assert "Traceback" not in written
    assert recipe("--data-dir", tmp_path / "elsewhere", "--units", 65, "--output", tmp_path / "run") == 2
    assert "elsewhere" in capsys.readouterr().err, "no run with other arguments stands in the way"


@pytest.mark.parametrize("module, extra", [("sklearn", "baseline"), ("matplotlib", "plot")])
def test_what_is_not_installed_is_said_before_training(tmp_path, monkeypatch, capsys, module, extra):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == module else found(name))
    assert recipe("--data", "sample", "--output", tmp_path / "run") == 2
    assert error_of(capsys) == f"error: This needs {module}: pip install 'seqzoo[{extra}]'\n"
    assert not os.listdir(tmp_path)


def test_the_run_folder_is_named_after_data_cell_and_seed():
    assert sentiment.parse([]).output == "runs/imdb-lstm-0"
    assert sentiment.parse("--data sample --cell rnn --seed 3".split()).output == "runs/sample-rnn-3"


def test_the_sample_has_defaults_of_its_own_that_give_way():
    sample, real = sentiment.parse(["--data", "sample"]), sentiment.parse([])
    assert (sample.units, sample.learning_rate, sample.word_vectors) == (24, 1e-2, "none")
    assert (real.units, real.learning_rate, real.word_vectors) == (64, 2e-3, "train")
    chosen = sentiment.parse("--data sample --units 64 --learning-rate 0.002 --word-vectors train".split())
    assert (chosen.units, chosen.learning_rate, chosen.word_vectors) == (64, 2e-3, "train")
    assert sentiment.parse("--data sample --encoder imdb-lm".split()).learning_rate == 2e-3


def test_every_argument_either_decides_the_result_or_is_named_as_reporting():
    """One that decides and is not in config.json would let a run go on as another."""
    arguments = vars(sentiment.parse([]))
    assert set(sentiment.REPORTING) < set(arguments)
    assert set(sentiment.ARCHITECTURE) < set(arguments) - set(sentiment.REPORTING)
