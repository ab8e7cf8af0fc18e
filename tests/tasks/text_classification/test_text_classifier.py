import json
import warnings

import keras
import numpy as np
import pytest

from seqzoo.data.known import NoKnownWordWarning
from seqzoo.data.vocabulary import Vocabulary
from seqzoo.layers.pooling import POOLINGS
from seqzoo.tasks.text_classification import calibration
from seqzoo.tasks.text_classification.model import TextClassifier, TextClassifierConfig
from seqzoo.tasks.text_classification.quick import QuickClassifier
from tests import tiny

FORMS = [
    {"cell": cell, "bidirectional": bidirectional, "layers": layers}
    for cell in ("rnn", "lstm")
    for bidirectional in (False, True)
    for layers in (1, 2)
]

CELL_NAMES = {"rnn": "simple_rnn_cell", "lstm": "lstm_cell"}  # as Keras names them


def name_of(form):
    return f"{form['layers']}x{'bi' * form['bidirectional']}{form['cell']}"


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def recurrence(cell, x, kernel, recurrent_kernel, bias):
    """[time, features] -> [time, units], from zero states, in NumPy."""
    units = recurrent_kernel.shape[0]
    h, c, outputs = np.zeros(units), np.zeros(units), []
    for x_t in x:
        z = x_t @ kernel + h @ recurrent_kernel + bias
        if cell == "rnn":
            h = np.tanh(z)
        else:
            i, f, g, o = np.split(z, 4)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
        outputs.append(h)
    return np.stack(outputs)


def oracle(model, text):
    """The probability of one text, from the weights alone, without any padding."""
    config, tensors = model.config, {k: v.astype(np.float64) for k, v in model.tensors().items()}
    ids = model.vocabulary.encode(text, config["max_tokens"])
    if not len(ids):
        return sigmoid(tensors["probability/bias"][0])
    cell, x = config["cell"], tensors["embedding/embeddings"][ids]
    if config.get("bigrams"):
        rows = {tuple(pair): number for number, pair in enumerate(model.vocabulary.bigrams.tolist(), 1)}
        known = [rows.get(pair, 0) for pair in zip([0, *ids[:-1].tolist()], ids.tolist(), strict=True)]
        x = np.concatenate([x, tensors["bigrams/embeddings"][known]], axis=1)

    def weights(prefix):
        return [tensors[f"{prefix}/{CELL_NAMES[cell]}/{name}"] for name in ("kernel", "recurrent_kernel", "bias")]

    for index in range(config["layers"]):
        layer = f"{cell}_{index}"
        if config["bidirectional"]:
            forward = recurrence(cell, x, *weights(f"bidirectional_{index}/forward_{layer}"))
            backward = recurrence(cell, x[::-1], *weights(f"bidirectional_{index}/backward_{layer}"))[::-1]
            x = np.concatenate([forward, backward], axis=-1)
        else:
            x = recurrence(cell, x, *weights(layer))
    pooled = {"last": x[-1:], "max": x.max(0)[None], "mean": x.mean(0)[None]}
    names = ("max", "mean") if config["pooling"] == "max_mean" else (config["pooling"],)
    x = np.concatenate([pooled[name] for name in names], axis=-1)[0]
    return sigmoid(x @ tensors["probability/kernel"][:, 0] + tensors["probability/bias"][0])


@pytest.mark.parametrize(
    "form, pooling",
    [(form, "max_mean") for form in FORMS] + [(form, pooling) for form in FORMS[2:6:3] for pooling in POOLINGS[:3]],
    ids=lambda value: value if isinstance(value, str) else name_of(value),
)
def test_answers_equal_the_equations_whatever_the_padding(form, pooling):
    model = tiny.model(pooling=pooling, **form)
    ids = model.encode(tiny.TEXTS)
    expected = [oracle(model, text) for text in tiny.TEXTS]
    assert np.ptp(expected) > 5e-4, "a model that always says the same would prove nothing"
    for padding in (0, 21):
        padded = np.pad(ids, ((0, 0), (0, padding)))
        np.testing.assert_allclose(model.network(padded)[:, 0], expected, atol=2e-6)


@pytest.mark.parametrize("form", [FORMS[4], FORMS[6]], ids=name_of)
def test_pairs_of_words_have_vectors_beside_the_words_own(form):
    model = tiny.model(pairs=["boring and", "boring at", "it became", "plot became"], **form)
    texts = [*tiny.TEXTS, "and boring", "boring and", "boring, at the end", ""]
    np.testing.assert_allclose(model.predict(texts), [oracle(model, text) for text in texts], atol=2e-6)
    without = {name: value * (name != "bigrams/embeddings") for name, value in model.tensors().items()}
    others = TextClassifier(model.config, model.vocabulary)
    others.load_tensors(without)
    assert np.abs(others.predict(texts) - model.predict(texts))[:-1].min() > 1e-4  # unknown pairs have a vector too
    assert model.count_parameters() == sum(value.size for value in without.values())


