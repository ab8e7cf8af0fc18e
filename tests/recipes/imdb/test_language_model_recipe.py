"""From raw texts to a language model, and from it to classifiers: what the recipes promise, at a small size."""

import csv
import json
import os

import numpy as np
import pytest

import seqzoo
from recipes.imdb import language_model as imdb_language_model
from recipes.imdb import sentiment
from recipes.shared.command import run
from recipes.texts import finetune as finetune_text
from seqzoo.cli import main as seqzoo_command
from seqzoo.data.reviews import load_reviews, load_unlabelled
from seqzoo.export import export_saved_model
from seqzoo.tasks.text_classification.figures import measure
from seqzoo.zoo.served import served
from seqzoo.zoo.verify import verify_model

SMALL = "--data sample --epochs 2 --units 12 --embedding-size 8 --batch-size 16 --time-steps 32 --head 60 --draws 40".split()
SMALL += "--learning-rate 0.02 --samples 1 --precision float32".split()


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    """The run folder of a language model."""
    folder = tmp_path_factory.mktemp("lm") / "run"
    assert run(imdb_language_model.main, [*SMALL, "--output", str(folder)]) == 0
    return folder


def test_its_run_folder(encoder):
    metrics = json.loads((encoder / "metrics.json").read_text())
    history = metrics["history"]
    assert history[1]["perplexity"] < history[0]["perplexity"] < 331  # the words of the sample
    model = seqzoo.load_pretrained(encoder / "model")
    texts = load_unlabelled("sample")
    assert metrics["held_out"]["examples"] == len(texts.held_out)
    assert metrics["held_out"]["perplexity"] == pytest.approx(model.perplexity(texts.held_out), rel=1e-6)
    (counts,) = metrics["baselines"]
    assert 1 < counts["perplexity"] < history[1]["perplexity"]  # a grammar of short phrases is made for counts


def test_its_model_is_verified_and_generates(encoder, capsys):
    checks = verify_model(encoder / "model")
    assert all(check.ok for check in checks), [check for check in checks if not check.ok]
    names = {check.name for check in checks if check.made}
    assert {"held_out data", "held_out perplexity", "golden outputs, SavedModel"} <= names
    assert seqzoo_command(["generate", str(encoder / "model"), "This film", "--words", "7", "--seed", "2"]) == 0
    written = capsys.readouterr().out
    assert written.startswith("This film ") and 2 <= len(written.split()) <= 9
    assert seqzoo_command(["predict", str(encoder / "model"), "a"]) == 2
    assert "for this one use `seqzoo generate`" in capsys.readouterr().err


def test_a_stated_perplexity_that_is_wrong_is_found(encoder, tmp_path):
    import shutil

    folder = tmp_path / "model"
    shutil.copytree(encoder / "model", folder)
    card = json.loads((folder / "card.json").read_text())
    card["metrics"]["held_out"]["perplexity"] += 0.5
    (folder / "card.json").write_text(json.dumps(card))
    seqzoo.zoo.refresh_readme(folder)
    wrong = [check.name for check in verify_model(folder) if not check.ok]
    assert wrong == ["held_out perplexity"]


def test_held_out_reviews_and_test_are_not_trained_on():
    texts, reviews = load_unlabelled("sample", held_out=0.1), load_reviews("sample")
    assert texts.held_out and not set(texts.train) & set(texts.held_out)
    assert not {*texts.train, *texts.held_out} & set(reviews.test.texts)
    assert set(texts.fingerprint()) == {"train", "held_out"}


@pytest.fixture(scope="module")
def classifier(encoder, tmp_path_factory):
    """The run folder of a classifier that began with the language model."""
    folder = tmp_path_factory.mktemp("classifier") / "run"
    asked = f"--data sample --encoder {encoder / 'model'} --epochs 1 --batch-size 128 --max-tokens 16 --pooling last_max_mean"
    asked += " --decay 2 --thaw 0.1 --adversarial 0.2 --word-dropout 0 --no-baseline --no-saved-model"
    assert run(sentiment.main, [*asked.split(), "--output", str(folder)]) == 0
    return folder


def test_sentiment_from_the_encoder(encoder, classifier):
    model = seqzoo.load_pretrained(classifier / "model")
    assert (model.config["units"], model.config["embedding_size"]) == (12, 8)
    assert model.vocabulary == seqzoo.load_pretrained(encoder / "model").vocabulary
    card = json.loads((classifier / "model" / "card.json").read_text())
    assert "--encoder" in card["command"]
    assert "12 units" in card["summary"] and any("language model" in limit for limit in card["limits"])
    assert not any("were not used" in limit for limit in card["limits"])


def test_sentiment_from_a_classifier_says_what_that_one_had_learnt_from(classifier, tmp_path):
    """A run goes on from a run: with its words and weights, and its card carries on where these came from."""
    asked = f"--data sample --epochs 1 --batch-size 128 --max-tokens 16 --learning-rate 1e-5 --encoder {classifier / 'model'}"
    asked += f" --pooling last_max_mean --no-baseline --no-saved-model --output {tmp_path / 'run'}"
    assert run(sentiment.main, asked.split()) == 0
    before, after = (seqzoo.load_pretrained(path / "model") for path in (classifier, tmp_path / "run"))
    assert after.vocabulary == before.vocabulary
    for name, value in before.tensors().items():
        np.testing.assert_allclose(after.tensors()[name], value, atol=0.01)
    assert after.card["summary"].endswith("begun with the language model sample-lm-0")  # the first of the line
    limits = " ".join(after.card["limits"])
    assert "Began with the text classifier sample-lstm-0, seed 0." in limits and "Began with the language model" in limits
    assert "were not used" not in limits


