"""Cells driven over a sequence: Keras layers with the arguments and weights of their Keras counterparts."""

import keras  # noqa: F401  before our modules: once it is there, seqzoo.registration imports all that register with it

from seqzoo.layers.gru import GRU, GRUTrace
from seqzoo.layers.log_mel import LogMel
from seqzoo.layers.lstm import LSTM, LSTMTrace
from seqzoo.layers.rnn import RNN, RNNTrace

__all__ = ["GRU", "GRUTrace", "LSTM", "LSTMTrace", "LogMel", "RNN", "RNNTrace"]
