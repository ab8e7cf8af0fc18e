"""A pytest plugin that puts seqzoo's classes where Keras's own tests look for Keras's."""

from collections import Counter

import keras.src.layers

import seqzoo
from seqzoo.cells.base import RecurrentCell

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


def pytest_terminal_summary(terminalreporter):
    listed = ", ".join(f"{count} {name}" for name, count in sorted(_made.items()))
    terminalreporter.write_line(f"made by Keras's tests: {listed}")
