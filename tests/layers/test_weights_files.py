"""A `.weights.h5` of Keras's layers loads into ours, and the other way round; so do files from before that was so."""

import h5py
import keras
import numpy as np
import pytest
from reference.inputs import FEATURES, TIME, UNITS, random_weights, sequences

import seqzoo

OURS = {"RNN": seqzoo.RNN, "RNNCell": seqzoo.RNNCell, "LSTM": seqzoo.LSTM, "LSTMCell": seqzoo.LSTMCell, "GRU": seqzoo.GRU}
THEIRS = {name: getattr(keras.layers, name.replace("RNN", "SimpleRNN")) for name in OURS}


def nested(of):
    inner = keras.Sequential([keras.Input([None, UNITS]), of["RNN"](3, return_sequences=True), of["RNN"](3)])
    return [of["RNN"](UNITS, return_sequences=True), inner]


NETWORKS = {
    "one": lambda of: [of["RNN"](UNITS)],
    "three of two kinds": lambda of: [
        of["RNN"](UNITS, return_sequences=True),
        of["LSTM"](UNITS, return_sequences=True),
        of["RNN"](3),
    ],
    "bidirectional": lambda of: [keras.layers.Bidirectional(of["RNN"](UNITS, return_sequences=True)), of["RNN"](2)],
    "time distributed": lambda of: [keras.layers.Reshape([1, TIME, FEATURES]), keras.layers.TimeDistributed(of["RNN"](UNITS))],
    "nested": nested,
    "cell": lambda of: [keras.layers.RNN(of["RNNCell"](UNITS))],
    "cells": lambda of: [keras.layers.RNN([of["RNNCell"](UNITS), of["LSTMCell"](3), of["RNNCell"](2)])],
    "lstm and gru": lambda of: [of["LSTM"](UNITS, return_sequences=True), of["GRU"](3)],
}


def model_of(layers):
    model = keras.Sequential([keras.Input([TIME, FEATURES]), *layers])
    model.set_weights(random_weights(model))
    return model


@pytest.mark.parametrize("direction", ["from Keras", "to Keras", "our own"])
@pytest.mark.parametrize("name", NETWORKS)
def test_weights_go_both_ways(name, direction, tmp_path):
    source = THEIRS if direction == "from Keras" else OURS
    target = THEIRS if direction == "to Keras" else OURS
    saved, loaded = model_of(NETWORKS[name](source)), model_of(NETWORKS[name](target))
    loaded.set_weights([0 * w for w in loaded.get_weights()])
    saved.save_weights(tmp_path / "w.weights.h5")
    loaded.load_weights(tmp_path / "w.weights.h5")
    for ours, theirs in zip(loaded.get_weights(), saved.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_allclose(loaded(sequences()), saved(sequences()), atol=1e-6)


def test_a_file_from_before_loads(tmp_path):
    """Files used to have our names alone."""
    model = model_of(NETWORKS["three of two kinds"](OURS))
    model.save_weights(tmp_path / "w.weights.h5")
    with h5py.File(tmp_path / "w.weights.h5", "r+") as file:
        assert {"rnn", "rnn_1", "lstm", "simple_rnn", "simple_rnn_1"} <= set(file["layers"])
        del file["layers/simple_rnn"], file["layers/simple_rnn_1"]
    again = model_of(NETWORKS["three of two kinds"](OURS))
    again.set_weights([0 * w for w in again.get_weights()])
    again.load_weights(tmp_path / "w.weights.h5")
    np.testing.assert_allclose(again(sequences()), model(sequences()), rtol=0, atol=1e-6)


@pytest.mark.parametrize("suffix", ["weights.h5", "keras"])
def test_ours_beside_theirs(suffix, tmp_path):
    """Their names would clash with our second ones: each has its own alone."""
    layers = [seqzoo.RNN(4, return_sequences=True), keras.layers.SimpleRNN(4, return_sequences=True), seqzoo.RNN(3)]
    model, path = model_of(layers), tmp_path / f"w.{suffix}"
    expected = model(sequences())
    if suffix == "keras":
        model.save(path)
        model = keras.models.load_model(path)
    else:
        model.save_weights(path)
        model.set_weights([0 * w for w in model.get_weights()])
        model.load_weights(path)
    np.testing.assert_allclose(model(sequences()), expected, rtol=0, atol=1e-6)
