"""What people reported of recurrent networks on phones, one test for each report, its number in the name."""

import keras
import numpy as np
import pytest

from seqzoo.export import TFLiteRunner, export_tflite
from seqzoo.export.tflite.sidecar import read_sidecar

FEATURES = 3


def series(rows, seed=0, steps=7):
    return np.random.default_rng(seed).normal(size=(rows, steps, FEATURES)).astype("float32")


def network_of(layer, scale=1.0):
    keras.utils.set_random_seed(1)
    network = keras.Sequential([keras.Input((None, FEATURES), name="series"), layer, keras.layers.Dense(2)])
    random = np.random.default_rng(2)
    network.set_weights([random.normal(0, scale, w.shape) for w in network.get_weights()])
    return network


@pytest.fixture(scope="module")
def bidirectional(tmp_path_factory):
    """(network of Keras 3's own LSTM in both directions, its file for two rows a call)."""
    network = network_of(keras.layers.Bidirectional(keras.layers.LSTM(4)))
    return network, export_tflite(network, tmp_path_factory.mktemp("reported") / "both.tflite", batch_size=2)


def operators(path):
    return read_sidecar(path)["operators"]


def test_tensorflow_126061_an_lstm_of_keras_3_is_one_fused_operator(bidirectional):
    """tensorflow/tensorflow#126061: fused with Keras 2, a WHILE loop with Keras 3, from the same script."""
    found = operators(bidirectional[1])
    assert found["UNIDIRECTIONAL_SEQUENCE_LSTM"] == 2 and "WHILE" not in found


def test_litert_41_no_flex_operators(bidirectional):
    """google-ai-edge/LiteRT#41: any Keras LSTM needed Flex operators, which stock runtimes lack."""
    assert not [name for name in operators(bidirectional[1]) if name.startswith("Flex") or "TENSOR_LIST" in name.upper()]
    network, path = bidirectional
    np.testing.assert_allclose(TFLiteRunner(path)(series(2)), network(series(2)), atol=1e-5)  # its interpreter has no Flex


def test_tensorflow_47813_a_call_begins_afresh_without_a_reset(bidirectional):
    """tensorflow/tensorflow#47813: another answer at every invoke, unless reset_all_variables came before it."""
    from ai_edge_litert.interpreter import Interpreter

    network, path = bidirectional
    interpreter = Interpreter(model_path=str(path))  # the file alone, without our runner
    (given,) = interpreter.get_input_details()
    interpreter.resize_tensor_input(given["index"], series(2).shape)
    interpreter.allocate_tensors()
    (output,) = interpreter.get_output_details()
    for seed in (0, 1, 0):
        interpreter.set_tensor(given["index"], series(2, seed))
        interpreter.invoke()
        np.testing.assert_allclose(interpreter.get_tensor(output["index"]), network(series(2, seed)), atol=1e-5)


def test_tensorflow_46620_the_same_input_gives_the_same_output(bidirectional):
    """tensorflow/tensorflow#46620: a stack of LSTM layers answered one input in several ways."""
    runner = TFLiteRunner(bidirectional[1])
    first = runner(series(2))
    for _ in range(3):
        np.testing.assert_allclose(runner(series(2)), first, rtol=0, atol=1e-6)


def test_tensorflow_51561_every_row_of_a_batch_is_right(bidirectional):
    """tensorflow/tensorflow#51561: of a batch on a phone only the first row was right with a BiLSTM."""
    network, path = bidirectional
    for rows in (2, 4, 5):  # the file takes two a call
        np.testing.assert_allclose(TFLiteRunner(path)(series(rows)), network(series(rows)), atol=1e-5)


def test_tensorflow_87468_a_gru_in_8_bits_does_not_kill_python(tmp_path):
    """tensorflow/tensorflow#87468: quantizing a GRU, which is a loop, ended the process with a segmentation fault."""
    network, samples = network_of(keras.layers.GRU(4), 0.3), list(series(8, steps=70))
    with pytest.raises(ValueError, match="'compiled' has 8-bit products for every layer. Received: 'int8'"):
        export_tflite(network, tmp_path / "gru.tflite", quantization="int8", calibration=samples)
    path = export_tflite(network, tmp_path / "gru.tflite", "compiled", "int8", time_steps=70, calibration=samples)
    assert operators(path)["WHILE"] >= 1
    inputs = series(4, seed=1, steps=70)
    np.testing.assert_allclose(TFLiteRunner(path)(inputs), network(inputs), atol=0.05 * np.abs(network(inputs)).max())
