import keras
import numpy as np
import pytest

from seqzoo.data.vocabulary import Vocabulary
from seqzoo.data.word_stream import WordStream
from seqzoo.tasks.text_generation.model import LanguageModel, LanguageModelConfig
from seqzoo.tasks.text_generation.training import NextWordTraining, mean_loss
from seqzoo.training.fit import fit
from seqzoo.training.run_folder import RunFolder
from tests.tasks.text_classification.test_text_classifier import recurrence
from tests.training.networks import Silent, assert_same_state, state

WORDS = Vocabulary(["[PAD]", "[UNK]", *"the film was good bad very long and ! ?".split()])
TEXTS = ["The film was good!", "bad", "", "the very very long film and nobody was good?"]


def model(seed=3, **config):
    built = LanguageModel({"vocabulary_size": len(WORDS), "embedding_size": 3, "units": 4, "seed": seed, **config}, WORDS)
    random = np.random.default_rng(seed)
    built.load_tensors({name: random.normal(size=t.shape).astype("float32") for name, t in built.tensors().items()})
    return built


def oracle(model, ids):
    """log p of every word of one text and of its end, from the weights alone."""
    tensors = {name: value.astype(np.float64) for name, value in model.tensors().items()}
    x = tensors["embedding/embeddings"][[0, *ids]]
    for index in range(model.config["layers"]):
        weights = [tensors[f"lstm_{index}/lstm_cell/{name}"] for name in ("kernel", "recurrent_kernel", "bias")]
        x = recurrence("lstm", x, *weights)
    x = x @ tensors["projection/kernel"] + tensors["projection/bias"]
    logits = x @ tensors["embedding/embeddings"].T + tensors["word_bias/bias"]
    logits -= np.log(np.exp(logits).sum(-1, keepdims=True))
    return logits[np.arange(len(x)), [*ids, 0]]


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("backwards", [False, True])
def test_log_probabilities_equal_the_equations(layers, backwards):
    built = model(layers=layers, backwards=backwards)
    ids = [row[::-1] if backwards else row for row in WORDS.encode_list(TEXTS)]
    expected = [oracle(built, row) for row in ids]
    np.testing.assert_allclose(built.predict(TEXTS), [row.mean() for row in expected], atol=1e-5)
    every = np.concatenate(expected)
    assert built.perplexity(TEXTS) == pytest.approx(np.exp(-every.mean()), rel=1e-5)


def test_generation_follows_the_distribution_and_the_seed():
    built = model()
    text = built.generate("the film", 12, seed=5)
    assert text.startswith("the film ") and text == built.generate("the film", 12, seed=5)
    assert len({built.generate("", 12, seed=seed) for seed in range(5)}) > 1
    # Nearly cold, it takes the likeliest word: the one after which the text is least surprising.
    cold = built.generate("the film", 1, temperature=1e-3).split()
    scores = {word: oracle(built, WORDS.encode(f"the film {word}"))[2] for word in WORDS.words[2:]}
    scores[None] = oracle(built, WORDS.encode("the film"))[2]  # the end
    best = max(scores, key=scores.get)
    assert cold == ["the", "film", *([best] if best else [])]


def test_unknown_words_are_never_written():
    built = model()
    built.load_tensors({**built.tensors(), "word_bias/bias": np.where(np.arange(len(WORDS)) == 1, 50, 0.0)})
    assert "[UNK]" not in built.generate("the", 30)


def test_states_are_carried_from_window_to_window():
    built = model()
    sequences = WORDS.encode_list([" ".join(TEXTS)] * 4)
    stream = WordStream(sequences, len(WORDS), 2, 4, head=len(WORDS) - 1, draws=2)
    training = NextWordTraining(built, 2, stream.head)
    found = np.concatenate([training(stream.batch(step, 0)[0]) for step in stream.rows(0)], 1)
    ids, targets = (np.concatenate([stream.batch(s, 0)[0][n] for s in stream.rows(0)], 1) for n in (0, 1))
    logits = built.logits(np.asarray(built.network(ids)))
    logits -= np.log(np.exp(logits).sum(-1, keepdims=True))
    # All words but one always compete, and every draw is of that one: the estimate is exact.
    whole = np.take_along_axis(logits, targets[..., None], -1)[..., 0]
    np.testing.assert_allclose(found, -whole, atol=1e-4)


def trained(folder=None, stop=None, seed=3):
    built = LanguageModel(
        {"vocabulary_size": len(WORDS), "embedding_size": 3, "units": 4, "seed": seed}
        | {"embedding_dropout": 0.2, "weight_dropout": 0.2, "output_dropout": 0.2},
        WORDS,
    )
    stream = WordStream(WORDS.encode_list(TEXTS * 6), len(WORDS), 2, 4, head=5, draws=3)
    training = NextWordTraining(built, 2, 5)
    training.compile(keras.optimizers.AdamW(1e-2), loss=mean_loss, jit_compile=False)
    run = folder and RunFolder(folder, {})
    history = fit(training, stream, 2, run, None, 5, Silent(stop))
    return training, history, stream


def test_a_run_that_was_stopped_ends_as_if_it_was_not(tmp_path):
    whole, history, stream = trained()
    assert history[-1]["loss"] < history[0]["loss"]
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path, len(stream) + 3)  # with states that stand inside of an epoch
    resumed, resumed_history, _ = trained(tmp_path)
    assert_same_state(state(whole), state(resumed))
    assert history == resumed_history


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: model(units=0), "`units` must be an integer of at least 1. Received: 0"),
        (lambda: model(weight_dropout=1.0), r"`weight_dropout` must lie in \[0, 1\). Received: 1.0"),
        (lambda: model(backwards=1), "`backwards` must be True or False. Received: 1"),
        (lambda: model().generate("a", 0), "`words` must be an integer of at least 1. Received: 0"),
        (lambda: model().generate("a", 5, temperature=0), "`temperature` must be a finite number above 0. Received: 0"),
        (lambda: model(backwards=True).generate("a"), "Received: a model with backwards=True"),
        (lambda: LanguageModel({"units": 4}, WORDS), r"vocabulary_size and any of .* Received: \['units'\]"),
        (lambda: LanguageModel({"vocabulary_size": 5}, WORDS), "the config says 5 entries. Received: 12"),
        (lambda: LanguageModelConfig(5, seed=-1), "`seed` must be an integer of at least 0. Received: -1"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_wrong_types():
    with pytest.raises(TypeError, match="`prompt` must be a str. Received: b'a', a bytes"):
        model().generate(b"a")
    with pytest.raises(TypeError, match="wrap a single text in a list"):
        model().predict("a text")
