"""A mask that a layer upstream attached reaches the loop and goes on downstream, however the call is made."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras.src.backend import get_keras_mask
from kinds import KINDS, layer_of
from reference import numpy_cells
from reference.inputs import BATCH, FEATURES, TIME, UNITS, sequences, states

IDS = np.array([[1, 2, 3, 0, 0], [4, 0, 2, 0, 1], [0, 0, 0, 0, 0]])


def embedded():
    return keras.layers.Embedding(5, FEATURES, mask_zero=True)


def expected(layer, step, x, initial=None):
    trace = numpy_cells.run(step, x, layer.get_weights(), initial, mask=IDS != 0)
    return numpy_cells.outputs(trace["hidden"], mask=IDS != 0)


@pytest.mark.parametrize("kind", KINDS)
def test_mask_of_the_input_survives_initial_state(kind):
    """Keras drops it here: it hands a layer a mask only when that is called with one tensor."""
    layer, step = layer_of(kind, return_sequences=True)
    x, initial = embedded()(IDS), states(len(layer.state_size))
    output = layer(x, initial_state=initial)
    np.testing.assert_allclose(output, expected(layer, step, x, initial), atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_mask_survives_initial_state_in_a_functional_model(kind):
    layer, step = layer_of(kind, return_sequences=True)
    ids = keras.Input([TIME], dtype="int32")
    given_states = [keras.Input([UNITS]) for _ in layer.state_size]
    embedding = embedded()
    model = keras.Model([ids, *given_states], layer(embedding(ids), initial_state=given_states))
    initial = states(len(layer.state_size))
    output = model.predict([IDS, *initial], verbose=0)
    np.testing.assert_allclose(output, expected(layer, step, embedding(IDS), initial), atol=1e-6)


def test_mask_survives_initial_state_inside_bidirectional():
    layer = keras.layers.Bidirectional(layer_of("lstm", return_sequences=True)[0])
    x, initial = embedded()(IDS), states(4)
    mask = keras.ops.convert_to_tensor(IDS != 0)
    np.testing.assert_allclose(layer(x, initial_state=initial), layer(x, initial_state=initial, mask=mask), rtol=0, atol=1e-6)
    assert not np.allclose(layer(x, initial_state=initial), layer(np.array(x), initial_state=initial))


@pytest.mark.parametrize("kind", KINDS)
def test_mask_goes_on_downstream(kind):
    sequence_layer, _ = layer_of(kind, return_sequences=True)
    x = embedded()(IDS)
    for output in (
        sequence_layer(x),
        sequence_layer(x, initial_state=states(len(sequence_layer.state_size))),
    ):
        np.testing.assert_array_equal(get_keras_mask(output), IDS != 0)
    # One output for the whole sequence has no time steps left to mask.
    assert get_keras_mask(layer_of(kind)[0](x)) is None


def test_a_given_mask_goes_before_the_attached_one():
    layer, _ = layer_of("lstm")
    x = embedded()(IDS)
    everything = np.ones(IDS.shape, bool)
    np.testing.assert_allclose(layer(x, mask=everything), layer(np.array(x)), atol=1e-6)


@pytest.mark.parametrize("dtype", ["bool", "int32", "float32"])
def test_mask_of_any_dtype(dtype):
    layer, _ = layer_of("gru")
    np.testing.assert_allclose(
        layer(sequences(), mask=(IDS != 0).astype(dtype)), layer(sequences(), mask=IDS != 0), rtol=0, atol=1e-6
    )


@pytest.mark.parametrize("options", [{}, {"zero_output_for_mask": True}, {"go_backwards": True}, {"unroll": True}])
def test_head_shows_no_y_before_the_first_step(options):
    options = {"return_sequences": True, **options}
    layer, step = layer_of("rnn", output_units=2, output_activation="sigmoid", **options)
    *weights, kernel, bias = layer.get_weights()
    backwards, zero = options.get("go_backwards", False), options.get("zero_output_for_mask", False)
    for mask in (IDS != 0, IDS == 0, None):
        trace = numpy_cells.run(step, sequences(), weights, mask=mask, backwards=backwards)
        y = numpy_cells.outputs(numpy_cells.sigmoid(trace["hidden"] @ kernel + bias), mask, backwards, zero)
        layer.return_sequences = True
        np.testing.assert_allclose(layer(sequences(), mask=mask), y, atol=1e-6)
        layer.return_sequences = False
        np.testing.assert_allclose(layer(sequences(), mask=mask), y[:, -1], atol=1e-6)


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="its keras.layers.RNN repeats the state, not y")
@pytest.mark.parametrize("zero", [False, True])
def test_head_stepped_by_keras_shows_the_same(zero):
    options = {"return_sequences": True, "zero_output_for_mask": zero}
    layer, _ = layer_of("rnn", output_units=2, output_activation="sigmoid", **options)
    stepped = keras.layers.RNN(layer.cell, **options)
    for mask in (IDS != 0, IDS == 0, None):
        np.testing.assert_allclose(layer(sequences(), mask=mask), stepped(sequences(), mask=mask), atol=1e-6)


@settings(max_examples=12, deadline=None)
@given(
    mask=st.lists(st.lists(st.booleans(), min_size=TIME, max_size=TIME), min_size=BATCH, max_size=BATCH),
    backwards=st.booleans(),
    zero=st.booleans(),
    kind=st.sampled_from(list(KINDS)),
)
def test_any_mask_equals_the_oracle(mask, backwards, zero, kind):
    options = {"go_backwards": backwards, "zero_output_for_mask": zero, "return_sequences": True}
    layer, step = layer_of(kind, **options)
    mask, x = np.array(mask), sequences()
    trace = numpy_cells.run(step, x, layer.get_weights(), mask=mask, backwards=backwards)
    shown = numpy_cells.outputs(trace["hidden"], mask, backwards, zero)
    np.testing.assert_allclose(layer(x, mask=mask), shown, atol=1e-6)
