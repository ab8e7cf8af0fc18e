"""Small models with recurrent layers in every place where a model can have one, and inputs for them."""

import keras
import numpy as np

from seqzoo import GRU, LSTM, RNN, GRUCell, LSTMCell, RNNCell

BATCH, TIME, FEATURES = 3, 6, 4
KINDS = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU}
CELLS = {"RNN": RNNCell, "LSTM": LSTMCell, "GRU": GRUCell}


def sequences(seed=0):
    return np.random.default_rng(seed).normal(size=(BATCH, TIME, FEATURES)).astype("float32")


def ids():
    return np.array([[3, 1, 4, 1, 5, 2], [2, 6, 5, 3, 0, 0], [7, 0, 0, 0, 0, 0]])


def targets():
    return np.array([[0.2], [-0.4], [0.9]], "float32")


def randomise(network, seed=1, scale=0.5):
    """Weights away from their initial zeros and ones, so that no term of an equation is missing."""
    rng = np.random.default_rng(seed)
    network.set_weights([rng.normal(scale=scale, size=w.shape).astype("float32") for w in network.get_weights()])
    return network


def sequential(kind):
    layers = [keras.Input((None, FEATURES)), KINDS[kind](5, name="only"), keras.layers.Dense(1)]
    return randomise(keras.Sequential(layers))


def stacked(kind):
    inputs = keras.Input((TIME, FEATURES))
    lower, state, *_ = KINDS[kind](5, return_sequences=True, return_state=True, name="lower")(inputs)
    upper = KINDS[kind](3, go_backwards=True, return_sequences=True, name="upper")(lower)
    top = keras.layers.concatenate([keras.layers.GlobalAveragePooling1D()(upper), state])
    return randomise(keras.Model(inputs, keras.layers.Dense(1)(top)))


def masked_bidirectional(kind):
    layers = [
        keras.Input((None,)),
        keras.layers.Embedding(8, FEATURES, mask_zero=True),
        keras.layers.Bidirectional(KINDS[kind](4, return_sequences=True, name="both")),
        KINDS[kind](3, name="last"),
        keras.layers.Dense(1),
    ]
    return randomise(keras.Sequential(layers))


def of_cell(kind):
    layer = keras.layers.RNN(CELLS[kind](5), name="driven")
    return randomise(keras.Sequential([keras.Input((None, FEATURES)), layer, keras.layers.Dense(1)]))


class Subclassed(keras.Model):
    """One layer at work twice in a call."""

    def __init__(self, kind):
        super().__init__()
        self.shared = KINDS[kind](4, return_sequences=True, name="shared")
        self.head = keras.layers.Dense(1)

    def call(self, x):
        once = self.shared(x)
        return self.head(self.shared(-x)[:, -1] * once[:, 0])


def subclassed(kind):
    model = Subclassed(kind)
    model(sequences())
    return randomise(model)


NETWORKS = {
    "sequential": (sequential, sequences),
    "stacked": (stacked, sequences),
    "masked bidirectional": (masked_bidirectional, ids),
    "keras RNN over our cell": (of_cell, sequences),
    "subclassed": (subclassed, sequences),
}
