import numpy as np
import pytest

from seqzoo.data.vocabulary import Vocabulary
from seqzoo.tasks.text_classification.encoder import classifier_from
from seqzoo.tasks.text_generation.model import LanguageModel
from tests import tiny

WORDS = Vocabulary(["[PAD]", "[UNK]", *"the film was good bad very".split()])


def language_model(vocabulary=WORDS, **config):
    return LanguageModel({"vocabulary_size": len(vocabulary), "embedding_size": 3, "units": 4, "seed": 1, **config}, vocabulary)


def pair():
    forward, backward = language_model(), language_model(backwards=True, seed=2)
    same = forward.tensors()["embedding/embeddings"]
    backward.load_tensors({**backward.tensors(), "embedding/embeddings": same})
    return forward, backward


def test_a_classifier_begins_with_embedding_and_lstm():
    encoder = language_model(layers=2)
    model = classifier_from(encoder, {"pooling": "last_max_mean", "seed": 7})
    given, found = encoder.tensors(), model.tensors()
    for name in set(found) - {"probability/kernel", "probability/bias"}:
        np.testing.assert_array_equal(found[name], given[name])
    assert found["probability/kernel"].shape == (12, 1)
    assert model.vocabulary is encoder.vocabulary


def test_two_directions():
    forward, backward = pair()
    found = classifier_from(forward, backward=backward).tensors()
    for name in ("kernel", "recurrent_kernel", "bias"):
        for direction, model in (("forward", forward), ("backward", backward)):
            expected = model.tensors()[f"lstm_0/lstm_cell/{name}"]
            np.testing.assert_array_equal(found[f"bidirectional_0/{direction}_lstm_0/lstm_cell/{name}"], expected)


def test_a_backward_half_reads_as_its_language_model_does():
    """Its states, pooled, are those of the language model on the reversed text."""
    forward, backward = pair()
    model = classifier_from(forward, {"pooling": "max"}, backward)
    weights = np.zeros((8, 1), "float32")
    weights[4:] = 1.0
    model.load_tensors({**model.tensors(), "probability/kernel": weights, "probability/bias": np.zeros(1)})
    text = "the film was very good"
    from tests.tasks.text_classification.test_text_classifier import recurrence, sigmoid

    tensors = backward.tensors()
    x = tensors["embedding/embeddings"][WORDS.encode(text)[::-1]]
    names = ("kernel", "recurrent_kernel", "bias")
    states = recurrence("lstm", x, *(tensors[f"lstm_0/lstm_cell/{name}"] for name in names))
    assert model.predict([text])[0] == pytest.approx(sigmoid(states.max(0).sum()), abs=1e-5)


def other_vocabulary():
    return language_model(Vocabulary([*WORDS.words[:-1], "other"]), backwards=True)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: classifier_from(language_model(), {"units": 9}), "The encoder decides .*Received: units in"),
        (lambda: classifier_from(language_model(backwards=True)), "must read forwards. Received: one with backwards"),
        (lambda: classifier_from(language_model(), backward=language_model()), "`backward` must read backwards"),
        (lambda: classifier_from(language_model(), backward=language_model(units=5, backwards=True)), "of the same form"),
        (lambda: classifier_from(language_model(), backward=language_model(backwards=True, seed=2)), "one embedding"),
        (lambda: classifier_from(language_model(), backward=other_vocabulary()), "one vocabulary. Received: Vocab"),
    ],
)
def test_what_does_not_fit(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_classifier_goes_on_from_a_classifier():
    encoder = tiny.model(bidirectional=True)
    model = classifier_from(encoder, {"max_tokens": 11, "dropout": 0.3, "seed": 5})
    for name, value in encoder.tensors().items():
        np.testing.assert_array_equal(model.tensors()[name], value)
    np.testing.assert_allclose(model.predict(tiny.TEXTS[1:]), encoder.predict(tiny.TEXTS[1:]), rtol=0, atol=1e-6)
    assert (model.config["max_tokens"], model.config["dropout"], model.config["seed"]) == (11, 0.3, 5)
    assert model.vocabulary is encoder.vocabulary


@pytest.mark.parametrize("config", [{"pooling": "last"}, {"classes": ["blue", "red"]}, {"classes": ["a", "b", "c"]}])
def test_another_answer_takes_another_last_layer(config):
    encoder = tiny.model()
    given, found = encoder.tensors(), classifier_from(encoder, config).tensors()
    for name in set(given) - {"probability/kernel", "probability/bias"}:
        np.testing.assert_array_equal(found[name], given[name])
    assert not np.array_equal(found["probability/kernel"], given["probability/kernel"])
    assert not found["probability/bias"].any()


@pytest.mark.parametrize("pooling", ["last_max", "max_mean"])
def test_a_classifier_is_completed_by_a_model_that_reads_backwards(pooling):
    """It begins with the same answers; what is read backwards counts once it is given weight."""
    forward, backward = pair()
    encoder = classifier_from(forward, {"pooling": pooling})
    model = classifier_from(encoder, {"pooling": pooling, "max_tokens": 9}, backward)
    assert model.config["bidirectional"] and model.config["max_tokens"] == 9
    texts = ["the film was very good", "bad"]
    np.testing.assert_allclose(model.predict(texts), encoder.predict(texts), rtol=0, atol=1e-6)
    found, both = model.tensors(), classifier_from(forward, {"pooling": pooling}, backward).tensors()
    for name in set(both) - {"probability/kernel", "probability/bias"}:
        np.testing.assert_array_equal(found[name], both[name])
    model.load_tensors({**found, "probability/kernel": np.where(found["probability/kernel"], found["probability/kernel"], 1.0)})
    assert not np.isclose(model.predict(texts[:1]), encoder.predict(texts[:1]), atol=1e-3)


@pytest.mark.parametrize("config", [{"bidirectional": True}, {"layers": 2}, {"cell": "rnn"}])
def test_a_classifier_of_another_form_is_not_completed(config):
    with pytest.raises(ValueError, match="one layer, one direction and no bigrams. Received: {'cell'"):
        classifier_from(tiny.model(**config), backward=language_model(backwards=True))


def test_a_name_is_no_encoder():
    with pytest.raises(TypeError, match="begins with a language model .*, or with a text classifier. Received: str"):
        classifier_from("imdb-lm")


def test_pairs_of_words_come_from_a_classifier():
    encoder = tiny.model(pairs=["it became", "boring at"])
    model = classifier_from(encoder, {"dropout": 0.1, "seed": 3, "max_tokens": 12})
    assert model.config == {**encoder.config, "dropout": 0.1, "seed": 3}
    np.testing.assert_allclose(model.predict(tiny.TEXTS), encoder.predict(tiny.TEXTS), rtol=0, atol=1e-6)
    with pytest.raises(ValueError, match="Received: bigrams in `config`"):
        classifier_from(encoder, {"bigrams": 2})
