import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest

import seqzoo
from recipes.imdb import sentiment, teachers
from recipes.imdb.arguments import weights_of
from recipes.imdb.bag_of_bigrams import train_bag_of_bigrams
from recipes.shared.command import run
from seqzoo.data.reviews import Unlabelled, load_reviews
from seqzoo.training.run_folder import RunFolder
from tests import tiny
from tests.recipes.small_run import ARGUMENTS

REVIEWS = load_reviews("sample")
NEW = [f"{text} {text}" for text in REVIEWS.train.texts[:90]]


@pytest.fixture
def unlabelled(monkeypatch):
    """The sample with reviews that have no labels, among some that have."""
    texts = [*REVIEWS.train.texts[:5], *NEW, *REVIEWS.validation.texts[:5]]
    found = Unlabelled("sample", "1", texts, [], "", "", "")
    monkeypatch.setattr("seqzoo.data.reviews.load_unlabelled", lambda source, data_dir, held_out: found)


def asked(names):
    of_teachers = {"teachers": names, "teacher_weights": None, "teacher_mean": None, "unlabelled": None}
    return SimpleNamespace(**of_teachers, data="sample", data_dir=None, seed=3)


def test_an_opinion_is_the_mean_of_the_teachers_probabilities(tmp_path):
    folder = tiny.copy_to(tmp_path)
    received = teachers.mean_opinion([folder, None], REVIEWS.train, NEW)
    model = seqzoo.load_pretrained(folder).predict(NEW)
    odds = train_bag_of_bigrams(*REVIEWS.train).score(NEW)
    assert received.dtype == np.float32 and received.std() > 0.01
    np.testing.assert_allclose(received, (model + 1 / (1 + np.exp(-odds))) / 2, atol=1e-6)
    weighted = teachers.mean_opinion([folder, None], REVIEWS.train, NEW, weights_of("a,b", "3,1"))
    np.testing.assert_allclose(weighted, 0.75 * model + 0.25 / (1 + np.exp(-odds)), atol=1e-6)


def test_the_geometric_mean_of_odds_counts_more_who_is_sure_and_none_decides_alone(tmp_path):
    np.savez(tmp_path / "one.npz", **{"unlabelled.keys": keys(["a", "b", "c"]), "unlabelled": np.array([0.9, 0.5, 1.0])})
    np.savez(tmp_path / "two.npz", **{"unlabelled.keys": keys(["a", "b", "c"]), "unlabelled": np.array([0.5, 0.2, 0.0])})
    both = [tmp_path / "one.npz", tmp_path / "two.npz"]
    found = teachers.mean_opinion(both, None, ["a", "b", "c"], odds=True)
    np.testing.assert_allclose(found, [0.75, 1 / 3, 0.5], atol=1e-6)  # odds of 9 and 1: 3; of 1 and 1/4: 1/2
    np.testing.assert_allclose(teachers.mean_opinion(both, None, ["a", "b", "c"]), [0.7, 0.35, 0.5], atol=1e-6)


def keys(texts):
    return np.array([teachers.key_of_text(text) for text in texts], np.uint64)


def test_opinions_of_a_file_count_where_it_has_some(tmp_path):
    path = tmp_path / "opinions.npz"
    np.savez(path, **{"unlabelled.keys": keys(NEW[1:3]), "unlabelled": np.array([0.25, 1.0], np.float16)})
    folder = tiny.copy_to(tmp_path)
    model = seqzoo.load_pretrained(folder).predict(NEW[:4])
    received = teachers.mean_opinion([folder, teachers.find_teacher(str(path))], None, NEW[:4], [1, 3])
    np.testing.assert_allclose(received, [model[0], (model[1] + 0.75) / 4, (model[2] + 3) / 4, model[3]], atol=1e-6)
    with pytest.raises(ValueError, match="judges any text. Received: 2 texts without an opinion$"):
        teachers.mean_opinion([path], None, NEW[:4])
    np.savez(path, other=np.ones(2))
    with pytest.raises(ValueError, match="`unlabelled.keys` of an .npz. Received: other$"):
        teachers.mean_opinion([path], None, NEW[:4])
    with pytest.raises(FileNotFoundError):
        teachers.mean_opinion([teachers.find_teacher("none.npz")], None, NEW[:4])


