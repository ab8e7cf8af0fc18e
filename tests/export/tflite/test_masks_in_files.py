"""Every mask, in every form: padding behind, in front, gaps, rows without a valid step."""

import keras
import numpy as np
import pytest

import seqzoo
from seqzoo.export.tflite import patches
from seqzoo.export.tflite.flatbuffer import Graph
from seqzoo.export.tflite.source import source_of
from seqzoo.export.tflite.trace import convert
from tests.export.tflite.files import answers_of

STEPS = 6
ROWS = np.array(
    [
        [1, 1, 1, 1, 1, 1],
        [1, 1, 1, 0, 0, 0],  # behind
        [0, 0, 0, 1, 1, 1],  # in front, as keras.utils.pad_sequences does
        [1, 0, 0, 1, 1, 0],  # gaps
        [0, 0, 1, 0, 0, 0],
        [0, 0, 0, 0, 0, 0],
    ]
)


class TwoStates(keras.layers.Layer):
    """A cell of one's own: its output is neither of its states, which differ in size."""

    state_size, output_size = [3, 2], 4

    def build(self, shape):
        self.mix = self.add_weight(shape=(shape[-1] + 5, 9), initializer="glorot_uniform", name="mix")

    def call(self, inputs, states):
        mixed = keras.ops.tanh(keras.ops.concatenate([inputs, *states], -1) @ self.mix)
        return mixed[:, 5:], [mixed[:, :3], mixed[:, 3:5]]


def layers_of(form):
    """Layers whose answers are compared, by name: all that a form can hold."""
    keras_layers, many = keras.layers, {"return_sequences": True}
    found = {
        "last": keras_layers.LSTM(4),
        "every": keras_layers.LSTM(4, **many),
        "backwards": seqzoo.LSTM(4, go_backwards=True),
        "every_backwards": keras_layers.LSTM(4, go_backwards=True, **many),
        "zeros": keras_layers.LSTM(4, zero_output_for_mask=True, **many),
        "zeros_backwards": keras_layers.LSTM(4, go_backwards=True, zero_output_for_mask=True, **many),
        "last_zero": keras_layers.LSTM(4, zero_output_for_mask=True),
        "rnn": keras_layers.SimpleRNN(4, dropout=0.3, recurrent_dropout=0.3, **many),
        "head": seqzoo.RNN(4, output_units=3, bias_initializer="ones", **many),
        "head_last": seqzoo.RNN(4, output_units=3, output_activation="sigmoid", go_backwards=True),
        "both": keras_layers.Bidirectional(keras_layers.LSTM(3, **many), merge_mode="sum"),
    }
    if form != "fused":
        found |= {
            "gru": keras_layers.GRU(4, **many),
            "own": keras_layers.RNN(TwoStates(), go_backwards=True, **many),
            "own_last": keras_layers.RNN(TwoStates()),
            "stacked": keras_layers.RNN([keras_layers.LSTMCell(3), keras_layers.GRUCell(4)], **many),
        }
    return found


@pytest.fixture(scope="module", params=["fused", "loop", pytest.param("unrolled", marks=pytest.mark.slow)])
def file(request):
    """(network, answers to a batch of ids by output's name, from a file that is run row by row)."""
    keras.utils.set_random_seed(3)
    ids, form = keras.Input((None,), dtype="int32", name="ids"), request.param
    x = keras.layers.Embedding(30, 5, mask_zero=True, embeddings_initializer="normal")(ids)
    layers = layers_of(form)
    for name, layer in layers.items():
        layer.name = name
    network = keras.Model(ids, [layer(x) for layer in layers.values()])
    random = np.random.default_rng(0)
    network.set_weights([random.normal(0, 0.8, w.shape) for w in network.get_weights()])
    source = source_of(network)
    content, form, fused = convert(source, form, 1, STEPS if form == "unrolled" else None)
    graph = Graph(content)
    patches.fuse(graph)
    patches.make_stateless(graph)
    assert sum(graph.count_operators()[name] for name in (patches.LSTM, patches.RNN)) == fused == 12 * (form == "fused")
    return network, answers_of(graph)


def test_every_mask_is_that_of_keras(file):
    network, answer = file
    ids = np.random.default_rng(1).integers(1, 30, ROWS.shape) * ROWS
    expected = dict(zip(network.output_names, network(ids.astype("int32")), strict=True))
    assert len({np.asarray(expected["last"])[row].tobytes() for row in range(len(ids))}) == len(ids)
    for row, one in enumerate(ids.astype("int32")):
        received = answer({"ids": one[None]})
        for name, values in expected.items():
            np.testing.assert_allclose(received[name][0], values[row], atol=2e-6, err_msg=f"{name}, row {row}: {one}")
