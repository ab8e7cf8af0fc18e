import keras
import numpy as np
import pytest
from kinds import KINDS, layer_of
from reference.inputs import FEATURES, TIME, UNITS, sequences

import seqzoo

EVERY_OPTION = {
    "activation": "relu",
    "use_bias": False,
    "kernel_initializer": keras.initializers.RandomNormal(stddev=0.1, seed=1),
    "recurrent_initializer": "glorot_normal",
    "bias_initializer": "ones",
    "kernel_regularizer": keras.regularizers.L2(0.1),
    "recurrent_regularizer": "l1",
    "bias_regularizer": "l1",
    "activity_regularizer": "l2",
    "kernel_constraint": "non_neg",
    "recurrent_constraint": keras.constraints.MaxNorm(2),
    "bias_constraint": "non_neg",
    "dropout": 0.1,
    "recurrent_dropout": 0.2,
    "seed": 5,
    "return_sequences": True,
    "return_state": True,
    "go_backwards": True,
    "stateful": True,
    "unroll": True,
    "zero_output_for_mask": True,
    "name": "ours",
    "trainable": False,
    "dtype": "float64",
}
OWN_OPTIONS = {
    seqzoo.RNN: {"output_units": 2, "output_activation": "sigmoid"},
    seqzoo.LSTM: {"recurrent_activation": "hard_sigmoid", "unit_forget_bias": False, "use_cudnn": False},
    seqzoo.GRU: {"recurrent_activation": "hard_sigmoid", "reset_after": False, "use_cudnn": True},
}


def model_of(layer):
    inputs = keras.Input([None, FEATURES])
    return keras.Model(inputs, layer(inputs))


@pytest.mark.parametrize("layer_class", OWN_OPTIONS)
def test_config_keeps_every_option(layer_class):
    config = layer_class(UNITS, **EVERY_OPTION, **OWN_OPTIONS[layer_class]).get_config()
    again = layer_class.from_config(config).get_config()
    assert again == config
    plain = layer_class(UNITS).get_config()
    options = {**EVERY_OPTION, **OWN_OPTIONS[layer_class]}
    assert not [name for name in options if config[name] == plain[name]]


@pytest.mark.parametrize("layer_class", OWN_OPTIONS)
def test_cell_config_keeps_every_option(layer_class):
    cell = layer_class(UNITS, **EVERY_OPTION, **OWN_OPTIONS[layer_class]).cell
    again = type(cell).from_config(cell.get_config())
    assert again.get_config() == cell.get_config()


@pytest.mark.parametrize("layer_class", OWN_OPTIONS)
def test_config_says_what_keras_says(layer_class):
    theirs = {
        seqzoo.RNN: keras.layers.SimpleRNN,
        seqzoo.LSTM: keras.layers.LSTM,
        seqzoo.GRU: keras.layers.GRU,
    }
    expected = theirs[layer_class](UNITS, name="x").get_config()
    config = layer_class(UNITS, name="x").get_config()
    assert {name: config[name] for name in expected} == expected


@pytest.mark.parametrize("kind", KINDS)
def test_keras_file(kind, tmp_path):
    model = model_of(layer_of(kind, return_sequences=True, dropout=0.1)[0])
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(model(sequences()), again(sequences()), rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_weights_file(kind, tmp_path):
    model = model_of(layer_of(kind)[0])
    model.save_weights(tmp_path / "w.weights.h5")
    layer_class, own, _ = KINDS[kind]
    again = model_of(layer_class(UNITS, **own))
    assert not np.allclose(model(sequences()), again(sequences()))
    again.load_weights(tmp_path / "w.weights.h5")
    np.testing.assert_allclose(model(sequences()), again(sequences()), rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_weights_file_of_keras(kind, tmp_path):
    """Files go both ways as well: the names in them come from the class names, which are Keras's."""
    layer_class, own, _ = KINDS[kind]
    theirs = model_of(getattr(keras.layers, layer_class.__name__)(UNITS, **own))
    theirs.save_weights(tmp_path / "w.weights.h5")
    ours = model_of(layer_class(UNITS, **own))
    ours.load_weights(tmp_path / "w.weights.h5")
    np.testing.assert_allclose(ours(sequences()), theirs(sequences()), atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_clone_model(kind):
    model = model_of(layer_of(kind, go_backwards=True)[0])
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    np.testing.assert_allclose(model(sequences()), clone(sequences()), rtol=0, atol=1e-6)


def test_saved_composite(tmp_path):
    inner = [layer_of(kind, return_sequences=True)[0] for kind in ("lstm", "rnn")]
    cells = keras.layers.RNN([seqzoo.LSTMCell(3), seqzoo.RNNCell(3, output_units=2), seqzoo.GRUCell(4)])
    model = keras.Sequential([keras.Input([TIME, FEATURES]), keras.layers.Bidirectional(inner[0]), cells])
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(model(sequences()), again(sequences()), rtol=0, atol=1e-6)
