"""Gradients in float64 against central differences of the NumPy oracle."""

import keras
import numpy as np
import pytest
from autodiff import gradients
from keras import ops
from kinds import KINDS, layer_of
from reference import numpy_cells
from reference.inputs import BATCH, MASKS, TIME, UNITS, sequences, states

STEP, DIRECTIONS = 1e-5, 4
# Whatever it is given, Keras's tanh computes in float32 under JAX.
TOLERANCE = 1e-3 if keras.backend.backend() == "jax" else 1e-6


def assert_gradients(found, loss, arguments):
    """`found` are the gradients of `loss`, a NumPy function, at `arguments`, in as many random directions."""
    rng = np.random.default_rng(3)
    assert len(found) == len(arguments)
    for k, gradient in enumerate(found):
        for _ in range(DIRECTIONS):
            direction = rng.normal(size=arguments[k].shape)
            ahead, behind = (
                loss([a + step * direction if i == k else a for i, a in enumerate(arguments)]) for step in (STEP, -STEP)
            )
            expected = (ahead - behind) / (2 * STEP)
            slope = np.sum(gradient * direction)
            np.testing.assert_allclose(slope, expected, rtol=TOLERANCE, atol=TOLERANCE / 100)


# Each direction without a mask and with one that begins, ends and has gaps; what else masks do is one piece of code for both. It
# is one for all kinds, too: the LSTM meets every mask.
CASES = [(kind, *of) for kind in KINDS for of in ((False, "none"), (False, "scattered"), (True, "scattered"))]
CASES += [("lstm", False, "left-padded"), ("lstm", False, "empty row"), ("lstm", True, "none")]


@pytest.mark.parametrize("kind, backwards, mask", CASES)
def test_gradients_of_weights_inputs_and_states(kind, backwards, mask):
    layer, step = layer_of(kind, dtype="float64", return_sequences=True, go_backwards=backwards)
    mask = MASKS[mask]
    weighting = np.random.default_rng(4).normal(size=(BATCH, TIME, UNITS))
    inputs = [sequences(dtype="float64"), *states(len(layer.state_size), dtype="float64")]

    def loss(layer, inputs):
        return ops.sum(ops.convert_to_tensor(weighting) * layer(inputs[0], initial_state=inputs[1:], mask=mask))

    def expected_loss(arguments):
        kernel, recurrent_kernel, bias, x, *initial = arguments
        weights = [kernel, recurrent_kernel, bias]
        hidden = numpy_cells.run(step, x, weights, initial, mask, backwards)["hidden"]
        return np.sum(weighting * numpy_cells.outputs(hidden, mask, backwards))

    value, found = gradients(layer, loss, inputs)
    arguments = [*layer.get_weights(), *inputs]
    np.testing.assert_allclose(value, expected_loss(arguments), rtol=TOLERANCE)
    assert_gradients(found, expected_loss, arguments)


def test_gradients_of_the_output_head():
    layer, _ = layer_of("rnn", dtype="float64", output_units=2, output_activation="sigmoid")
    x = sequences(dtype="float64")

    def expected_loss(arguments):
        *weights, kernel, bias, x = arguments
        hidden = numpy_cells.run(numpy_cells.rnn_step, x, weights)["hidden"][:, -1]
        return np.sum(numpy_cells.sigmoid(hidden @ kernel + bias) ** 2)

    _, found = gradients(layer, lambda layer, inputs: ops.sum(layer(inputs[0]) ** 2), [x])
    assert_gradients(found, expected_loss, [*layer.get_weights(), x])
