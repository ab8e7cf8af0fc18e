"""One time step of a recurrent network: the equations, with every gate by its name."""

import keras  # noqa: F401  before our modules: once it is there, seqzoo.registration imports all that register with it

from seqzoo.cells.gru import GRUCell, GRUGates
from seqzoo.cells.lstm import LSTMCell, LSTMGates, LSTMState
from seqzoo.cells.rnn import RNNCell, RNNGates

__all__ = ["GRUCell", "GRUGates", "LSTMCell", "LSTMGates", "LSTMState", "RNNCell", "RNNGates"]
