"""Traces against the NumPy equations, in every place where a model can hold a recurrent layer."""

import keras
import numpy as np
import pytest
from keras import ops

from seqzoo import LSTM, RNN
from seqzoo.insight import trace_gates
from tests import tiny
from tests.insight import networks
from tests.reference import numpy_cells as reference

STEPS = {"RNN": reference.rnn_step, "LSTM": reference.lstm_step, "GRU": reference.gru_step}
FIELDS = {
    "RNN": {"hidden"},
    "LSTM": {"input", "forget", "candidate", "output", "cell", "hidden"},
    "GRU": {"update", "reset", "candidate", "hidden"},
}


def check(trace, kind, cell, inputs, mask=None, backwards=False):
    expected = reference.run(STEPS[kind], inputs, [w.numpy() for w in cell.weights], None, mask, backwards)
    assert set(trace._fields) == FIELDS[kind]
    for name in trace._fields:
        value = np.flip(expected[name], axis=1) if backwards else expected[name]
        np.testing.assert_allclose(getattr(trace, name), value, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("kind", networks.KINDS)
def test_a_sequential_model(kind):
    model = networks.sequential(kind)
    x = networks.sequences()
    traces = trace_gates(model, x)
    assert list(traces) == ["only"]
    check(traces["only"], kind, model.layers[0].cell, x)
    assert traces.steps is None and traces.valid is None


@pytest.mark.parametrize("kind", networks.KINDS)
def test_stacked_layers_and_one_that_runs_backwards(kind):
    model = networks.stacked(kind)
    x = networks.sequences()
    traces = trace_gates(model, x)
    assert list(traces) == ["lower", "upper"]
    check(traces["lower"], kind, model.get_layer("lower").cell, x)
    check(traces["upper"], kind, model.get_layer("upper").cell, traces["lower"].hidden, backwards=True)


@pytest.mark.parametrize("kind", networks.KINDS)
def test_both_directions_under_a_mask(kind):
    model = networks.masked_bidirectional(kind)
    ids = networks.ids()
    traces = trace_gates(model, ids)
    assert list(traces) == ["forward_both", "backward_both", "last"]
    embedded, both = ops.convert_to_numpy(model.layers[0](ids)), model.layers[1]
    check(traces["forward_both"], kind, both.forward_layer.cell, embedded, ids != 0)
    check(traces["backward_both"], kind, both.backward_layer.cell, embedded, ids != 0, backwards=True)
    merged = ops.convert_to_numpy(both(embedded, mask=ops.convert_to_tensor(ids != 0)))
    check(traces["last"], kind, model.layers[2].cell, merged, ids != 0)
    np.testing.assert_array_equal(traces.valid, ids != 0)


def test_a_layer_with_a_head_passes_its_answers_on():
    inputs = keras.Input((None, networks.FEATURES))
    lower = RNN(5, output_units=2, output_activation="tanh", return_sequences=True, name="headed")
    model = networks.randomise(keras.Model(inputs, RNN(3, name="upper")(lower(inputs))))
    x = networks.sequences()
    traces = trace_gates(model, x)
    *weights, head, bias = [w.numpy() for w in lower.cell.weights]
    hidden = reference.run(reference.rnn_step, x, weights)["hidden"]
    np.testing.assert_allclose(traces["headed"].hidden, hidden, atol=1e-6)
    check(traces["upper"], "RNN", model.get_layer("upper").cell, np.tanh(hidden @ head + bias))


def test_a_cell_of_ours_in_the_layer_of_keras():
    model = networks.of_cell("LSTM")
    x = networks.sequences()
    check(trace_gates(model, x)["driven"], "LSTM", model.layers[0].cell, x)


def test_a_layer_that_runs_twice_is_there_twice():
    model = networks.subclassed("GRU")
    x = networks.sequences()
    traces = trace_gates(model, x)
    assert list(traces) == ["shared", "shared#2"]
    check(traces["shared"], "GRU", model.shared.cell, x)
    check(traces["shared#2"], "GRU", model.shared.cell, -x)


def test_a_layer_alone():
    layer = LSTM(3, name="alone")
    x = networks.sequences()
    layer(x)
    check(trace_gates(layer, x)["alone"], "LSTM", layer.cell, x)


def test_looking_changes_nothing():
    model = networks.sequential("LSTM")
    x = networks.sequences()
    before = model(x).numpy()
    trace_gates(model, x)
    np.testing.assert_allclose(model(x).numpy(), before, rtol=0, atol=1e-6)
    assert "inner_loop" not in vars(model.layers[0])


def test_a_failure_in_the_model_leaves_it_as_it_was():
    model = networks.sequential("LSTM")
    with pytest.raises(ValueError):
        trace_gates(model, np.zeros((2, 5, 9), "float32"))
    assert "inner_loop" not in vars(model.layers[0])


def test_stored_states_are_used_and_stay():
    layer = LSTM(4, stateful=True)
    model = keras.Sequential([keras.Input(batch_shape=(3, 6, 4)), layer])
    x = networks.sequences()
    model(x)
    stored = [state.numpy() for state in layer.states]
    trace = trace_gates(model, x)[layer.name]
    for state, before in zip(layer.states, stored, strict=True):
        np.testing.assert_array_equal(state.numpy(), before)
    weights = [w.numpy() for w in layer.cell.weights]
    expected = reference.run(reference.lstm_step, x, weights, stored)
    np.testing.assert_allclose(trace.cell, expected["cell"], atol=1e-6)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_text_classifier_names_its_words(bidirectional):
    model = tiny.model(cell="lstm", layers=2, bidirectional=bidirectional)
    texts = ["What a GREAT film!", "dull"]
    traces = trace_gates(model, texts)
    assert traces.steps == [("what", "a", "great", "film", "!"), ("dull",)]
    np.testing.assert_array_equal(traces.valid, [[1, 1, 1, 1, 1], [1, 0, 0, 0, 0]])
    names = ["lstm_0", "lstm_1"]
    if bidirectional:
        names = [f"{way}_{name}" for name in names for way in ("forward", "backward")]
    assert list(traces) == names
    layer = model.network.get_layer("bidirectional_0").forward_layer if bidirectional else None
    cell = (layer or model.network.get_layer("lstm_0")).cell
    ids = model.encode(texts)
    embedded = model.network.get_layer("embedding")(ids).numpy()
    check(traces[names[0]], "LSTM", cell, embedded, ids != 0 if bidirectional else None)


def test_what_is_cut_of_a_long_text_is_said():
    model = tiny.model()
    text = "first " + "great " * 15
    with pytest.warns(UserWarning, match="reads the last 12 of 16 words; the first 4 were cut, from 'first' to 'great'"):
        traces = trace_gates(model, [text])
    assert traces.steps == [("great",) * 12]
    assert traces["lstm_0"].cell.shape == (1, 12, 3)


@pytest.mark.parametrize("text", ["", " \n ", "...", "\U0001f600"])
def test_a_text_without_words_is_refused(text):
    with pytest.raises(ValueError, match=r"at least one word.*Received: .* at index 1"):
        trace_gates(tiny.model(), ["great", text])


def test_refusals():
    with pytest.raises(ValueError, match="at least one text. Received: an empty list"):
        trace_gates(tiny.model(), [])
    with pytest.raises(TypeError, match="wrap a single text in a list"):
        trace_gates(tiny.model(), "great")
    with pytest.raises(ValueError, match=r"needs a seqzoo RNN, LSTM or GRU. Received: a model of Dense.*Sequential"):
        trace_gates(keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)]), np.ones((1, 3)))
    with pytest.raises(TypeError, match="Received: list"):
        trace_gates([1], np.ones((1, 3)))


@pytest.mark.parametrize(
    ("layer", "advice"),
    [
        (keras.layers.LSTM(2, name="theirs"), "seqzoo.LSTM with the same arguments.*keras LSTM 'theirs'"),
        (keras.layers.SimpleRNN(2), "seqzoo.RNN with"),
        (keras.layers.Bidirectional(keras.layers.GRU(2)), "seqzoo.GRU with"),
        (keras.layers.RNN(keras.layers.StackedRNNCells([keras.layers.LSTMCell(2)])), "stack layers.*Received: keras RNN"),
    ],
)
def test_a_layer_that_is_not_ours_is_named_with_its_replacement(layer, advice):
    ours = RNN(3, return_sequences=True)
    model = keras.Sequential([keras.Input((None, 4)), ours, layer])
    with pytest.raises(ValueError, match=advice):
        trace_gates(model, networks.sequences())
