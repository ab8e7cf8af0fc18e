"""What people reported or asked of recurrent layers, one test for each report, its number in the name."""

import keras
import numpy as np
import pytest
from keras.src.backend import get_keras_mask
from kinds import KINDS, layer_of
from next_keras import WAYS, end_masks
from reference import numpy_cells
from reference.inputs import BATCH, TIME, random_weights, sequences

import seqzoo

PADDED = np.array([[1, 2, 3, 0, 0], [4, 2, 0, 0, 0], [3, 1, 4, 1, 2]])


def test_keras_1204_the_inner_gates_can_be_read():
    """keras-team/keras#1204: is there a way to the input, output and forget gates of an LSTM?"""
    layer, step = layer_of("lstm")
    expected = numpy_cells.run(step, sequences(), layer.get_weights())
    gates = layer.cell.gates(sequences()[:, 0], layer.get_initial_state(BATCH))
    for name in ("input", "forget", "output"):
        np.testing.assert_allclose(getattr(gates, name), expected[name][:, 0], atol=1e-6)


def test_keras_9493_cell_states_and_forget_gates_of_every_step():
    """keras-team/keras#9493: cell states and forget gates of every time step, where Keras gives the last state."""
    layer, step = layer_of("lstm", return_sequences=True, return_state=True)
    trace = layer.trace(sequences())
    expected = numpy_cells.run(step, sequences(), layer.get_weights())
    np.testing.assert_allclose(trace.cell, expected["cell"], atol=1e-6)
    np.testing.assert_allclose(trace.forget, expected["forget"], atol=1e-6)
    outputs, _, last = layer(sequences())
    np.testing.assert_allclose(trace.hidden, outputs, atol=1e-6)
    np.testing.assert_allclose(trace.cell[:, -1], last, atol=1e-6)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_keras_23228_a_mask_reaches_the_second_layer(kind, way, monkeypatch):
    """keras-team/keras#23228, whose answer #23235 ends masks at keras.layers.RNN: ours hand them on."""
    end_masks(monkeypatch, way)
    layer_class, own, _ = KINDS[kind]
    embedding = keras.layers.Embedding(5, 4, mask_zero=True)
    layers = [layer_class(3, return_sequences=True, **own), layer_class(3, **own)]
    network = keras.Sequential([embedding, *layers])
    network(PADDED)
    network.set_weights(random_weights(network))
    # What stands in the padding must not matter: in the batch a row gives what it gives alone, without any.
    for row in PADDED:
        np.testing.assert_allclose(network(row[None])[0], network(row[row > 0][None])[0], atol=1e-6)
    assert get_keras_mask(keras.layers.SimpleRNN(3, return_sequences=True)(embedding(PADDED))) is None, "as reported"


def test_keras_4192_padding_may_lie_anywhere_for_both_directions():
    """keras-team/keras#4192: the backward states of a Bidirectional changed with the place of the padding."""
    network = keras.Sequential(
        [keras.layers.Embedding(5, 4, mask_zero=True), keras.layers.Bidirectional(seqzoo.RNN(3, return_state=True))]
    )
    network(PADDED)
    network.set_weights(random_weights(network))
    for in_front in ([0, 0, 1, 2, 3], [0, 1, 2, 0, 3]):
        for a, b in zip(network(np.array([[1, 2, 3, 0, 0]])), network(np.array([in_front])), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6)


def test_keras_22037_a_mask_of_another_length_is_refused():
    """keras-team/keras#22037: a mask of more steps than the sequences have was taken without a word."""
    layer, _ = layer_of("lstm")
    with pytest.raises(ValueError, match=rf"mask \[batch, time\].*Received: shape \({BATCH}, {TIME + 1}\)"):
        layer(sequences(), mask=np.ones((BATCH, TIME + 1), bool))
