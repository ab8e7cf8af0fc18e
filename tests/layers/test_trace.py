import keras
import numpy as np
import pytest
from kinds import KINDS, layer_of
from reference import numpy_cells
from reference.inputs import BATCH, FEATURES, MASKS, TIME, UNITS, sequences, states

import seqzoo
from seqzoo.layers import GRUTrace, LSTMTrace, RNNTrace, recurrent


def assert_trace(trace, expected, tolerance=1e-6):
    assert set(trace._fields) == set(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(getattr(trace, name), values, atol=tolerance, rtol=0, err_msg=name)


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_equals_the_oracle(kind, backwards, mask):
    layer, step = layer_of(kind, go_backwards=backwards)
    x, mask, initial = sequences(), MASKS[mask], states(len(layer.state_size))
    trace = layer.trace(x, mask=mask, initial_state=initial)
    assert_trace(trace, numpy_cells.run(step, x, layer.get_weights(), initial, mask, backwards))


# Every mask without an option; with one, none, one that ends and one that has gaps.
CASES = [({}, mask) for mask in MASKS]
CASES += [
    ({option: True}, mask)
    for option in ("go_backwards", "unroll", "zero_output_for_mask")
    for mask in ("none", "right-padded", "scattered")
]


@pytest.mark.parametrize("options, mask", CASES)
@pytest.mark.parametrize("kind", KINDS)
def test_outputs_are_the_traced_states(kind, options, mask):
    layer, _ = layer_of(kind, return_sequences=True, return_state=True, **options)
    x, mask = sequences(), MASKS[mask]
    output, *last = layer(x, mask=mask)
    trace = layer.trace(x, mask=mask)
    backwards, zero = options.get("go_backwards", False), options.get("zero_output_for_mask", False)
    shown = numpy_cells.outputs(np.array(trace.hidden), mask, backwards, zero)
    np.testing.assert_allclose(output, shown, atol=1e-6)
    for name, state in zip(layer.cell.state_names, last, strict=True):
        np.testing.assert_allclose(state, getattr(trace, name)[:, -1], atol=1e-6)


def test_names_and_shapes():
    fields = {
        seqzoo.LSTM: (LSTMTrace, ("input", "forget", "candidate", "output", "cell", "hidden")),
        seqzoo.GRU: (GRUTrace, ("update", "reset", "candidate", "hidden")),
        seqzoo.RNN: (RNNTrace, ("hidden",)),
    }
    for layer_class, (trace_class, names) in fields.items():
        trace = layer_class(UNITS).trace(sequences())  # builds the layer
        assert type(trace) is trace_class and trace._fields == names
        assert {tuple(values.shape) for values in trace} == {(BATCH, TIME, UNITS)}


def test_takes_the_mask_that_the_sequences_carry():
    layer, step = layer_of("lstm")
    x = keras.layers.Embedding(5, FEATURES, mask_zero=True)(np.array([[1, 2, 0, 0], [3, 0, 4, 0]]))
    mask = np.array([[1, 1, 0, 0], [1, 0, 1, 0]], bool)
    assert_trace(layer.trace(x), numpy_cells.run(step, x, layer.get_weights(), mask=mask))


def test_reads_the_state_of_a_stateful_layer_and_leaves_it():
    layer, step = layer_of("gru", batch=BATCH, stateful=True)
    layer(sequences(1))
    stored = layer.states[0].numpy()
    trace = layer.trace(sequences(2))
    assert_trace(trace, numpy_cells.run(step, sequences(2), layer.get_weights(), [stored]))
    np.testing.assert_array_equal(layer.states[0], stored)


def test_shows_inference_without_dropout():
    layer, step = layer_of("lstm", dropout=0.5, recurrent_dropout=0.5)
    seed = layer.cell.seed_generator.state.numpy()
    assert_trace(layer.trace(sequences()), numpy_cells.run(step, sequences(), layer.get_weights()))
    np.testing.assert_array_equal(layer.cell.seed_generator.state, seed)


def test_shows_the_state_under_an_output_head():
    layer = seqzoo.RNN(UNITS, output_units=2, return_sequences=True)
    output = layer(sequences())
    trace = layer.trace(sequences())
    np.testing.assert_allclose(output, layer.cell.head(trace.hidden), atol=1e-6)


def test_mixed_precision():
    layer, step = layer_of("lstm", dtype="mixed_bfloat16")
    trace = layer.trace(sequences())
    assert {keras.backend.standardize_dtype(values.dtype) for values in trace} == {"bfloat16"}
    exact = numpy_cells.run(step, sequences(), layer.get_weights())
    floats = type(trace)(*(keras.ops.cast(values, "float32") for values in trace))
    assert_trace(floats, exact, tolerance=0.05)


def test_a_call_never_traces(monkeypatch):
    def fail(*_):
        raise AssertionError("a call paid for a trace")

    monkeypatch.setattr(recurrent, "trace_steps", fail)
    layer, _ = layer_of("lstm")
    layer(sequences())
    with pytest.raises(AssertionError, match="paid"):
        layer.trace(sequences())


def test_refuses_what_a_call_refuses():
    layer, _ = layer_of("lstm")
    with pytest.raises(ValueError, match=r"\[batch, time, features\].*Received: "):
        layer.trace(sequences()[0])
    with pytest.raises(ValueError, match=r"mask \[batch, time\].*Received: "):
        layer.trace(sequences(), mask=np.ones((BATCH, TIME + 1), bool))
