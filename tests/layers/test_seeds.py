"""The same global seed gives Keras's layers and ours the same initial weights."""

import keras
import numpy as np
import pytest
from reference.inputs import FEATURES, TIME

import seqzoo

PAIRS = {
    "rnn": (seqzoo.RNN, keras.layers.SimpleRNN),
    "lstm": (seqzoo.LSTM, keras.layers.LSTM),
    "gru": (seqzoo.GRU, keras.layers.GRU),
    "rnn cell": (seqzoo.RNNCell, keras.layers.SimpleRNNCell),
    "lstm cell": (seqzoo.LSTMCell, keras.layers.LSTMCell),
    "gru cell": (seqzoo.GRUCell, keras.layers.GRUCell),
}
OPTIONS = [{}, {"recurrent_initializer": "glorot_normal", "bias_initializer": "random_normal"}, {"dropout": 0.1}]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("name", PAIRS)
def test_initial_weights(name, options):
    found = []
    for of in PAIRS[name]:
        keras.utils.set_random_seed(7)
        first, second = (of(units, **options) for units in (5, 3))  # the second shows what the first has drawn
        for layer in (first, second):
            layer.build((2, FEATURES) if "cell" in name else (2, TIME, FEATURES))
        after = keras.ops.convert_to_numpy(keras.random.normal([3]))
        found.append([*first.get_weights(), *second.get_weights(), after])
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru"])
def test_float64_is_computed_in_float64(name):
    if keras.backend.backend() == "jax":
        pytest.skip("Keras's tanh turns float64 to float32 under JAX")
    x = np.random.default_rng(0).normal(size=(3, TIME, FEATURES))
    layer = PAIRS[name][0](6, dtype="float64")
    layer.build(x.shape)
    steps = keras.ops.convert_to_numpy(layer(x))
    from reference import numpy_cells

    step = {"rnn": numpy_cells.rnn_step, "lstm": numpy_cells.lstm_step, "gru": numpy_cells.gru_step}[name]
    expected = numpy_cells.run(step, x, layer.get_weights())["hidden"][:, -1]
    np.testing.assert_allclose(steps, expected, rtol=0, atol=1e-15)
