"""What goes into the file that training on a GPU reads; needs no JAX."""

import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest

from recipes.accelerator import prepare
from recipes.accelerator.commands import command_with
from recipes.accelerator.forms import Form, names
from recipes.imdb.contrast import log_odds
from recipes.imdb.join_halves import with_words
from recipes.imdb.review_card import GOLDEN_TEXTS, recipe_command, review_card
from recipes.publishing.chain import _with_runs, commands
from seqzoo.data.vocabulary import Vocabulary
from seqzoo.tasks.text_classification import TextClassifier
from seqzoo.zoo import save_folder
from tests.recipes.imdb.test_join_halves import REVIEWS, WORDS

CONFIG = {"embedding_size": 6, "units": 4, "cell": "lstm", "bidirectional": True, "pooling": "last_max_mean", "max_tokens": 24}


def saved(folder, **changes):
    model = TextClassifier({**CONFIG, "vocabulary_size": len(WORDS), **changes}, WORDS)
    random = np.random.default_rng(len(folder.name))
    model.load_tensors({name: random.normal(size=value.shape) for name, value in model.tensors().items()})
    card = review_card(
        "sample", {**model.config, "data": "sample"}, REVIEWS, {"baselines": []}, command="none", config=model.config
    )
    save_folder(model, folder, card, GOLDEN_TEXTS, saved_model=False)
    return model


def test_the_vocabulary_begins_with_the_words_of_the_model_that_the_student_begins_with(tmp_path):
    model = saved(tmp_path / "model")
    other = Vocabulary(["[PAD]", "[UNK]", "zebra", WORDS.words[5], "yak", "lynx"] + [f"w{i}" for i in range(40)])
    arguments = SimpleNamespace(begin=tmp_path / "model", kept=20)
    asked = REVIEWS.validation.texts[:5]
    vocabulary, arrays = prepare.beginning(arguments, other, asked)
    assert vocabulary.words[:20] == WORDS.words[:20] and len(vocabulary) == len(other)
    left = [word for word in other.words[2:] if word not in WORDS.words[:20]]
    assert list(vocabulary.words[20:]) == left[: len(other) - 20]
    form = Form(**json.loads(str(arrays["begin.form"])))
    assert form.vocabulary_size == 20 and form.units == 4 and form.pooling == "last_max_mean"
    for name in names(form):
        kept = arrays[f"begin.{name}"]
        np.testing.assert_allclose(kept, model.tensors()[name][: len(kept)], atol=2e-3)
    np.testing.assert_allclose(arrays["begin.answers"], with_words(model, 20).predict(asked), atol=2e-3)


def test_a_model_of_more_layers_is_no_beginning(tmp_path):
    saved(tmp_path / "deep", layers=2)
    with pytest.raises(ValueError, match="with one recurrent layer. Received: <TextClassifier"):
        prepare.beginning(SimpleNamespace(begin=tmp_path / "deep", kept=20), WORDS, [])


def test_opinions_are_the_mean_of_the_teachers_and_kept(tmp_path):
    models = [saved(tmp_path / name) for name in ("one", "other")]
    texts, others = REVIEWS.train.texts[:5], REVIEWS.validation.texts[:3]
    teachers = ",".join(str(tmp_path / name) for name in ("one", "other"))
    arguments = SimpleNamespace(teachers=teachers, teacher_weights="3,1", output=tmp_path / "texts.npz")

    def kinds(count):
        return {"unlabelled": (texts[:count], np.full(count, 0.5), np.ones(count)), "validation.reviews": (others, None, None)}

    found = kinds(5)
    opinions = prepare.add_opinions(arguments, found)
    expected = np.average([model.predict([*texts, *others]) for model in models], 0, [3, 1])
    np.testing.assert_allclose(found["unlabelled"][1], expected[:5], atol=2e-3)
    np.testing.assert_allclose(opinions, expected[5:], atol=2e-3)
    assert found["unlabelled"][0] == texts and np.ptp(log_odds(expected)) > 0.1
    again = kinds(5)
    for name in ("one", "other"):
        shutil.rmtree(tmp_path / name)  # what they thought is kept
    np.testing.assert_array_equal(prepare.add_opinions(arguments, again), opinions)
    with pytest.raises(ValueError, match="remove it, or take another --output. Received: none 3,1$"):
        prepare.add_opinions(SimpleNamespace(teachers="none", teacher_weights="3,1", output=arguments.output), kinds(5))
    with pytest.raises(ValueError, match="must hold one opinion a review. Received: 8 of 7$"):
        prepare.add_opinions(arguments, kinds(4))