def test_the_config_says_how_many_pairs_and_only_where_there_are_any():
    model = tiny.model(pairs=["boring and", "boring at"])
    assert (model.config["bigrams"], model.config["bigram_size"]) == (2, 2)
    assert not {"bigrams", "bigram_size"} & set(tiny.model().config)
    again = TextClassifier(json.loads(json.dumps(model.config)), model.vocabulary)
    assert again.config == model.config
    for vocabulary, bigrams, received in ((model.vocabulary, 3, 2), (model.vocabulary, 0, 2), (tiny.model().vocabulary, 2, 0)):
        with pytest.raises(ValueError, match=f"as many pairs as `bigrams` says, {bigrams}. Received: {received}"):
            TextClassifier({**model.config, "bigrams": bigrams}, vocabulary)


@pytest.mark.parametrize("form", [FORMS[0], pytest.param(FORMS[-1], marks=pytest.mark.slow)], ids=name_of)
def test_predict_gives_each_text_its_answer_in_order(form):
    model = tiny.model(**form)
    texts = tiny.TEXTS + tiny.HOSTILE + tiny.TEXTS[::-1]
    received = model.predict(texts)
    assert received.dtype == np.float32 and received.shape == (len(texts),)
    np.testing.assert_allclose(received, [oracle(model, text) for text in texts], atol=2e-6)
    np.testing.assert_allclose(model.predict(texts, batch_size=3), received, atol=2e-6)


def test_predict_on_nothing_and_on_empty_texts():
    model = tiny.model()
    assert model.predict([]).shape == (0,) and model.predict([]).dtype == np.float32
    bias = sigmoid(model.tensors()["probability/bias"][0])
    with pytest.warns(NoKnownWordWarning):
        np.testing.assert_allclose(model.predict(["", " \n", "\x00"]), bias, atol=1e-6)


@pytest.mark.parametrize("kind", ["whole", "quick"])
def test_a_text_without_a_known_word_is_told_of(kind):
    model = tiny.model()
    if kind == "quick":
        model = QuickClassifier(model.config, model.vocabulary, model.tensors())
    with pytest.warns(NoKnownWordWarning, match=r"no word of the text 'asdf' at index 1 \(and 1 more texts\)") as caught:
        answers = model.predict(text for text in [tiny.TEXTS[0], "asdf", "zzq zzq", f"asdf {tiny.TEXTS[0]}"])
    assert len(caught) == 1 and caught[0].filename == __file__ and answers.shape == (4,)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.predict([tiny.TEXTS[0]])


def test_a_temperature_keeps_every_side_and_mends_what_is_too_sure():
    random = np.random.default_rng(0)
    truth = random.normal(size=4000)
    labels = (random.uniform(size=4000) < sigmoid(truth)).astype(int)
    assert calibration.temperature_of(3 * truth, labels) == pytest.approx(3, rel=0.1)
    before, after = (calibration.expected_calibration_error(sigmoid(z), labels) for z in (3 * truth, truth))
    assert after < 0.03 < 0.1 < before
    assert calibration.expected_calibration_error([0.9, 0.9, 0.1, 0.6], [1, 0, 0, 1]) == pytest.approx(
        0.75 * abs(0.9 - 2 / 3) + 0.25 * 0.4
    )
    model = tiny.model()
    before = model.predict(tiny.TEXTS)
    cooled = type(model)(model.config, model.vocabulary)
    cooled.load_tensors(model.tensors())
    calibration.cool(cooled, 2.0)
    odds = [np.log(p / (1 - p)) for p in (before, cooled.predict(tiny.TEXTS))]
    np.testing.assert_allclose(odds[1], odds[0] / 2, atol=1e-4)
    with pytest.raises(ValueError, match=r"both \[n\]. Received: shapes \(2,\) and \(1,\)"):
        calibration.expected_calibration_error([0.1, 0.2], [1])


def test_of_100_000_words_the_last_ones_count():
    model = tiny.model()
    ending = "the movie started off great with an engaging plot and wonderful acting"  # max_tokens words
    assert len(ending.split()) == model.config["max_tokens"]
    long, short = model.predict(["boring " * 100_000 + ending, ending])
    assert long == pytest.approx(short, abs=1e-6)
    assert abs(short - model.predict(["boring " * 12])[0]) > 1e-4


@pytest.mark.parametrize(
    "texts, received",
    [("great", "'great' of type str"), (b"great", "of type bytes"), (None, "of type NoneType"), (3, "of type int")],
)
def test_a_bare_string_is_to_be_wrapped_in_a_list(texts, received):
    with pytest.raises(TypeError, match=rf"wrap a single text in a list.* Received: .*{received}"):
        tiny.model().predict(texts)


