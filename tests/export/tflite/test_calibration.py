"""`calibration` is what people have: TensorFlow's `representative_dataset`, data sets, batches, dicts."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqzoo.export.tflite import calibration as calibration_module
from seqzoo.export.tflite import samples as samples_module
from seqzoo.export.tflite.calibration import items_of
from seqzoo.export.tflite.holdout import MOST_CHECKED, to_check
from seqzoo.export.tflite.samples import expected_outputs, given_inputs
from seqzoo.export.tflite.source import source_of
from seqzoo.tasks.stock_forecasting.heads import VolatilityForecaster
from tests import tiny
from tests.stock_prices import frame

layers = keras.layers
SERIES = np.random.default_rng(0).normal(size=(6, 5, 2)).astype("float32")
FLAGS = np.arange(18, dtype="float32").reshape(6, 3)


@pytest.fixture(scope="module")
def one():
    return source_of(keras.Sequential([keras.Input((None, 2), name="x"), layers.LSTM(2)]))


@pytest.fixture(scope="module")
def two():
    series, flags = keras.Input((None, 2), name="series"), keras.Input((3,), name="flags")
    return source_of(keras.Model([series, flags], layers.Concatenate(name="joined")([layers.LSTM(2)(series), flags])))


def data_set(*arrays, batch=None):
    of = tf.data.Dataset.from_tensor_slices(arrays if len(arrays) > 1 else arrays[0])
    return of.batch(batch) if batch else of


FORMS = {
    "an array": lambda: SERIES,
    "a list of samples": lambda: list(SERIES),
    "nested lists": lambda: SERIES.tolist(),
    "lists of x with a batch axis of 1": lambda: [[x[None]] for x in SERIES],
    "lists of x": lambda: [[x] for x in SERIES],
    "a function with yield": lambda: lambda: ([x[None]] for x in SERIES),
    "a function that gives a list": lambda: lambda: list(SERIES),
    "a generator": lambda: (x for x in SERIES),
    "a generator of tensors in lists": lambda: ([tf.constant(x[None])] for x in SERIES),
    "dicts by name": lambda: [{"x": x} for x in SERIES],
    "dicts by name with a batch": lambda: ({"x": x[None]} for x in SERIES),
    "one dict": lambda: {"x": SERIES},
    "tf.data": lambda: data_set(SERIES),
    "tf.data in batches": lambda: data_set(SERIES, batch=4),
    "tf.data with targets": lambda: data_set(SERIES, np.arange(6), batch=4),
    "tf.data with targets, one by one": lambda: data_set(SERIES, np.arange(6)),
    "tf.data of dicts": lambda: data_set({"x": SERIES}, batch=4),
    "tf.data of dicts with targets": lambda: data_set({"x": SERIES}, np.arange(6), batch=4),
    "batches in a list": lambda: [SERIES[:4], SERIES[4:]],
    "float64": lambda: SERIES.astype("float64"),
    "a function that gives tf.data": lambda: lambda: data_set(SERIES, batch=2),
}


@pytest.mark.parametrize("form", FORMS)
def test_one_input_in_every_form(one, form):
    found = given_inputs(one, FORMS[form](), None)
    assert [sample["x"].shape for sample in found] == 6 * [(1, 5, 2)] and {sample["x"].dtype.name for sample in found} == {
        "float32"
    }
    np.testing.assert_array_equal(np.concatenate([sample["x"] for sample in found]), SERIES)


FORMS_OF_TWO = {
    "dicts": lambda: [{"flags": f, "series": s} for s, f in zip(SERIES, FLAGS, strict=True)],
    "lists": lambda: lambda: ([s[None], f[None]] for s, f in zip(SERIES, FLAGS, strict=True)),
    "one dict": lambda: {"flags": FLAGS, "series": SERIES},
    "tf.data of pairs": lambda: data_set(SERIES, FLAGS, batch=4),
    "tf.data of dicts": lambda: data_set({"flags": FLAGS, "series": SERIES}),
    "tf.data of pairs with targets": lambda: tf.data.Dataset.from_tensor_slices(((SERIES, FLAGS), np.arange(6))).batch(4),
}


@pytest.mark.parametrize("form", FORMS_OF_TWO)
def test_two_inputs_in_every_form(two, form):
    found = given_inputs(two, FORMS_OF_TWO[form](), None)
    assert len(found) == 6
    np.testing.assert_array_equal(np.concatenate([sample["series"] for sample in found]), SERIES)
    np.testing.assert_array_equal(np.concatenate([sample["flags"] for sample in found]), FLAGS)


def test_samples_of_several_lengths_and_an_endless_data_set(one, monkeypatch):
    found = given_inputs(one, [SERIES[0], SERIES[1, :3], [SERIES[2, :4]]], None)
    assert [sample["x"].shape[1] for sample in found] == [5, 3, 4]
    monkeypatch.setattr(calibration_module, "MOST", 50)
    assert len(items_of(data_set(SERIES).repeat())) == 50


TEXTS = {
    "a list": lambda: tiny.TEXTS,
    "an array": lambda: np.array(tiny.TEXTS),
    "lists of one": lambda: lambda: ([text] for text in tiny.TEXTS),
    "arrays of one": lambda: [[np.array([text])] for text in tiny.TEXTS],
    "tf.data": lambda: data_set(tiny.TEXTS),
    "tf.data in batches": lambda: data_set(tiny.TEXTS, batch=3),
    "tf.data with labels": lambda: data_set(tiny.TEXTS, [0, 1, 0, 1], batch=3),
    "pairs": lambda: [(text, 1) for text in tiny.TEXTS],
}


def test_texts_and_prices_in_every_form():
    source = source_of(tiny.model())
    for form, make in TEXTS.items():
        assert given_inputs(source, make(), None) == tiny.TEXTS, form
    with pytest.raises(TypeError, match="wrap a single text in a list. Received: 'great'"):
        given_inputs(source, "great", None)
    with pytest.raises(TypeError, match="must be a str.*Received: 3 .*at index 1"):
        given_inputs(source, ["great", 3], None)
    prices = frame(260)
    rows = prices[["Open", "High", "Low", "Close", "Volume"]].to_numpy()
    windows = np.stack([rows[:250], rows[10:]])
    source = source_of(VolatilityForecaster({"units": 2}))
    expected = [given_inputs(source, [window], None)[0]["sequence"] for window in windows]
    for form in (windows, [windows], lambda: ([window[None]] for window in windows), data_set(windows, batch=2)):
        found = [sample["sequence"] for sample in given_inputs(source, form, None)]
        np.testing.assert_allclose(np.concatenate(found), np.concatenate(expected), rtol=1e-6)
    np.testing.assert_allclose(given_inputs(source, prices, None)[0]["sequence"], expected[1], rtol=1e-6)


@pytest.mark.parametrize(
    ("calibration", "error", "message"),
    [
        (3, TypeError, "`calibration` must be a list, an array or a tf.data.Dataset.*Received: int"),
        ([], ValueError, "at least one sample. Received: none"),
        (lambda: iter(()), ValueError, "at least one sample. Received: none"),
        ([np.zeros((5, 3))], ValueError, r"shape \[time, 2\], or \[n, time, 2\]. Received: \[5, 3\]"),
        ([np.zeros((1, 1, 5, 2))], ValueError, r"Received: \[1, 1, 5, 2\]"),
        ([{"y": SERIES}], ValueError, "A sample must have x. Received: y"),
        ([np.array([["a", "b"]])], TypeError, "must be numbers. Received: <U1"),
        ([np.full((5, 2), 1e39)], ValueError, "finite, in float32 too. Received: .*beyond its range"),
        ([[[1.0, 2.0], [3.0]]], ValueError, "must be arrays. Received: a list of several shapes"),
    ],
)
def test_what_is_no_calibration(one, calibration, error, message):
    with pytest.raises(error, match=message):
        given_inputs(one, calibration, None)


def test_what_is_none_for_two_inputs_or_for_ids(two):
    with pytest.raises(TypeError, match="dicts with series, flags, or lists of these 2. Received: ndarray"):
        given_inputs(two, [SERIES[0]], None)
    with pytest.raises(ValueError, match="as many rows. Received: 3, 6"):
        given_inputs(two, [{"series": SERIES, "flags": FLAGS[:3]}], None)
    ids = source_of(keras.Sequential([keras.Input((None,), dtype="int32", name="ids"), layers.Embedding(9, 2), layers.LSTM(2)]))
    assert given_inputs(ids, [np.array([1.0, 2.0])], None)[0]["ids"].dtype == np.int32
    with pytest.raises(TypeError, match="`ids` must be whole numbers of int32. Received: float64"):
        given_inputs(ids, [np.array([1.0, 2.5])], None)


def test_the_models_answers_come_from_one_trace_in_batches(two, monkeypatch):
    """Keras was called for every sample, step by step: 200 took a minute."""
    random, calls, call = np.random.default_rng(1), [], type(two).call
    samples = [
        {"series": random.normal(size=(1, 1 + place % 40, 2)).astype("float32"), "flags": FLAGS[place % 6][None]}
        for place in range(400)
    ]
    monkeypatch.setattr(type(two), "call", lambda self, values: calls.append(1) or call(self, values))
    found = expected_outputs(two, samples, None)
    assert len(calls) == 3  # the trace, and the shortest and the longest sample as Keras answers them
    for place in (0, 7, 199, 399):
        expected = call(two, [samples[place][name] for name in ("series", "flags")])
        np.testing.assert_allclose(found[place]["joined"], expected, atol=1e-5)


def test_a_network_that_knows_only_single_rows_is_asked_row_by_row():
    class Centred(layers.Layer):
        def call(self, x):
            return x - keras.ops.mean(x, axis=0, keepdims=True) + keras.ops.cast(keras.ops.shape(x)[0], "float32")

    inputs = keras.Input((4,), name="x")
    source = source_of(keras.Model(inputs, Centred(name="y")(inputs)))
    found = expected_outputs(source, [{"x": FLAGS[:1, [0, 1, 2, 0]]}, {"x": FLAGS[1:2, [0, 1, 2, 0]]}], None)
    np.testing.assert_allclose([of["y"][0] for of in found], np.ones((2, 4)))
    assert samples_module.BATCH > 2


def test_a_finished_file_is_run_on_some_of_many_samples():
    held = list(range(1, 2000, 31))
    places = to_check(2000, held)
    assert set(held) <= set(places) and len(places) <= MOST_CHECKED + len(held) and places[0] == 0 and places[-1] > 1980
    assert to_check(48, []) == list(range(48))
