"""What people asked of looking inside, one test for each report, its number in the name."""

import keras
import networks
import numpy as np

from seqzoo.insight import trace_gates


def test_keras_7834_the_gates_of_a_layer_inside_a_trained_model():
    """keras-team/keras#7834: the four gates at each step while the model predicts, not those of a layer alone."""
    network, x = networks.stacked("LSTM"), networks.sequences()
    traces = trace_gates(network, x)
    assert list(traces) == ["lower", "upper"]
    for name, units in (("lower", 5), ("upper", 3)):
        for gate in ("input", "forget", "candidate", "output"):
            assert getattr(traces[name], gate).shape == (networks.BATCH, networks.TIME, units)
    # They are those of this prediction: the states that they lead to are what the layers gave.
    lower = keras.Model(network.inputs, network.get_layer("lower").output[0])
    trace = traces["lower"]
    np.testing.assert_allclose(trace.hidden, lower.predict(x, verbose=0), atol=1e-6)
    np.testing.assert_allclose(trace.hidden, trace.output * np.tanh(trace.cell), atol=1e-6)