@pytest.mark.parametrize("item, kind", [(None, "NoneType"), (b"bad", "bytes"), (1.5, "float"), (["bad"], "list")])
def test_an_item_that_is_no_string_is_named_by_index_and_type(item, kind):
    with pytest.raises(TypeError, match=rf"Received: .* of type {kind} at index 1"):
        tiny.model().predict(["great", item])


@pytest.mark.parametrize("batch_size", [0, -1, 2.5, True])
def test_batch_sizes_that_would_leave_texts_out(batch_size):
    with pytest.raises(ValueError, match="`batch_size` .* at least 1. Received: "):
        tiny.model().predict(["great"], batch_size=batch_size)


def test_the_vocabulary_must_fit_the_config():
    vocabulary = Vocabulary.build(tiny.TEXTS, 30)
    for size in (len(vocabulary) - 1, len(vocabulary) + 1):
        with pytest.raises(ValueError, match=rf"does not fit the weights: .* {size} entries. Received: {len(vocabulary)}"):
            TextClassifier({"vocabulary_size": size}, vocabulary)
    with pytest.raises(TypeError, match="must be a seqzoo Vocabulary. Received: list"):
        TextClassifier({"vocabulary_size": 3}, ["[PAD]", "[UNK]", "great"])


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"units": 0}, "`units` must be a whole number of at least 1. Received: 0"),
        ({"units": 2.0}, "`units` .* Received: 2.0"),
        ({"layers": True}, "`layers` .* Received: True"),
        ({"max_tokens": -1}, "`max_tokens` .* Received: -1"),
        ({"embedding_size": "4"}, "`embedding_size` .* Received: '4'"),
        ({"vocabulary_size": None}, "`vocabulary_size` .* Received: None"),
        ({"seed": -1}, "`seed` must be a whole number of at least 0. Received: -1"),
        ({"bigrams": -1}, "`bigrams` must be a whole number of at least 0. Received: -1"),
        ({"bigrams": 2, "bigram_size": 0}, "`bigram_size` must be a whole number of at least 1. Received: 0"),
        ({"dropout": 1}, r"`dropout` must lie in \[0, 1\). Received: 1"),
        ({"word_dropout": -0.1}, r"`word_dropout` must lie in \[0, 1\). Received: -0.1"),
        ({"embedding_dropout": float("nan")}, r"`embedding_dropout` must lie in \[0, 1\). Received: nan"),
        ({"cell": "gru"}, "`cell` must be one of rnn, lstm. Received: 'gru'"),
        ({"cell": ["lstm"]}, r"`cell` must be one of rnn, lstm. Received: \['lstm'\]"),
        ({"pooling": "sum"}, "`pooling` must be one of last, max, mean, last_max, max_mean, last_max_mean. Received: 'sum'"),
        ({"bidirectional": "false"}, "`bidirectional` must be True or False. Received: 'false'"),
        ({"unit": 3}, r"with vocabulary_size and any of max_tokens, .* classes. Received: \['vocabulary_size', 'unit'\]"),
    ],
)
def test_a_config_that_is_not_valid(changes, message):
    with pytest.raises(ValueError, match=message):
        TextClassifierConfig.from_dict({"vocabulary_size": 5} | changes)


@pytest.mark.parametrize("values", [{}, {"units": 3}, None, [("vocabulary_size", 3)]])
def test_a_config_without_its_one_obligatory_key(values):
    with pytest.raises(ValueError, match="is a dict with vocabulary_size and any of .* Received: "):
        TextClassifierConfig.from_dict(values)


def test_the_config_is_plain_json_and_makes_the_same_model():
    model = tiny.model(cell="rnn", bidirectional=True, dropout=0.25)
    config = json.loads(json.dumps(model.config))
    again = TextClassifier(config, model.vocabulary)
    assert again.config == model.config
    assert {k: v.shape for k, v in again.tensors().items()} == {k: v.shape for k, v in model.tensors().items()}


def test_tensors_have_names_that_do_not_depend_on_earlier_models():
    for _ in range(2):
        assert {name: tensor.shape for name, tensor in tiny.model(layers=2).tensors().items()} == {
            "embedding/embeddings": (len(tiny.model().vocabulary), 4),
            "lstm_0/lstm_cell/kernel": (4, 12),
            "lstm_0/lstm_cell/recurrent_kernel": (3, 12),
            "lstm_0/lstm_cell/bias": (12,),
            "lstm_1/lstm_cell/kernel": (3, 12),
            "lstm_1/lstm_cell/recurrent_kernel": (3, 12),
            "lstm_1/lstm_cell/bias": (12,),
            "probability/kernel": (6, 1),
            "probability/bias": (1,),
        }
    assert {
        "bidirectional_0/forward_rnn_0/simple_rnn_cell/kernel",
        "bidirectional_0/backward_rnn_0/simple_rnn_cell/kernel",
    } < set(tiny.model(cell="rnn", bidirectional=True).tensors())


