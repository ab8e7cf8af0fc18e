"""What a model of opinions begins with: nothing but word vectors, or another model; and what a teacher tells it."""

import types

import numpy as np
import pytest

from recipes.opinions import begin, card, teacher, train
from recipes.opinions.data import Data, Texts
from seqzoo.data.reviews import Split
from seqzoo.training.run_folder import RunFolder

TEXTS = ["a good film with a good cast", "a dull film with a dull cast", "the cast is good", "the film is dull"] * 5


@pytest.fixture
def reviews(monkeypatch):
    found = types.SimpleNamespace(train=Split(TEXTS, np.array([1, 0] * 10)))
    monkeypatch.setattr("seqzoo.data.reviews.load_reviews", lambda *_: found)
    unlabelled = types.SimpleNamespace(train=[*TEXTS, "a cast of two", "what a film", "and another"])
    monkeypatch.setattr("seqzoo.data.reviews.load_unlabelled", lambda *_: unlabelled)


def arguments(*more):
    return train.parse(["--texts", "T", "--cell", "rnn", "--units", "3", "--embedding-size", "2", *more])


@pytest.mark.parametrize(
    "given, told",
    [
        ("--cell rnn --encoder imdb-lm", "--cell begins with nothing, --encoder and --kept with a model. Received: both"),
        ("--encoder imdb-lm --units 8", "--units goes with --cell; an encoder has its own. Received: no --cell"),
        ("--embedding-size 8", "--embedding-size goes with --cell; an encoder has its own. Received: no --cell"),
    ],
)
def test_one_begins_with_a_model_or_with_nothing(given, told, capsys):
    with pytest.raises(SystemExit):
        train.parse(["--texts", "T", *given.split()])
    assert told in capsys.readouterr().err


def test_what_is_left_out():
    assert train.parse(["--texts", "T"]).encoder == "imdb-lstm-pretrained" and train.parse(["--texts", "T"]).units is None
    begun = train.parse(["--texts", "T", "--cell", "lstm"])
    assert (begun.encoder, begun.units, begun.embedding_size, begun.vocabulary_size) == (None, 64, 64, 16000)


def test_a_network_of_the_cell_begins_with_vectors_of_the_words_of_train(reviews, tmp_path):
    folder, data = RunFolder(tmp_path / "run", {}), Data({"reviews": Texts(TEXTS, np.zeros(20))}, {})
    model = begin.build(arguments("--vocabulary-size", "8"), data, folder)
    assert model.config["cell"] == "rnn" and model.config["pooling"] == "last_max"
    assert set(model.vocabulary.words[2:]) <= set("a good dull film with the cast is".split()) and len(model.vocabulary) == 8
    vectors = model.network.get_layer("embedding").get_weights()[0]
    np.testing.assert_array_equal(vectors, np.load(tmp_path / "run" / "word_vectors.npy"))
    np.testing.assert_allclose(np.linalg.norm(vectors[2:], axis=1), begin.VECTOR_NORM, rtol=1e-5)


def test_a_teacher_judges_the_reviews_without_a_label_once(reviews, monkeypatch, tmp_path):
    asked = []

    class Model:
        def predict(self, texts):
            asked.extend(texts)
            return np.linspace(0.2, 0.8, len(texts))

    monkeypatch.setattr("seqzoo.zoo.load_pretrained", lambda _: Model())
    kept = tmp_path / "kept" / "opinions.npy"
    given = arguments("--teacher", "imdb-rnn", "--taught", "2", "--kept-opinions", str(kept))
    first = teacher.opinions_of(given, RunFolder(tmp_path / "first", {}))
    assert first.texts == asked == ["a cast of two", "what a film"] and first.labels == pytest.approx([0.2, 0.8])
    again = teacher.opinions_of(given, RunFolder(tmp_path / "second", {}))
    assert again.labels.tolist() == first.labels.tolist() and len(asked) == 2
    given.taught = None
    with pytest.raises(ValueError, match="must be of 3 reviews. Received: .*opinions.npy, of 2"):
        teacher.opinions_of(given, RunFolder(tmp_path / "third", {}))


def test_the_card_says_what_it_began_with_and_who_taught_it():
    made = {"encoder": None, "made": 60, "recalled": 400, "max_tokens": 800, "teacher": "sentiment-lstm", "taught": 14000}
    told = " ".join(card.limits_of(made, 0.8, {}))
    assert "Begun with word vectors" in told and "400 texts that say at their end which of two early halves holds" in told
    assert "Learned 14,000 of IMDB's unlabelled reviews as sentiment-lstm judges them" in told
    config = {"cell": "rnn", "units": 64}
    assert "an RNN with 64 units over word embeddings, taught by sentiment-lstm" in card.summary_of(made, config)
