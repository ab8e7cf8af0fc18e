"""Recurrent cells over whole sequences, fast: pure functions on TensorFlow tensors."""

from seqzoo.kernels.gru import gru_sequence
from seqzoo.kernels.lstm import lstm_sequence
from seqzoo.kernels.rnn import rnn_sequence
from seqzoo.kernels.sequence import portable

__all__ = ["gru_sequence", "lstm_sequence", "portable", "rnn_sequence"]