def test_so_many_reviews_without_labels_as_asked_for_the_seed_says_which(tmp_path, unlabelled):
    found = {}
    for name, seed in (("one", 3), ("two", 3), ("other", 4)):
        arguments = asked("bag-of-bigrams")
        arguments.unlabelled, arguments.seed = 20, seed
        found[name], opinions = teachers.taught(arguments, REVIEWS, RunFolder(tmp_path / name, {}))
        assert len(opinions) == 20 and [text for text in NEW if text in set(found[name])] == found[name]
    assert found["one"] == found["two"] != found["other"]


@pytest.mark.parametrize(("names", "given"), [("a,b", "3"), ("a,b", "3,0"), ("a,b", "3,x"), ("a", "inf"), (None, "1")])
def test_there_is_a_weight_for_each_teacher(names, given, capsys):
    with pytest.raises(SystemExit):
        sentiment.parse([*ARGUMENTS, *(["--teachers", names] if names else []), "--teacher-weights", given])
    err = capsys.readouterr().err
    assert "numbers above 0 with commas between them, one for each of --teachers. Received: " + given in err


@pytest.mark.parametrize("option", [["--unlabelled", "9"], ["--teacher-mean", "odds"]])
def test_what_teachers_do_needs_teachers(option, capsys):
    with pytest.raises(SystemExit):
        sentiment.parse([*ARGUMENTS, *option])
    assert "--unlabelled and --teacher-mean say what --teachers do" in capsys.readouterr().err


def test_only_reviews_without_labels_are_judged_and_only_once(tmp_path, unlabelled, monkeypatch):
    run_folder = RunFolder(tmp_path / "run", {})
    texts, opinions = teachers.taught(asked("bag-of-bigrams"), REVIEWS, run_folder)
    assert texts == NEW and opinions.shape == (90,) and 0 <= opinions.min() < 0.5 < opinions.max() <= 1
    monkeypatch.setattr(teachers, "mean_opinion", None)
    again = teachers.taught(asked("bag-of-bigrams"), REVIEWS, run_folder)[1]
    np.testing.assert_array_equal(again, opinions)


def test_a_teacher_is_a_run_or_a_model(tmp_path):
    folder = tiny.copy_to(tmp_path / "made")
    assert teachers.find_teacher(folder) == folder
    shutil.copytree(folder, tmp_path / "run" / "model")
    assert teachers.find_teacher(tmp_path / "run") == tmp_path / "run" / "model"


@pytest.mark.parametrize("change", [{"task": "text-generation"}, {"architecture": {"classes": ["a", "b", "c"]}}])
def test_a_teacher_judges_texts_in_two_classes(tmp_path, change):
    folder = tiny.copy_to(tmp_path)
    card = json.loads((folder / "card.json").read_text())
    card["architecture"] |= change.pop("architecture", {})
    card["data"]["held_out_share"], card["baselines"] = 0.01, []  # as a language model's card has it
    (folder / "card.json").write_text(json.dumps(card | change))
    with pytest.raises(ValueError, match=r"two classes: bag-of-bigrams.* the folder of a run .* Received: .*tiny$"):
        teachers.find_teacher(folder)


def test_data_without_unlabelled_reviews(tmp_path, capsys):
    assert run(sentiment.main, [*ARGUMENTS, "--teachers", teachers.BAG, "--output", str(tmp_path / "run")]) == 2
    assert capsys.readouterr().err.endswith("need data with unlabelled reviews: --data imdb. Received: --data sample\n")


def test_a_student_learns_from_both_and_its_card_names_its_teachers(tmp_path, unlabelled, capsys):
    taught = tmp_path / "taught"
    shutil.copytree(tiny.copy_to(tmp_path / "made"), taught / "model")
    names = f"{taught},{teachers.BAG}"
    rest = ["--epochs", "1", "--batch-size", "128", "--max-tokens", "16", "--teachers", names, "--teacher-weights", "3,1"]
    rest += ["--no-baseline", "--no-saved-model", "--output", str(tmp_path / "run")]
    assert run(sentiment.main, [*ARGUMENTS, *rest]) == 0
    assert f"{len(REVIEWS.train.texts) + len(NEW):,} training reviews" in capsys.readouterr().out
    card = seqzoo.zoo.read_card(tmp_path / "run" / "model")
    assert "taught by 2 models" in card["summary"] and f"--teachers {names}" in card["command"]
    assert any(f"({taught}, {teachers.BAG}, weighted 3,1)" in line for line in card["limits"])
    assert not any("were not used" in line for line in card["limits"])
