import json
import shlex
import shutil

import numpy as np
import pytest

import seqzoo
from recipes.imdb import average_weights
from recipes.imdb.review_card import ALONE
from recipes.publishing import publish
from seqzoo.tasks.text_classification.figures import measure
from seqzoo.tasks.text_classification.model import TextClassifier
from tests import tiny
from tests.recipes.publishing.test_publish import REVIEWS, make_run


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A run, and two that began with it."""
    folder = tmp_path_factory.mktemp("runs")
    first = make_run(folder / "first")
    return [first, *(make_run(folder / f"more-{seed}", seed=seed, encoder=f"{first}/model") for seed in (1, 2))]


@pytest.fixture(scope="module")
def averaged(runs, tmp_path_factory):
    output = tmp_path_factory.mktemp("averaged") / "run"
    assert average_weights.main([*map(str, runs), "--output", str(output)]) == 0
    return output


def test_the_weights_are_the_mean(averaged, runs):
    models = [seqzoo.load_pretrained(run / "model") for run in runs]
    received = seqzoo.load_pretrained(averaged / "model")
    for name, value in received.tensors().items():
        np.testing.assert_allclose(value, np.mean([model.tensors()[name] for model in models], axis=0), atol=1e-3)
    assert any(value.std() > 0.02 for value in received.tensors().values())
    assert received.config == models[0].config and received.vocabulary == models[0].vocabulary


def test_it_is_measured_on_the_validation_reviews_and_never_on_test(averaged):
    metrics = json.loads((averaged / "metrics.json").read_text())
    model = seqzoo.load_pretrained(averaged / "model")
    assert metrics["validation"]["accuracy"] == measure(model, *REVIEWS.validation)["accuracy"]
    assert "test" not in metrics and "test" not in model.card["metrics"]


def test_reviews_that_were_learned_from_do_not_judge(runs, tmp_path):
    known = tmp_path / "known.csv"
    known.write_text('text\n"{}"\n'.format(REVIEWS.validation.texts[1].replace('"', '""')))
    output = tmp_path / "run"
    assert average_weights.main([*map(str, runs), "--without", str(known), "--output", str(output)]) == 0
    examples = json.loads((output / "metrics.json").read_text())["validation"]["examples"]
    assert examples == len(REVIEWS.validation.texts) - 1
    command = seqzoo.zoo.read_card(output / "model")["command"]
    assert command.endswith(" --without known.csv")
    assert average_weights.parse(shlex.split(command)[3:] + ["--output", "x"]).without.name == "known.csv"


def test_its_card_says_what_it_is_made_of(averaged):
    limits = seqzoo.zoo.read_card(averaged / "model")["limits"]
    assert "Its weights are the mean of those of 3 runs." in limits and limits.count(ALONE) == 1


def test_publishing_it_states_every_command_once(averaged, runs, tmp_path):
    assert publish.main(["sample-average", str(averaged), "--output", str(tmp_path)]) == 0
    card = seqzoo.zoo.read_card(tmp_path / "sample-average")
    lines = card["command"].splitlines()
    assert [line.split(" --output ")[-1] for line in lines[:-1]] == [*map(str, runs), str(averaged)]
    again = average_weights.parse(shlex.split(lines[-2])[3:])
    assert again.runs == runs and again.output == averaged
    assert "One seed: it trains for more than half an hour." in card["limits"]


@pytest.mark.parametrize("changes", [{"units": 5}, {"pooling": "last"}, {"bidirectional": True}])
def test_models_of_another_architecture(changes):
    with pytest.raises(ValueError, match=f"one architecture, .* Received: {next(iter(changes))} that differ"):
        average_weights.average([tiny.model(), tiny.model(**changes)])


def test_models_of_another_vocabulary():
    first = tiny.model()
    other = TextClassifier(first.config, type(first.vocabulary)([*first.vocabulary.words[:-1], "another"]))
    with pytest.raises(ValueError, match="Received: vocabularies or classes that differ"):
        average_weights.average([first, other])


@pytest.mark.parametrize("asked", [["a"], ["a", "a"], []])
def test_two_runs_or_more(asked, capsys):
    with pytest.raises(SystemExit):
        average_weights.parse([*asked, "--output", "b"])
    assert "error:" in capsys.readouterr().err


def test_a_run_that_is_not_finished(runs, tmp_path, capsys):
    shutil.copytree(runs[0], tmp_path / "half")
    (tmp_path / "half" / "metrics.json").unlink()
    assert average_weights.main([str(tmp_path / "half"), str(runs[1]), "--output", str(tmp_path / "out")]) == 2
    assert "A finished run holds" in capsys.readouterr().err and not (tmp_path / "out").exists()