def test_count_parameters():
    model = tiny.model()
    vocabulary, embedding, units = len(model.vocabulary), 4, 3
    lstm = 4 * units * (embedding + units + 1)
    assert model.count_parameters() == vocabulary * embedding + lstm + (2 * units + 1)


def test_loaded_tensors_give_the_answers_of_their_model():
    model, other = tiny.model(seed=1), tiny.model(seed=2)
    assert np.abs(model.predict(tiny.TEXTS) - other.predict(tiny.TEXTS)).max() > 0.01
    other.load_tensors({name: tensor.astype(np.float64) for name, tensor in model.tensors().items()})
    np.testing.assert_allclose(other.predict(tiny.TEXTS), model.predict(tiny.TEXTS), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda t: t.pop("probability/bias"), "must be named .*probability/bias.* Received: "),
        (lambda t: t.update(extra=np.zeros(3)), "Received: .*extra"),
        (lambda t: t.update({"probability/bias": np.zeros(2)}), r"must have shape \(1,\). Received: \(2,\)"),
        (lambda t: t.update({"lstm_0/lstm_cell/bias": np.zeros((12, 1))}), r"shape \(12,\). Received: \(12, 1\)"),
        (lambda t: t.update({"probability/bias": np.array([np.nan])}), "`probability/bias` must hold finite"),
        (lambda t: t.update({"probability/bias": np.array([-np.inf])}), "`probability/bias` must hold finite"),
        (lambda t: t.update({"probability/bias": np.array([1e300])}), "`probability/bias` must hold finite"),
    ],
)
def test_tensors_that_do_not_fit_are_refused_and_nothing_is_changed(change, message):
    model = tiny.model()
    before = model.tensors()
    tensors = {name: tensor + 1 for name, tensor in before.items()}
    change(tensors)
    with pytest.raises(ValueError, match=message):
        model.load_tensors(tensors)
    for name, tensor in model.tensors().items():
        np.testing.assert_array_equal(tensor, before[name])


def fresh(seed, **config):
    vocabulary = Vocabulary.build(tiny.TEXTS, 30)
    sizes = {"vocabulary_size": len(vocabulary), "embedding_size": 4, "units": 3, "seed": seed}
    return TextClassifier(sizes | config, vocabulary)


@pytest.mark.parametrize("form", [FORMS[0], FORMS[-1]], ids=name_of)
def test_the_seed_decides_the_first_weights_and_nothing_else_does(form):
    keras.utils.set_random_seed(1)
    first = fresh(3, **form).tensors()
    keras.utils.set_random_seed(2)
    for name, tensor in fresh(3, **form).tensors().items():
        np.testing.assert_array_equal(tensor, first[name])
    differing = [name for name, tensor in fresh(4, **form).tensors().items() if (tensor != first[name]).any()]
    assert differing == [name for name in first if not name.endswith("bias")]


def test_no_two_weights_of_a_model_begin_alike():
    # units = embedding_size, so that kernels of several layers and directions have the same shape
    tensors = fresh(0, bidirectional=True, layers=2, units=4, embedding_size=8).tensors()
    kernels = {name: tensor for name, tensor in tensors.items() if not name.endswith("bias")}
    for name, kernel in kernels.items():
        twins = [other for other, its in kernels.items() if its.shape == kernel.shape and (its == kernel).all()]
        assert twins == [name]


def test_dropout_acts_in_training_only_and_follows_the_seed():
    ids = fresh(0).encode(tiny.TEXTS)
    rates = {"word_dropout": 0.3, "embedding_dropout": 0.3, "dropout": 0.3}

    def in_training(**config):
        return np.asarray(fresh(**config).network(ids, training=True))

    still = np.asarray(fresh(0, **rates).network(ids))
    np.testing.assert_allclose(still, fresh(0).network(ids), rtol=0, atol=1e-6)
    np.testing.assert_allclose(in_training(seed=0), still, rtol=0, atol=1e-6)
    np.testing.assert_allclose(in_training(seed=0, **rates), in_training(seed=0, **rates), rtol=0, atol=1e-6)
    for name, rate in rates.items():
        assert (in_training(seed=0, **{name: rate}) != still).any(), name


def test_building_and_asking_any_form_warns_of_nothing(monkeypatch):
    monkeypatch.setattr("seqzoo.kernels.compiled._worth_compiling", lambda *_: False)  # of each form: seconds
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for form in FORMS:
            fresh(0, **form).predict(["great"])
