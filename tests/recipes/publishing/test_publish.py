import json
import shlex

import pytest

import seqzoo
from recipes.imdb import sentiment
from recipes.imdb.review_card import GOLDEN_TEXTS, review_card
from recipes.publishing import publish
from seqzoo.data.reviews import load_reviews
from seqzoo.data.vocabulary import Vocabulary
from seqzoo.tasks.text_classification.figures import measure
from seqzoo.tasks.text_classification.model import TextClassifier
from seqzoo.training.run_folder import RunFolder
from seqzoo.zoo import save_folder

REVIEWS = load_reviews("sample")
NOTE = "An earlier one's figure was 50 %."


def make_run(folder, accuracy=0.5, **changes):
    """A finished run, but for the training."""
    line = "--data sample --units 2 --embedding-size 2 --max-tokens 16 --vocabulary-size 50".split()
    arguments = {k: v for k, v in vars(sentiment.parse(line)).items() if k not in sentiment.REPORTING}
    run = RunFolder(folder, arguments | changes)
    config = {name: run.arguments[name] for name in sentiment.ARCHITECTURE}
    model = TextClassifier({"vocabulary_size": 50} | config, Vocabulary.build(REVIEWS.train.texts, 50))
    card = review_card("run", run.arguments, REVIEWS, {"baselines": []})
    save_folder(model, folder / "model", card, GOLDEN_TEXTS, saved_model=False)
    run.write_json("metrics.json", {"validation": {"accuracy": accuracy}})
    return folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    for index, (rate, accuracy) in enumerate([(0.1, 0.6), (0.01, 0.8), (0.001, 0.7)]):
        search = RunFolder(folder / f"search-{index}", {"units": 2, "learning_rate": rate, "seed": 0})
        search.write_json("metrics.json", {"validation": {"accuracy": accuracy}})
    return {seed: make_run(folder / f"seed-{seed}", seed=seed) for seed in (0, 1)}


@pytest.fixture(scope="module")
def zoo(runs, tmp_path_factory):
    """A folder of models with one, made by the command."""
    folder = tmp_path_factory.mktemp("zoo")
    search = str(runs[0].parent / "search-*")
    command = ["sample-lstm", str(runs[0]), str(runs[1]), "--search", search, "--note", NOTE, "--output", str(folder)]
    assert publish.main(command) == 0
    return folder


def test_the_first_run_is_kept_and_all_are_measured_on_the_test_split(zoo, runs):
    model, *others = (seqzoo.load_pretrained(path) for path in (zoo / "sample-lstm", runs[0] / "model", runs[1] / "model"))
    figures = [measure(other, *REVIEWS.test) for other in others]
    metrics = model.card["metrics"]
    assert metrics["seeds"] == {str(seed): of["accuracy"] for seed, of in enumerate(figures)}
    assert metrics["test"]["accuracy"] == figures[0]["accuracy"]
    assert metrics["test"]["loss"] == pytest.approx(figures[0]["loss"], abs=1e-6)
    assert model.name == "sample-lstm" and model.config["seed"] == 0
    (baseline,) = model.card["baselines"]
    assert baseline["split"] == "test" and 0.5 < baseline["accuracy"] < 1
    assert (zoo / "sample-lstm" / "saved_model").is_dir()


def test_the_card_states_the_search_and_every_command(zoo, runs):
    card = seqzoo.zoo.read_card(zoo / "sample-lstm")
    assert card["search"] == [
        {"learning_rate": 0.01, "validation_accuracy": 0.8},
        {"learning_rate": 0.001, "validation_accuracy": 0.7},
        {"learning_rate": 0.1, "validation_accuracy": 0.6},
    ]
    *trained, published = card["command"].splitlines()
    for seed, line in enumerate(trained):
        arguments = sentiment.parse(shlex.split(line)[3:])
        assert arguments.seed == seed and arguments.units == 2 and arguments.output == str(runs[seed])
    again = publish.parse(shlex.split(published)[3:])
    assert again.name == "sample-lstm" and again.runs == list(runs.values()) and len(again.search) == 1
    assert again.note == [NOTE] and card["limits"][-1] == NOTE


def test_what_was_tried_may_have_arguments_that_the_others_lack(tmp_path):
    for name, given in {"a": {"units": 2, "soft_labels": None}, "b": {"units": 2, "averaged": "x,y"}}.items():
        RunFolder(tmp_path / name, given).write_json("metrics.json", {"validation": {"accuracy": 0.5 + 0.1 * (name == "b")}})
    rows = publish.search_rows([str(tmp_path / "*")])
    assert rows == [{"averaged": "x,y", "validation_accuracy": 0.6}, {"validation_accuracy": 0.5}]


