import numpy as np
import pytest

from recipes.imdb import sentiment
from recipes.imdb.backward_half import BackwardHalf, joined
from recipes.imdb.contrast import log_odds
from seqzoo.data.vocabulary import Vocabulary
from seqzoo.tasks.text_classification.encoder import classifier_from
from seqzoo.tasks.text_generation.model import LanguageModel

TEXTS = ["the film was good but the end was bad", "bad", "good very good film"]
WORDS = Vocabulary(["[PAD]", "[UNK]", *sorted({word for text in TEXTS for word in text.split()})])


def encoders(vocabulary, **config):
    """A classifier, and a language model of the same vectors that reads backwards."""
    form = {"vocabulary_size": len(vocabulary), "embedding_size": 3, "units": 4, **config}
    forward, backward = (LanguageModel({**form, "seed": n, "backwards": n == 2}, vocabulary) for n in (1, 2))
    backward.load_tensors({**backward.tensors(), "embedding/embeddings": forward.tensors()["embedding/embeddings"]})
    return classifier_from(forward, {"pooling": "last_max", "max_tokens": 24, "seed": 5}), backward


def test_the_joined_answer_is_the_mean_of_the_halves_log_odds():
    forward, backward = encoders(WORDS)
    half = BackwardHalf(forward, backward, {"pooling": "max_mean", "seed": 3, "max_tokens": 24})
    random = np.random.default_rng(0)
    tensors = {name: value + random.normal(size=value.shape) for name, value in half.model.tensors().items()}
    tensors["embedding/embeddings"] = forward.tensors()["embedding/embeddings"]
    half.model.load_tensors(tensors)
    turned = half.model.predict_ids(WORDS.pad(half.turned([WORDS.encode(text) for text in TEXTS])))
    expected = (log_odds(forward.predict(TEXTS)) + log_odds(turned)) / 2
    whole = half.joined(half.model)
    assert whole.config["bidirectional"] and whole.config["pooling"] == "last_max_mean" and np.ptp(expected) > 0.1
    np.testing.assert_allclose(log_odds(whole.predict(TEXTS)), expected, atol=2e-5)


def test_a_half_begins_with_its_language_model_and_its_vectors_rest():
    forward, backward = encoders(WORDS)
    half = BackwardHalf(forward, backward, {"pooling": "max"})
    for name, value in backward.tensors().items():
        if name.startswith(("embedding/", "lstm_0/")):
            np.testing.assert_array_equal(half.model.tensors()[name], value)
    trained = {variable.path.split("/")[0] for variable in half.model.network.trainable_variables}
    assert trained == {"lstm_0", "probability"}


@pytest.mark.parametrize("pooling", ["last", "last_max_mean"])
def test_the_state_at_the_last_word_is_refused(pooling):
    with pytest.raises(ValueError, match=f"pooling must be one of max, mean, max_mean. Received: {pooling}$"):
        BackwardHalf(*encoders(WORDS), {"pooling": pooling})


def test_what_does_not_fit_is_said_before_training():
    forward, _ = encoders(WORDS)
    with pytest.raises(ValueError, match="of the same form"):
        BackwardHalf(forward, encoders(WORDS, units=5)[1], {"pooling": "max"})


def test_halves_taken_apart_and_joined_are_the_whole_again():
    """A half can be trained further, and joined again."""
    forward, backward = encoders(WORDS)
    config = {"pooling": "max_mean", "max_tokens": 24}
    half = BackwardHalf(forward, backward, config)
    random = np.random.default_rng(1)
    half.model.load_tensors(
        {name: value if "embedding" in name else random.normal(size=value.shape) for name, value in half.model.tensors().items()}
    )
    whole = half.joined(half.model)
    again = BackwardHalf(whole, None, config)
    np.testing.assert_allclose(again.joined(again.model).predict(TEXTS), whole.predict(TEXTS), rtol=0, atol=1e-6)
    tensors = {name: value for name, value in half.model.tensors().items() if name != "probability/bias"}
    for name, value in tensors.items():
        np.testing.assert_allclose(again.model.tensors()[name], value, atol=1e-6)


@pytest.mark.parametrize("share", [0.2, 0.5])
def test_a_half_counts_as_much_as_its_share(share):
    forward, backward = encoders(WORDS)
    half = BackwardHalf(forward, backward, {"pooling": "mean", "seed": 3})
    turned = half.model.predict_ids(WORDS.pad(half.turned([WORDS.encode(text) for text in TEXTS])))
    whole = joined(forward, half.model.tensors(), {"pooling": "mean"}, share)
    expected = (1 - share) * log_odds(forward.predict(TEXTS)) + share * log_odds(turned)
    np.testing.assert_allclose(log_odds(whole.predict(TEXTS)), expected, atol=2e-6)


def test_one_direction_has_no_half_to_train_further():
    with pytest.raises(ValueError, match="two directions and no bigrams. Received: {'cell': 'lstm', 'layers': 1, 'bid"):
        BackwardHalf(encoders(WORDS)[0], None, {"pooling": "max"})


@pytest.mark.parametrize("option", ["--apart", "--freeze-embedding"])
def test_what_needs_an_encoder(option, capsys):
    with pytest.raises(SystemExit):
        sentiment.parse([option])
    assert "Received: no --encoder (see" in capsys.readouterr().err
