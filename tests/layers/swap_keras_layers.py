"""A pytest plugin that puts seqzoo's classes where Keras's own tests look for Keras's."""

from collections import Counter

import keras
import keras.src.layers
import pytest
from keras.src.testing import TestCase

import seqzoo
from seqzoo.cells.base import RecurrentCell
from seqzoo.kernels import compiled

_OURS = {
    "SimpleRNN": seqzoo.RNN,
    "SimpleRNNCell": seqzoo.RNNCell,
    "LSTM": seqzoo.LSTM,
    "LSTMCell": seqzoo.LSTMCell,
    "GRU": seqzoo.GRU,
    "GRUCell": seqzoo.GRUCell,
}
_made = Counter()


def pytest_configure(config):
    # Keras's own configuration, which names this marker, is not in its wheel.
    config.addinivalue_line("markers", "requires_trainable_backend: needs gradients, which TensorFlow has")
    for name, ours in _OURS.items():
        setattr(keras.src.layers, name, ours)
    initialize = RecurrentCell.__init__

    def counting(self, *args, **kwargs):
        _made[type(self).__name__] += 1
        initialize(self, *args, **kwargs)

    RecurrentCell.__init__ = counting
    check = TestCase.run_layer_test

    def ours_alone(self, layer_class, init_kwargs, *args, **kwargs):
        """Keras's RNN around cells of its tests is Keras's matter."""
        parts = keras.tree.flatten(init_kwargs)
        if layer_class in _OURS.values() or any(isinstance(part, tuple(_OURS.values())) for part in parts):
            check(self, layer_class, init_kwargs, *args, **kwargs)

    TestCase.run_layer_test = ours_alone


@pytest.fixture(autouse=True)
def uncompiled(request, monkeypatch):
    """Fit by `test_basics` runs the same operations uncompiled: half its time goes into XLA, which other tests meet."""
    if request.node.name == "test_basics":
        monkeypatch.setattr(compiled, "_worth_compiling", lambda *_: False)


def pytest_terminal_summary(terminalreporter):
    listed = ", ".join(f"{count} {name}" for name, count in sorted(_made.items()))
    terminalreporter.write_line(f"made by Keras's tests: {listed}")
