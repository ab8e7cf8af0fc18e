"""Any cell, layer and call of one: shared layers, cells of one's own, convolutions over time; in every form."""

import keras
import numpy as np
import pytest

from seqzoo.export import TFLiteRunner, export_tflite
from tests.export.tflite.networks import spread

layers = keras.layers
pytestmark = pytest.mark.usefixtures("in_process")


def normal(*shape, seed=5):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


@keras.saving.register_keras_serializable(package="tests")
class ProjectedCell(keras.layers.Layer):
    """An LSTM with a projection (Sak et al. 2014): its output is as wide as neither state, its first state is the cell's."""

    state_size, output_size = [5, 2], 3

    def build(self, shape):
        self.mix = self.add_weight(shape=(shape[-1] + 2, 20), name="mix")
        self.projection = self.add_weight(shape=(5, 2), name="projection")
        self.read = self.add_weight(shape=(2, 3), name="read")

    def call(self, inputs, states):
        cell, projected = states
        gates = keras.ops.concatenate([inputs, projected], -1) @ self.mix
        i, f, c, o = keras.ops.split(gates, 4, axis=-1)
        cell = keras.ops.sigmoid(f) * cell + keras.ops.sigmoid(i) * keras.ops.tanh(c)
        projected = (keras.ops.sigmoid(o) * keras.ops.tanh(cell)) @ self.projection
        return projected @ self.read, [cell, projected]


def any_cells(time, convolutions=True):
    """(a network of cells without a fused operator, what to feed it for a number of steps)."""
    series, pictures = keras.Input((time, 3), name="series"), keras.Input((time, 4, 4, 1), name="pictures")
    lines = layers.Reshape((-1, 4, 4))(pictures) if time is None else layers.Reshape((time, 4, 4))(pictures)
    outputs = [
        layers.RNN(ProjectedCell(), return_sequences=True, name="projected")(series),
        layers.RNN([layers.LSTMCell(3), ProjectedCell(), layers.GRUCell(2)], name="stacked")(series),
        layers.Bidirectional(layers.RNN(ProjectedCell()), name="both")(series),
    ]
    if convolutions:
        outputs += [
            layers.ConvLSTM2D(2, 3, padding="same", name="conv_2d")(pictures),
            layers.ConvLSTM1D(2, 2, return_sequences=True, go_backwards=True, name="conv_1d")(lines),
        ]
    else:
        outputs.append(layers.GlobalMaxPooling3D(name="pooled")(pictures))
    network = spread(keras.Model([series, pictures], outputs), 0.6)
    return network, lambda steps: [normal(2, steps, 3), normal(2, steps, 4, 4, 1)]


@pytest.mark.parametrize(
    ("target", "time", "form", "found", "lengths"),
    [
        ("interpreter", None, "loop", "loop", (1, 6)),
        ("compiled", 6, None, "unrolled", (6,)),  # the model says how many steps there are: nobody need repeat it
        pytest.param("compiled", 66, None, "loop", (66,), marks=pytest.mark.slow),
    ],
)
def test_cells_without_a_fused_operator(folder, target, time, form, found, lengths):
    network, feed = any_cells(time, convolutions=time != 66)  # these cost seconds in Keras's own loop
    sample = dict(zip(("series", "pictures"), (part[0] for part in feed(lengths[-1])), strict=True))
    path = export_tflite(network, folder / f"any_{time}.tflite", target, form=form, calibration=[sample])
    runner = TFLiteRunner(path)
    assert runner.sidecar["form"] == found and runner.sidecar["time_steps"] is None
    assert [spec["shape"][1] for spec in runner.sidecar["inputs"]] == [time, time]
    for steps in lengths:
        for name, answer, expected in zip(network.output_names, runner(feed(steps)).values(), network(feed(steps)), strict=True):
            np.testing.assert_allclose(answer, expected, atol=2e-5, err_msg=name)
    if time is None:
        with pytest.raises(ValueError, match="steps a ProjectedCell.*form='loop' steps it.*Received: target 'interpreter'"):
            export_tflite(network, folder / "none.tflite")


def test_calls_and_not_layers_are_counted(folder):
    """A siamese net, one LSTM twice on its own output, an LSTM for each sentence: 6 calls of 4 layers, all fused."""
    left, right = keras.Input((None, 3), name="left"), keras.Input((None, 3), name="right")
    sentences = keras.Input((4, 5, 2), name="sentences")
    shared, again = layers.LSTM(4, name="shared"), layers.LSTM(3, return_sequences=True, name="again")
    distance = layers.Subtract(name="distance")([shared(left), shared(right)])
    twice = again(again(left))
    read = layers.LSTM(3, name="text")(layers.TimeDistributed(layers.LSTM(2, name="sentence"))(sentences))
    network = spread(keras.Model([left, right, sentences], [distance, twice, read]))
    runner = TFLiteRunner(export_tflite(network, folder / "shared.tflite"))
    assert (runner.sidecar["form"], runner.sidecar["operators"]["UNIDIRECTIONAL_SEQUENCE_LSTM"]) == ("fused", 6)
    feed = [normal(3, 7, 3), normal(3, 7, 3, seed=6), normal(3, 4, 5, 2)]
    for answer, expected in zip(runner(feed).values(), network(feed), strict=True):
        np.testing.assert_allclose(answer, expected, atol=1e-5)
    open_time = keras.Input((None, 5, 2), name="sentences")
    network = keras.Model(open_time, layers.LSTM(3)(layers.TimeDistributed(layers.LSTM(2))(open_time)))
    with pytest.raises(ValueError, match="once for each step of another sequence.*`time_steps`. Received: any length"):
        export_tflite(network, folder / "none.tflite")


def test_known_steps_of_a_gru_are_written_out_on_the_interpreter_too(folder):
    network = spread(keras.Sequential([keras.Input((24, 8)), layers.GRU(4)]))
    runner = TFLiteRunner(export_tflite(network, folder / "known.tflite"))
    assert runner.sidecar["form"] == "unrolled" and "WHILE" not in runner.sidecar["operators"]
    x = normal(2, 24, 8)
    np.testing.assert_allclose(runner(x), network(x), atol=1e-5)


def test_several_maskings_with_values_of_their_own(folder):
    """The samples of the check hid steps by the first layer's value alone."""
    from seqzoo.export.tflite.padding import padded
    from seqzoo.export.tflite.samples import sample_inputs
    from seqzoo.export.tflite.source import source_of

    a, b = keras.Input((None, 2), name="a"), keras.Input((None, 2), name="b")
    x = layers.LSTM(3, name="one")(layers.Masking(-1.0)(a))
    y = layers.LSTM(3, name="two")(layers.Masking(5.0)(b))
    z = layers.LSTM(3, name="three")(layers.Masking(2.0)(layers.Rescaling(2.0)(b)))
    network = spread(keras.Model([a, b], [x, y, z]))
    source = source_of(network)
    samples = padded(source, sample_inputs(source, 10))
    hidden = [{name: float(np.ravel(sample[name][0, -1])[0]) for name in "ab"} for sample in samples[::3]]
    assert hidden == [{"a": -1, "b": 5}, {"a": 2, "b": 2}]
    runner = TFLiteRunner(export_tflite(network, folder / "masks.tflite"))
    feed = [normal(2, 8, 2), normal(2, 8, 2, seed=6)]
    feed[0][0, 2:4], feed[1][0, 5:], feed[1][1, :3] = -1, 5, 1
    for answer, expected in zip(runner(feed).values(), network(feed), strict=True):
        np.testing.assert_allclose(answer, expected, atol=1e-5)
