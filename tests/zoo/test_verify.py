import json
import shutil

import keras
import numpy as np
import pytest

from seqzoo.data.places import find_data
from seqzoo.data.reviews import Reviews, Split
from seqzoo.export import export_saved_model
from seqzoo.tasks.task import Task
from seqzoo.tasks.text_classification.figures import measure
from seqzoo.zoo import UnknownModelError, load_pretrained, refresh_readme, save_folder, verify_model
from seqzoo.zoo.integrity import describe_files
from seqzoo.zoo.verify import has_data
from tests import tiny


@pytest.fixture
def folder(tmp_path):
    return tiny.copy_to(tmp_path)


def failed(checks):
    return [check.name for check in checks if not check.ok]


def edit_card(folder, change):
    card = json.loads((folder / "card.json").read_text())
    change(card)
    (folder / "card.json").write_text(json.dumps(card))


def test_a_good_folder_passes_and_says_what_was_checked(folder):
    checks = verify_model(folder)
    assert failed(checks) == []
    names = [check.name for check in checks]
    for name in ("card", "weights.safetensors", "saved_model/saved_model.pb", "README.md", "no other files"):
        assert name in names
    assert names[-5:] == ["loads", "parameters", "golden outputs", "golden outputs, SavedModel", "figures"]
    assert [check.name for check in checks if not check.made] == ["figures"], "there are no data"
    assert all(check.detail for check in checks)


@pytest.mark.parametrize("name", ["weights.safetensors", "golden.json", "README.md", "saved_model/saved_model.pb"])
def test_a_changed_file_fails_and_nothing_is_loaded(folder, name, monkeypatch):
    monkeypatch.setattr("seqzoo.zoo.folder.load_folder", lambda _: pytest.fail("loaded"))
    monkeypatch.setattr("tensorflow.saved_model.load", lambda _: pytest.fail("loaded"))
    (folder / name).write_bytes((folder / name).read_bytes() + b"\n")
    assert name in failed(verify_model(folder))


def test_the_saved_model_may_be_left_out_as_a_whole_only(folder):
    (folder / "saved_model" / "saved_model.pb").unlink()
    assert failed(verify_model(folder)) == ["saved_model/saved_model.pb"]
    shutil.rmtree(folder / "saved_model")
    checks = verify_model(folder)
    assert failed(checks) == [] and checks[-2].name == "golden outputs"
    assert "seqzoo export" in next(check.detail for check in checks if check.name == "saved_model")


def test_other_findings_about_files(folder):
    (folder / "extra").mkdir()
    (folder / "extra" / "notes.txt").write_text("x")
    (folder / "vocabulary.txt").unlink()
    checks = verify_model(folder)
    assert failed(checks) == ["vocabulary.txt", "no other files"]
    assert "extra/notes.txt" in next(check.detail for check in checks if check.name == "no other files")


def test_a_readme_that_the_card_does_not_give_fails(folder):
    edit_card(folder, lambda card: card.update(summary="The best model of all."))
    assert failed(verify_model(folder)) == ["README.md is made from card.json"]
    refresh_readme(folder)
    assert failed(verify_model(folder)) == [] and "The best model of all." in (folder / "README.md").read_text()


def test_a_card_that_is_none(folder):
    (folder / "card.json").write_text("{")
    assert [(check.name, check.ok) for check in verify_model(folder)] == [("card", False)]
    with pytest.raises(UnknownModelError):
        verify_model("no-such-model")


