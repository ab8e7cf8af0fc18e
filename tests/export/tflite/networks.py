"""Raw conversions, each made once: TensorFlow's converter is what takes the time here."""

import functools

import keras
import numpy as np

from tests import tiny


def small_network(layer, masked=True):
    """Embedding, a layer in both directions, a layer on top, a dense head; weights big enough to matter."""
    keras.utils.set_random_seed(3)
    ids = keras.Input((None,), dtype="int32", name="ids")
    uniform = keras.initializers.RandomUniform(-1, 1)
    x = keras.layers.Embedding(40, 6, mask_zero=masked, embeddings_initializer=uniform)(ids)
    x = keras.layers.Bidirectional(layer(5, return_sequences=True, bias_initializer=uniform))(x)
    x = layer(4, dropout=0.2, recurrent_dropout=0.2)(x)
    return keras.Model(ids, keras.layers.Dense(3, activation="sigmoid", name="score")(x), name="small")


@functools.cache
def converted(kind):
    """(network, bytes of its raw .tflite file) of `small_network` of our LSTM or RNN, or of one
    long-memory LSTM.
    """
    from seqzoo import LSTM, RNN
    from seqzoo.export.tflite.source import source_of
    from seqzoo.export.tflite.trace import convert

    network = long_memory() if kind == "memory" else small_network({"lstm": LSTM, "rnn": RNN}[kind])
    return network, convert(source_of(network), "fused", 1, None)[0]


def long_memory():
    """An LSTM whose cell adds up its input far beyond ten, as a trained counter does."""
    inputs = keras.Input((None, 2), name="series")
    layer = keras.layers.LSTM(3, return_sequences=True)
    network = keras.Model(inputs, layer(inputs))
    kernel, recurrent, bias = (np.zeros_like(value) for value in layer.get_weights())
    bias[:6], bias[9:] = 20, 2  # input and forget gates wide open, the output gate nearly
    kernel[:, 6:9] = 1
    layer.set_weights([kernel, recurrent, bias])
    return network


def spread(network, scale=0.8):
    """The network with weights so large that a wrong step shows."""
    random = np.random.default_rng(7)
    network.set_weights([random.normal(0, scale, w.shape).astype(w.dtype) for w in network.get_weights()])
    return network


def typical_texts():
    """Texts of `tiny.TEXTS`' words, enough to take scales from and hold some out."""
    words = " ".join(tiny.TEXTS).split()
    mixed = [" ".join(np.random.default_rng(seed).choice(words, 1 + seed % 16)) for seed in range(40)]
    return tiny.TEXTS + mixed