def test_a_bag_of_bigrams_that_teaches_counts_the_reviews_with_labels(tmp_path):
    texts, labels = REVIEWS.train
    labels = np.asarray(labels)
    kinds = {"long": (texts, 0.02 + 0.96 * labels, None), "unlabelled": (texts, None, None)}
    kinds["validation.reviews"] = (REVIEWS.validation.texts, None, None)
    arguments = SimpleNamespace(teachers="bag-of-bigrams", teacher_weights=None, output=tmp_path / "texts.npz")
    prepare.add_opinions(arguments, kinds)
    assert ((kinds["unlabelled"][1] > 0.5) == labels).mean() > 0.8  # half is chance


def test_the_commands_that_made_a_student_name_no_folder_of_this_machine_and_come_before_what_was_made_of_it():
    arguments = {
        "texts": "/data/sentiment",
        "data_dir": "/data",
        "teachers": "a,b",
        "few": None,
        "steps": {},
        "output": "runs/x y",
    }
    prepared = command_with("prepare", arguments)
    assert prepared == "python -m recipes.accelerator.prepare --texts DIR --data-dir DIR --teachers a,b --output 'runs/x y'"
    made_with = {"prepared": prepared, "trained": "train it", "finished": "finish it", "without": "known.csv"}
    assert recipe_command(made_with).splitlines() == [prepared, "train it", "finish it --without known.csv"]
    # What is begun with is, in the commands of a card, the run that it was published from.
    began = _with_runs("prepare --begin imdb-x --teachers imdb-x,bag-of-bigrams", {"imdb-x": "runs/mean"})
    assert began == "prepare --begin runs/mean/model --teachers runs/mean,bag-of-bigrams"


def card_with(**made_with):
    made_with = {**CONFIG, "data": "sample", "seed": 0, **made_with}
    card = review_card("x", made_with, REVIEWS, {"baselines": []}, command="none", config=made_with | {"layers": 1})
    return " ".join(card["limits"])


def test_what_a_student_learned_from_stands_on_its_card():
    learned = card_with(teachers="bag-of-bigrams", teacher_weights="2", finished="finish it")
    assert "(bag-of-bigrams, weighted 2)" in learned and "a larger model" in learned and "labelled reviews alone" not in learned
    learned = card_with(teachers="runs/a/opinions.npz,b", teacher_mean="odds", unlabelled=9000)
    assert "Learned from 9,000 of the unlabelled reviews" in learned and "their odds averaged" in learned
    assert "a larger model" in learned and "labelled reviews alone" not in learned
    assert "a larger model" not in card_with(teachers="bag-of-bigrams")


def write_run(folder, **arguments):
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"arguments": {"data": "imdb", "seed": 0, **arguments}}))
    (folder / "metrics.json").write_text("{}")
    return str(folder)


def test_a_chain_tells_once_what_a_card_tells_and_of_opinions_how_they_came_about(tmp_path):
    made = {"prepared": f"prepare --begin zoo --output {tmp_path}/texts.npz", "trained": f"train --output {tmp_path}/out"}
    gpu = write_run(tmp_path / "gpu", encoder="zoo", **made, finished="finish it")
    before = write_run(tmp_path / "before", averaged="a,b")
    mean = write_run(tmp_path / "mean", averaged=f"{gpu},{before}")
    opinions = tmp_path / "opinions.npz"
    np.savez(opinions, made=np.array(json.dumps(made)))
    last = write_run(tmp_path / "last", encoder=f"{mean}/model", teachers=f"{mean},{opinions}")
    write_run(tmp_path / "alone", teachers=f"{opinions}")
    assert commands([tmp_path / "alone"])[:2] == [made["prepared"], made["trained"]]
    old = tmp_path / "old/zoo"
    old.mkdir(parents=True)
    (old / "card.json").write_text(
        json.dumps({"name": "zoo", "command": f"begin it --output {before}\npython -m publish zoo {before}"})
    )
    first = commands([tmp_path / "mean"], [old])
    assert [line.split()[0] for line in first] == ["begin", "prepare", "train", "finish", "python"]
    assert f"--begin {before}/model " in first[1]
    # The card of what was published since tells all that: the chain goes on with it, and nothing begins with what is made of it.
    (old / "card.json").write_text(json.dumps({"name": "zoo", "command": "\n".join([*first, f"python -m publish zoo {mean}"])}))
    chain = commands([tmp_path / "last"], [old])
    assert chain[:-1] == first and chain[-1].endswith(f" --output {last}")