def test_wrong_parameters_are_refused_before_anything_is_built(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("seqzoo.tasks.text_classification.model.TextClassifier.count_parameters", lambda self: 7)
        save_folder(tiny.model(), tmp_path / "liar", tiny.card(), tiny.TEXTS)
    checks = verify_model(tmp_path / "liar")
    assert failed(checks) == ["loads"]
    assert "that of the 7 parameters that the card states" in checks[-1].detail


def test_golden_outputs_that_are_a_little_wrong_fail(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        answer = float(tiny.model().predict(["great"])[0]) + 1e-4  # what a load lets pass: other devices, other versions
        golden = {"inputs": ["great"], "outputs": [answer], "tolerance": 1e-5}
        patch.setattr("seqzoo.zoo.folder.make_golden", lambda *_: golden)
        save_folder(tiny.model(), tmp_path / "liar", tiny.card(), tiny.TEXTS)
    assert failed(verify_model(tmp_path / "liar")) == ["golden outputs", "golden outputs, SavedModel"]


def reviews(rule="by hash"):
    splits = [
        Split(
            [f"{word} {number}" for number in range(8) for word in ("great", "dull", "bad film")],
            np.tile([1, 0, 1], 8),
        )
        for word in "abc"
    ]
    return Reviews("tiny-reviews", "1", *splits, rule=rule, citation="c", terms="t")


def read_reviews(patch):
    """The data that `tiny`'s card names are those of `reviews()`."""
    data = reviews()
    patch.setattr("seqzoo.data.places.SOURCES", (tiny.CARD["data"]["name"],))
    patch.setattr("seqzoo.data.reviews.load_reviews", lambda name, data_dir: data)


@pytest.fixture
def measured(measured_once, tmp_path, monkeypatch):
    """A folder whose card states what its model really reaches on `reviews()`."""
    read_reviews(monkeypatch)
    return shutil.copytree(measured_once, tmp_path / "measured")


@pytest.fixture(scope="module")
def measured_once(tmp_path_factory):
    folder = tmp_path_factory.mktemp("once") / "measured"
    with pytest.MonkeyPatch.context() as patch:
        read_reviews(patch)
        save_measured(folder)
    return folder


def save_measured(folder):
    model, data = tiny.model(), reviews()
    splits = {
        name: {"examples": len(data.test.texts), "fingerprint": fingerprint} for name, fingerprint in data.fingerprint().items()
    }
    figures = measure(model, *data.test)
    card = tiny.card(
        metrics={
            "test": {**figures, "loss": round(figures["loss"], 4)},
            "seeds": {"0": figures["accuracy"], "1": 0.5},
        },
        data=tiny.CARD["data"] | {"rule": data.rule, "splits": splits},
    )
    save_folder(model, folder, card, tiny.TEXTS)


def rewrite(folder, change):
    """Save the model again with an honest README for a changed card."""
    card = json.loads((folder / "card.json").read_text())
    change(card)
    save_folder(load_pretrained(folder), folder, card, tiny.TEXTS, overwrite=True, saved_model=False)


def test_figures_are_computed_again(measured):
    checks = verify_model(measured, data_dir="somewhere")
    assert failed(checks) == []
    names = [check.name for check in checks]
    assert names[names.index("test data") :] == [
        *(f"{split} data" for split in ("test", "train", "validation")),
        *(f"test {figure}" for figure in ("accuracy", "loss", "examples")),
        *(f"test {figure}, SavedModel" for figure in ("accuracy", "loss", "examples")),
        *("seed 0 is the one here", "not computed again"),
    ]
    assert checks[-1].detail.startswith("seed 1, baselines, search: ") and not checks[-1].made


def test_the_saved_model_is_measured_too(measured):
    """The folder of another model of the same form, with honest hashes: only the figures can tell."""
    card = json.loads((measured / "card.json").read_text())
    other = tiny.model(seed=5)
    shutil.rmtree(measured / "saved_model")
    export_saved_model(other, measured / "saved_model")
    card["files"] = {name: of for name, of in card["files"].items() if not name.startswith("saved_model/")}
    found = describe_files(measured)
    card["files"] |= {name: of for name, of in found.items() if name.startswith("saved_model/")}
    (measured / "card.json").write_text(json.dumps(card))
    refresh_readme(measured)
    wrong = failed(verify_model(measured, data_dir="somewhere"))
    assert wrong == ["golden outputs, SavedModel", "test accuracy, SavedModel", "test loss, SavedModel"]


def test_a_check_is_told_when_it_begins_and_when_it_is_made(folder):
    told = []
    checks = verify_model(folder, report=lambda *args: told.append(args))
    assert [check for _, check in told if check] == checks
    assert told[0] == ("card", None) and told[1] == ("card", checks[0])


def test_the_shipped_seed_must_be_the_one_measured(measured):
    rewrite(measured, lambda card: card["metrics"].update(seeds={"0": 0.1, "1": 0.2}))
    assert failed(verify_model(measured, data_dir="somewhere")) == ["seed 0 is the one here"]


def test_texts_of_ones_own_are_named_as_not_computed(folder, tmp_path):
    assert has_data(folder, tmp_path) is None, "no folder can help"
    last = verify_model(folder, data_dir=tmp_path)[-1]
    assert last.name == "figures" and not last.made and "one's own" in last.detail


def test_a_task_that_nothing_measures_is_named(folder, monkeypatch):
    plain = lambda self, *given: Task.check_figures(self, *given)  # noqa: E731
    monkeypatch.setattr("seqzoo.tasks.text_classification.task.TextClassification.check_figures", plain)
    last = verify_model(folder, data_dir="somewhere")[-1]
    assert last.name == "figures" and not last.made and "text-classification" in last.detail


def test_data_lie_in_a_folder_or_below_it(tmp_path):
    assert find_data("prices", tmp_path) is None and find_data("reviews", None) is None
    (tmp_path / "stocks").mkdir()
    (tmp_path / "stocks" / "ABC.csv").write_text("")
    prepared = tmp_path / "tfds" / "imdb_reviews" / "plain_text" / "1.0.0"
    prepared.mkdir(parents=True)
    (prepared / "dataset_info.json").write_text("{}")
    for place in (tmp_path, tmp_path / "stocks"):
        assert find_data("prices", place) == tmp_path / "stocks"
    for place in (tmp_path, tmp_path / "tfds"):
        assert find_data("reviews", str(place)) == tmp_path / "tfds"
    assert find_data("prices", tmp_path / "stocks" / "ABC.csv") == tmp_path / "stocks" / "ABC.csv"


@pytest.mark.parametrize("figure, change", [("accuracy", 1 / 24), ("loss", 1e-4), ("examples", 1)])
def test_a_figure_that_is_off_by_one_digit_fails(measured, figure, change):
    rewrite(
        measured,
        lambda card: card["metrics"]["test"].update({figure: card["metrics"]["test"][figure] + change}),
    )
    wrong = failed(verify_model(measured, data_dir="somewhere"))
    assert wrong[0] == f"test {figure}" and set(wrong[1:]) <= {"seed 0 is the one here"}


def test_other_data_fails(measured):
    rewrite(measured, lambda card: card["data"]["splits"]["train"].update(fingerprint="0" * 64))
    assert failed(verify_model(measured, data_dir="somewhere")) == ["train data"]


def test_another_share_for_validation_still_allows_the_test_split(measured):
    rewrite(measured, lambda card: card["data"].update(rule="another"))
    names = [check.name for check in verify_model(measured, data_dir="somewhere")]
    assert "test data" in names and "train data" not in names


def test_a_card_without_figures_cannot_be_verified_against_data(measured):
    rewrite(measured, lambda card: card.update(metrics={}))
    assert failed(verify_model(measured, data_dir="somewhere")) == ["figures"]
    assert failed(verify_model(measured)) == []


def test_measure_is_accuracy_and_keras_cross_entropy():
    class Fixed:
        def predict(self, texts):
            return np.array([float(text) for text in texts], np.float32)

    probabilities = np.array([0.9, 0.2, 0.5, 1.0, 0.0, 0.7], np.float32)
    labels = np.array([1, 0, 0, 0, 0, 0])
    found = measure(Fixed(), [str(p) for p in probabilities], labels)
    expected = keras.losses.BinaryCrossentropy(dtype="float64")(labels.astype("float64"), probabilities.astype("float64"))
    assert found["accuracy"] == pytest.approx(4 / 6) and found["examples"] == 6
    assert found["loss"] == pytest.approx(float(expected), rel=1e-6)
