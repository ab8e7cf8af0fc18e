"""Convolutions with 8-bit weights, a scale for every output channel."""

import keras
import numpy as np
import pytest

from seqzoo.export import TFLiteRunner, export_tflite
from seqzoo.export.tflite.flatbuffer import Graph
from seqzoo.export.tflite.sidecar import read_sidecar
from seqzoo.export.tflite.source import source_of
from seqzoo.export.tflite.trace import convert
from seqzoo.export.tflite.weights import CHANNELS, SMALLEST

layers = keras.layers


def crnn():
    """As for reading lines of text: convolutions over an image, then a recurrent layer over its columns. One channel of the
    first is nearly nothing, which a scale for all of them would lose.
    """
    keras.utils.set_random_seed(1)
    image = keras.Input((16, 32, 1), name="image")
    x = layers.Conv2D(16, 3, padding="same", activation="relu", name="first")(image)
    x = layers.MaxPooling2D(2)(x)
    x = layers.BatchNormalization()(layers.Conv2D(48, 3, padding="same", activation="relu")(x))
    x = layers.MaxPooling2D(2)(x)
    x = layers.DepthwiseConv2D(5, padding="same", activation="relu")(x)
    x = layers.SeparableConv2D(64, 3, padding="same", activation="relu")(x)
    x = layers.Reshape((8, 4 * 64))(layers.Permute((2, 1, 3))(x))
    x = layers.Conv1D(64, 3, padding="causal", activation="relu")(x)
    x = layers.Bidirectional(layers.LSTM(24, return_sequences=True))(x)
    network = keras.Model(image, layers.Dense(11, activation="softmax", name="letters")(x), name="crnn")
    for layer in network.layers:  # an untrained network hardly tells one image from another
        if isinstance(layer, (layers.Conv2D, layers.DepthwiseConv2D, layers.SeparableConv2D, layers.Conv1D, layers.Dense)):
            found = keras.Model(image, layer.output if layer.name != "letters" else layer.input)(images(8, 3)).numpy()
            found = found @ layer.kernel.numpy() if layer.name == "letters" else found
            first, *rest = layer.get_weights()
            spread = found.std(axis=tuple(range(found.ndim - 1))).mean() * (2.5 if layer.name == "letters" else 1)
            layer.set_weights([first / spread, *rest])
    kernel, bias = network.get_layer("first").get_weights()
    kernel[..., 0] *= 1e-12
    bias[0] = 1.0
    network.get_layer("first").set_weights([kernel, bias])
    return network


def images(count, seed):
    random = np.random.default_rng(seed)
    coarse = random.uniform(0, 1, (count, 2, 8)) ** 3  # patches, light and dark
    return np.kron(coarse, np.ones((8, 4)))[..., None].astype("float32")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    network, folder = crnn(), tmp_path_factory.mktemp("crnn")
    samples = list(images(48, 0))
    return network, {
        quantization: export_tflite(network, folder / f"{quantization}.tflite", quantization=quantization, calibration=samples)
        for quantization in (None, "dynamic", "int8")
    }


def weights_of(path):
    graph = Graph(path.read_bytes())
    found = [operator for operator in graph.operators if graph.name(operator) in CHANNELS]
    return [(graph.name(operator), graph.tensor(int(operator.inputs[1])), operator) for operator in found], graph


@pytest.mark.parametrize("quantization", ["dynamic", "int8"])
def test_a_crnn_is_small_and_stays_with_its_model(files, quantization):
    """312,796 bytes became 142,192 and not 8-bit: every convolution had stayed float."""
    network, paths = files
    path, sidecar = paths[quantization], read_sidecar(paths[quantization])
    assert path.stat().st_size < 0.36 * paths[None].stat().st_size
    assert sidecar["int8_share"] > 0.98 and "int8_share" not in read_sidecar(paths[None])
    fresh = images(8, 7)
    expected = network.predict(fresh, verbose=0)
    found = TFLiteRunner(path)(fresh)
    assert np.abs(expected[0] - expected[1]).max() > 0.1
    np.testing.assert_allclose(found, expected, atol=sidecar["tolerance"])


@pytest.mark.parametrize("quantization", ["dynamic", "int8"])
def test_every_channel_has_a_scale(files, quantization):
    operators, graph = weights_of(files[1][quantization])
    assert {name for name, *_ in operators} == {"CONV_2D", "DEPTHWISE_CONV_2D"} and len(operators) == 6
    for name, tensor, operator in operators:
        axis = CHANNELS[name]
        small = quantization == "dynamic" and np.prod(tensor.shape) < SMALLEST
        assert graph.dtype(int(operator.inputs[1])) == ("float32" if small else "int8")
        if not small:
            assert len(tensor.quantization.scale) == tensor.shape[axis] and tensor.quantization.quantizedDimension == axis
        if quantization == "int8":
            assert (
                np.abs(graph.constant(int(operator.inputs[2])).astype(np.float64)).max() <= 2**30
            )  # the channel of nearly nothing
            bias = graph.tensor(int(operator.inputs[2])).quantization
            source = graph.tensor(int(operator.inputs[0])).quantization.scale[0]
            np.testing.assert_allclose(bias.scale, source * np.asarray(tensor.quantization.scale), rtol=1e-5)


def test_a_convolution_over_time_is_one_too(tmp_path):
    network = keras.Sequential([keras.Input((None, 12), name="x"), layers.Conv1D(40, 3, activation="relu"), layers.LSTM(8)])
    content, *_ = convert(source_of(network), "fused", 1, None)
    assert Graph(content).count_operators()["CONV_2D"] == 1
    x = np.random.default_rng(0).normal(size=(48, 9, 12)).astype("float32")
    path = export_tflite(network, tmp_path / "time.tflite", quantization="int8", calibration=x)
    assert read_sidecar(path)["int8_share"] > 0.95
    longer = np.random.default_rng(1).normal(size=(4, 20, 12)).astype("float32")
    np.testing.assert_allclose(TFLiteRunner(path)(longer), network.predict(longer, verbose=0), atol=0.04)
