"""Keras's own `model.export` of models with our layers: `PartitionedCall` made its ONNX file invalid without a word."""

import importlib.util

import keras
import numpy as np
import pytest

import seqzoo
from tests.export.onnx.test_export_onnx import gaps, series, session_of


def network_of_ours():
    stack = [seqzoo.LSTM(4, return_sequences=True), seqzoo.GRU(3, return_sequences=True), seqzoo.RNN(3, output_units=2)]
    return series(*stack, masked=True)


def test_onnx(tmp_path):
    network, x = network_of_ours(), gaps(7, 3)
    expected = network(x)
    network.export(str(tmp_path / "m.onnx"), format="onnx", verbose=False)
    session = session_of(tmp_path / "m.onnx")
    np.testing.assert_allclose(session.run(None, {session.get_inputs()[0].name: x})[0], expected, atol=1e-5)


@pytest.mark.skipif(importlib.util.find_spec("openvino") is None, reason="needs the package openvino")
def test_openvino(tmp_path):
    import openvino

    network, x = network_of_ours(), gaps(7, 3)
    expected = network(x)
    network.export(str(tmp_path / "m.xml"), format="openvino", verbose=False)
    compiled = openvino.compile_model(str(tmp_path / "m.xml"), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    np.testing.assert_allclose(compiled(x)[0], expected, atol=1e-5)


def test_a_stateful_layer_is_refused(tmp_path):
    """Its states were frozen into the file as they were."""
    network = keras.Sequential([keras.Input(batch_shape=(1, 2, 3)), seqzoo.LSTM(2, stateful=True)])
    network(np.zeros((1, 2, 3), "float32"))
    with pytest.raises(ValueError, match="ONNX keeps no state from call to call"):
        network.export(str(tmp_path / "m.onnx"), format="onnx", verbose=False)
    assert not (tmp_path / "m.onnx").exists()
