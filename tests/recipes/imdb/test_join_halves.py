import json
import shlex
from types import SimpleNamespace

import numpy as np
import pytest

import seqzoo
from recipes.imdb import join_halves
from recipes.imdb.backward_half import BackwardHalf
from recipes.imdb.contrast import log_odds
from recipes.imdb.copies import judging
from recipes.imdb.review_card import GOLDEN_TEXTS, review_card
from recipes.publishing import publish
from recipes.shared.command import run
from seqzoo.data.reviews import Split, load_reviews
from seqzoo.data.vocabulary import Vocabulary
from seqzoo.tasks.text_classification.figures import measure
from seqzoo.training.run_folder import RunFolder
from seqzoo.zoo import save_folder
from tests.recipes.imdb.test_backward_half import encoders

REVIEWS = load_reviews("sample")
WORDS = Vocabulary.build(REVIEWS.train.texts, 60)


def keep(folder, model, **changes):
    """A finished run of this model."""
    free = {name: model.config[name] for name in ("max_tokens", "word_dropout", "embedding_dropout", "dropout", "seed")}
    made_with = {"data": "sample", "validation": 0.1, "pooling": model.config["pooling"], **free, **changes}
    found = RunFolder(folder, made_with)
    card = review_card("sample-lstm-0", found.arguments, REVIEWS, {"baselines": []}, config=model.config)
    save_folder(model, folder / "model", card, GOLDEN_TEXTS, saved_model=False)
    found.write_json("metrics.json", {"validation": {"accuracy": 0.5}})
    return folder


@pytest.fixture(scope="module")
def halves(tmp_path_factory):
    """A forward run and one of both directions, whose forward half is another."""
    folder = tmp_path_factory.mktemp("halves")
    forward, backward = encoders(WORDS, units=8)
    half = BackwardHalf(forward, backward, {"pooling": "max_mean", "max_tokens": 24})
    whole = half.joined(half.model)
    random = np.random.default_rng(0)
    trained = {n: v if "embedding" in n else v + random.normal(0, 0.5, v.shape) for n, v in forward.tensors().items()}
    further, _ = encoders(WORDS, units=8)
    further.load_tensors(trained)
    # The recipe keeps in its arguments the pooling of the half.
    return keep(folder / "forward", further), keep(folder / "whole", whole, pooling="max_mean", apart=True), half


@pytest.fixture(scope="module")
def made(halves, tmp_path_factory):
    output = tmp_path_factory.mktemp("joined") / "run"
    assert run(join_halves.main, [*map(str, halves[:2]), "--share", "0.3", "--output", str(output)]) == 0
    return output


def test_its_log_odds_are_the_weighted_mean(halves, made):
    """The half's log-odds are what the whole's have beside those of the forward half that it was joined to."""
    models = [*(seqzoo.load_pretrained(path / "model") for path in (*halves[:2], made)), halves[2].forward]
    forward, whole, received, begun = (log_odds(model.predict(REVIEWS.validation.texts)) for model in models)
    expected = 0.7 * forward + 0.3 * (2 * whole - begun)
    # Of the whole's bias either half has as much, so that the share moves a little of it.
    assert np.corrcoef(received, expected)[0, 1] > 0.999 and np.ptp(expected) > 0.05
    assert np.ptp(received - expected) < 0.01
    found = models[2].config
    assert found["bidirectional"] and found["pooling"] == "last_max_mean"


def test_it_is_measured_on_validation_and_its_card_has_every_command(halves, made, tmp_path):
    metrics = json.loads((made / "metrics.json").read_text())
    model = seqzoo.load_pretrained(made / "model")
    assert metrics["validation"]["accuracy"] == measure(model, *REVIEWS.validation)["accuracy"] and "test" not in metrics
    assert "What reads backwards counts 30 % of its log-odds, what reads forwards the rest." in model.card["limits"]
    lines = publish.publish_command(publish.parse(["name", str(made)])).splitlines()
    assert [line.split(" --output ")[-1] for line in lines[:-1]] == [*map(str, halves[:2]), str(made)]
    again = join_halves.parse(shlex.split(lines[-2])[3:])
    assert (again.forward, again.whole, again.share, again.output) == (*halves[:2], 0.3, made)


def test_fewer_words_answer_alike_on_texts_of_those_words(halves, made, tmp_path):
    asked = ["--share", "0.3", "--kept", "20", "--output", str(tmp_path / "run")]
    assert run(join_halves.main, [*map(str, halves[:2]), *asked]) == 0
    before, after = (seqzoo.load_pretrained(path / "model") for path in (made, tmp_path / "run"))
    assert after.vocabulary.words == before.vocabulary.words[:20] and after.config["vocabulary_size"] == 20
    known, beyond = " ".join(WORDS.words[2:20]), WORDS.words[20]
    np.testing.assert_array_equal(after.predict([known, f"{known} {beyond}"]), before.predict([known, f"{known} qqzz"]))
    assert " --share 0.3 --kept 20" in after.card["command"]
    with pytest.raises(SystemExit):
        join_halves.parse(["a", "b", "--kept", "2", "--output", "c"])


def test_reviews_that_were_learned_from_are_left_out_of_validation(tmp_path):
    path = tmp_path / "known.csv"
    path.write_text('text,label\n"{}  ",1\n'.format(REVIEWS.validation.texts[2].replace('"', '""').upper()))
    few = Split(*(part[:5] for part in REVIEWS.validation))
    left = judging(SimpleNamespace(validation=few), path)
    assert left.texts == [*few.texts[:2], *few.texts[3:]] and list(left.labels) == [*few.labels[:2], *few.labels[3:]]
    path.write_text("review\nfine\n")
    with pytest.raises(ValueError, match="must have a column named text. Received: review$"):
        judging(REVIEWS, path)


def test_other_word_vectors_and_no_share_are_refused(halves, tmp_path, capsys):
    other, _ = encoders(WORDS, units=8)
    other.load_tensors({name: value + 0.1 for name, value in other.tensors().items()})
    path = keep(tmp_path / "other", other)
    assert run(join_halves.main, [str(path), str(halves[1]), "--output", str(tmp_path / "run")]) == 2
    assert "must have the same words and word vectors. Received: <TextClassifier" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        join_halves.parse(["a", "b", "--share", "0", "--output", "c"])
    assert not (tmp_path / "run").exists()