def test_the_commands_of_teachers_come_first(runs, tmp_path):
    student = RunFolder(tmp_path / "student", {"seed": 0, "data": "sample", "teachers": f"{runs[1]},imdb-lstm,bag-of-bigrams"})
    student.write_json("metrics.json", {})
    lines = publish.publish_command(publish.parse(["name", str(student.path)])).splitlines()
    assert [line.split(" --output ")[-1] for line in lines[:-1]] == [str(runs[1]), str(student.path)]


def test_the_run_that_it_began_with_comes_before_and_once(runs, tmp_path):
    given = {"seed": 0, "encoder": f"{runs[0]}/model", "teachers": f"{runs[1]},{runs[0]}"}
    student = RunFolder(tmp_path / "student", given)
    student.write_json("metrics.json", {})
    lines = publish.publish_command(publish.parse(["name", str(student.path)])).splitlines()
    assert [line.split(" --output ")[-1] for line in lines[:-1]] == [str(runs[0]), str(runs[1]), str(student.path)]


def test_what_reads_backwards_has_a_command_of_its_own(runs, tmp_path):
    for name, given in {"reads": {"seed": 0, "framed": 9}, "lm": {"seed": 0, "data": "sample", "time_steps": 32}}.items():
        RunFolder(tmp_path / name, given).write_json("metrics.json", {})
    given = {"seed": 0, "data": "sample", "encoder": f"{tmp_path}/reads/model", "backward_encoder": f"{tmp_path}/lm/model"}
    half = RunFolder(tmp_path / "half", {**given, "teachers": f"{tmp_path}/reads/model,{runs[0]}/model"})
    half.write_json("metrics.json", {})
    lines = publish.publish_command(publish.parse(["name", str(half.path)])).splitlines()
    assert [line.split(" --output ")[-1] for line in lines[:-1]] == [f"{tmp_path}/lm", str(runs[0]), str(half.path)]
    recipes = [line.split()[2] for line in lines[:-1]]
    assert recipes == ["recipes.imdb.language_model", "recipes.imdb.sentiment", "recipes.imdb.sentiment"]
    assert " --time-steps 32" in lines[0]


def test_the_commands_of_published_models_go_before_and_name_runs(runs, tmp_path):
    """Models of the zoo that are made again under their names: their cards' commands, and no name that means another now."""
    cards = {
        "old": ["python -m recipes.imdb.sentiment --seed 9 --output runs/a", "python -m recipes.publish old runs/a --search x"],
        "reads": [
            "python -m recipes.opinions.train --encoder old --output runs/b",
            "python -m recipes.opinions.average runs/b --output runs/c",
            "python -m recipes.opinions.train --encoder runs/c/model --output runs/d",
            "python -m recipes.opinions.publish reads runs/d --texts DIR",
        ],
    }
    for name, lines in cards.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "card.json").write_text(json.dumps({"name": name, "command": "\n".join(lines)}))
    given = {"seed": 0, "data": "sample", "encoder": "runs/c/model", "teachers": "old,runs/c/model"}
    student = RunFolder(tmp_path / "student", given)
    student.write_json("metrics.json", {})
    earlier = [f"--earlier={tmp_path / name}" for name in cards]
    lines = publish.publish_command(publish.parse(["old", str(student.path), *earlier])).splitlines()
    assert lines[:3] == [cards["old"][0], cards["reads"][0].replace("old", "runs/a/model"), cards["reads"][1]]
    assert "--encoder runs/c/model --teachers runs/a,runs/c/model" in lines[3] and lines[4].split()[2:4] == [
        "recipes.publishing.publish",
        "old",
    ]
    assert len(lines) == 5


def test_a_model_of_the_zoo_is_replaced_only_when_told_to(zoo, runs, capsys):
    before = (zoo / "sample-lstm" / "card.json").read_bytes()
    assert publish.main(["sample-lstm", str(runs[0]), "--output", str(zoo)]) == 2
    written = capsys.readouterr().err
    assert "already exists" in written and written.count("\n") == 1
    assert (zoo / "sample-lstm" / "card.json").read_bytes() == before


@pytest.mark.parametrize("changes", [{"seed": 0}, {"seed": 2, "units": 3}])
def test_runs_must_differ_in_their_seed_alone(runs, tmp_path, capsys, changes):
    other = RunFolder(tmp_path / "other", json.loads((runs[0] / "config.json").read_text())["arguments"] | changes)
    other.write_json("metrics.json", {})
    assert publish.main(["sample-lstm", str(runs[0]), str(other.path), "--output", str(tmp_path)]) == 2
    assert "must differ in their seed and in nothing else. Received: " in capsys.readouterr().err


def test_an_unfinished_run_is_named(tmp_path, capsys):
    RunFolder(tmp_path / "run", {"seed": 0})
    assert publish.main(["sample-lstm", str(tmp_path / "run")]) == 2
    assert f"A finished run holds config.json, metrics.json and model/. Received: {tmp_path / 'run'}" in capsys.readouterr().err