def test_a_half_that_reads_backwards_is_trained_apart_and_joined(classifier, tmp_path):
    forward = seqzoo.load_pretrained(classifier / "model")
    reads_backwards = [*SMALL, "--epochs", "1", "--backwards", "--embedding-of", str(classifier / "model"), "--no-baseline"]
    assert run(imdb_language_model.main, [*reads_backwards, "--no-saved-model", "--output", str(tmp_path / "lm")]) == 0
    asked = f"--data sample --apart --encoder {classifier / 'model'} --backward-encoder {tmp_path / 'lm' / 'model'} --epochs 1"
    asked += " --batch-size 64 --max-tokens 16 --learning-rate 0.02 --pooling max_mean --no-baseline --no-saved-model"
    assert run(sentiment.main, [*asked.split(), "--output", str(tmp_path / "run")]) == 0
    whole = seqzoo.load_pretrained(tmp_path / "run" / "model")
    given, begun, found = (model.tensors() for model in (forward, seqzoo.load_pretrained(tmp_path / "lm" / "model"), whole))
    np.testing.assert_array_equal(found["embedding/embeddings"], given["embedding/embeddings"])
    for name in [name for name in given if name.startswith("lstm_0/")]:
        np.testing.assert_array_equal(found[f"bidirectional_0/forward_{name}"], given[name])
        assert np.abs(found[f"bidirectional_0/backward_{name}"] - begun[name]).max() > 1e-3
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["validation"]["accuracy"] == metrics["history"][-1]["validation_accuracy"]
    limits = " ".join(whole.card["limits"])
    assert "Began with the language model sample-lm-0 in what reads backwards" in limits and "trained alone" in limits
    assert " --apart" in whole.card["command"] and "a bidirectional LSTM with 12 units" in whole.card["summary"]


@pytest.fixture
def own(tmp_path):
    """A CSV file of three classes that one word decides, with a row that has no text."""
    random = np.random.default_rng(0)
    texts, _ = load_reviews("sample").train
    words = ["wonderful", "terrible", "average"]
    rows = [[f"{texts[n][:40]} {words[n % 3]}", ["good", "bad", "so-so"][n % 3]] for n in random.permutation(240)]
    with open(tmp_path / "own.csv", "w", newline="") as file:
        csv.writer(file).writerows([["review", "verdict"], ["", "good"], *rows])
    return tmp_path / "own.csv"


def test_own_texts_of_three_classes(encoder, own, tmp_path, capsys):
    asked = ["--train", str(own), "--text", "review", "--labels", "verdict", "--encoder", str(encoder / "model")]
    asked += "--epochs 6 --learning-rate 0.03 --decay 1 --thaw 0 --batch-size 8 --word-dropout 0 --dropout 0".split()
    assert run(finetune_text.main, [*asked, "--output", str(tmp_path / "run")]) == 0
    written = capsys.readouterr().out
    assert "1 rows left out, no text: 2" in written and "difference to the bag of bigrams" in written
    folder = tmp_path / "run" / "model"
    model = seqzoo.load_pretrained(folder)
    assert model.classes == ("bad", "good", "so-so")
    probabilities = model.predict(["a wonderful film", "a terrible film"])
    assert probabilities.shape == (2, 3)
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-5)
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["test"]["accuracy"] > 0.8
    assert metrics["test"]["accuracy_low"] < metrics["test"]["accuracy"] <= metrics["test"]["accuracy_high"]
    assert all(check.ok for check in verify_model(folder))
    export_saved_model(model, tmp_path / "served")
    np.testing.assert_allclose(
        served(tmp_path / "served", model)(["a wonderful film", ""]), model.predict(["a wonderful film", ""]), atol=1e-5
    )
    assert seqzoo_command(["predict", str(folder), "a wonderful film"]) == 0
    assert "good" in capsys.readouterr().out


def test_a_run_folder_made_with_other_arguments_is_refused(encoder, own, tmp_path, capsys):
    assert run(imdb_language_model.main, [*SMALL, "--output", str(encoder), "--seed", "1"]) == 2
    assert "made with seed=0" in capsys.readouterr().err
    assert os.listdir(encoder)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--text", "nothing"],
            "must be one of review, verdict, and there once; name it, such as --text review. Received: nothing",
        ),
        (
            ["--encoder", "stock-volatility-rnn"],
            "begins with a language model or a text classifier: imdb-lm, .*imdb-rnn.* Received: stock-volatility-rnn, stock-",
        ),
        (["--encoder", "no-such-model"], "No pretrained model has this name"),
        (["--encoding", "utf-16"], "must be text in the encoding utf-16"),
        (["--test-share", "0.999"], "Received: [0-9]+ texts, [0-3] of 3 classes"),
    ],
)
def test_what_cannot_be_trained_on(own, tmp_path, capsys, options, message):
    import re

    asked = ["--train", str(own), "--text", "review", "--labels", "verdict", *options, "--output", str(tmp_path / "run")]
    assert run(finetune_text.main, asked) == 2
    error = capsys.readouterr().err
    assert re.search(message, error) and error.count("\n") == 1
    assert not (tmp_path / "run" / "model").exists()


def test_measure_of_several_classes():
    class Fixed:
        def predict(self, texts):
            return np.array([[0.2, 0.5, 0.3], [0.7, 0.2, 0.1]], np.float32)

    found = measure(Fixed(), ["a", "b"], np.array([1, 2]))
    assert found == {"accuracy": 0.5, "loss": pytest.approx(-np.mean(np.log([0.5, 0.1])), rel=1e-6), "examples": 2}
