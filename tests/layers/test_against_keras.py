"""The same weights in Keras's layer and in ours give the same numbers, whichever way they are carried."""

import keras
import numpy as np
import pytest
from reference.inputs import FEATURES, MASKS, TIME, UNITS, random_weights, sequences, states

import seqzoo

PAIRS = {
    "rnn": (seqzoo.RNN, keras.layers.SimpleRNN, {}),
    "lstm": (seqzoo.LSTM, keras.layers.LSTM, {}),
    "gru": (seqzoo.GRU, keras.layers.GRU, {}),
    "gru reset before": (seqzoo.GRU, keras.layers.GRU, {"reset_after": False}),
}
OPTIONS = {
    "last output": {},
    "sequences": {"return_sequences": True},
    "zeros where masked": {"return_sequences": True, "zero_output_for_mask": True},
    "backwards": {"return_sequences": True, "go_backwards": True},
    "states": {"return_state": True},
    "unrolled": {"return_sequences": True, "unroll": True},
    "unrolled backwards": {"unroll": True, "go_backwards": True},
    "no bias": {"use_bias": False},
    "other activation": {"activation": "relu"},
}


def pair(name, **options):
    """Ours and Keras's, built, with the same random weights carried from ours to Keras's."""
    ours_class, theirs_class, own = PAIRS[name]
    ours, theirs = ours_class(UNITS, **own, **options), theirs_class(UNITS, **own, **options)
    for layer in (ours, theirs):
        layer.build((3, TIME, FEATURES))
    ours.set_weights(random_weights(ours))
    theirs.set_weights(ours.get_weights())
    return ours, theirs


def assert_same(a, b, tolerance=1e-6):
    a, b = (x if isinstance(x, (list, tuple)) else [x] for x in (a, b))
    assert len(a) == len(b)
    for x, y in zip(a, b, strict=True):
        assert x.dtype == y.dtype
        np.testing.assert_allclose(np.array(x), np.array(y), atol=tolerance, rtol=0)


# What has nothing to do with masks meets none and one with gaps.
ASIDE = {"unrolled backwards", "no bias", "other activation"}
CASES = [(options, mask) for options in OPTIONS for mask in MASKS if options not in ASIDE or mask in ("none", "scattered")]


@pytest.mark.parametrize("options, mask", CASES)
@pytest.mark.parametrize("name", PAIRS)
def test_outputs(name, options, mask):
    ours, theirs = pair(name, **OPTIONS[options])
    x, mask = sequences(), MASKS[mask]
    assert_same(ours(x, mask=mask), theirs(x, mask=mask))


@pytest.mark.parametrize("name", PAIRS)
def test_weights_from_keras(name):
    _, theirs = pair(name)
    ours = PAIRS[name][0](UNITS, **PAIRS[name][2])
    ours.build((None, None, FEATURES))
    ours.set_weights(theirs.get_weights())
    assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]
    assert_same(ours(sequences()), theirs(sequences()))


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("name", PAIRS)
def test_initial_state(name, mask):
    ours, theirs = pair(name, return_sequences=True, return_state=True)
    initial = states(len(ours.state_size))
    x, mask = sequences(), MASKS[mask]
    assert_same(ours(x, initial_state=initial, mask=mask), theirs(x, initial_state=initial, mask=mask))


@pytest.mark.parametrize("name", PAIRS)
def test_stateful(name):
    ours, theirs = pair(name, stateful=True)
    first, second = sequences(1), sequences(2)
    assert_same(ours(first), theirs(first))
    assert_same(ours(second, mask=MASKS["scattered"]), theirs(second, mask=MASKS["scattered"]))
    ours.reset_state()
    theirs.reset_state()
    assert_same(ours(second), theirs(second))


@pytest.mark.parametrize("implementation", [1, 2])
@pytest.mark.parametrize("name", ["lstm", "gru", "gru reset before"])
def test_implementation(name, implementation):
    ours, theirs = pair(name, implementation=implementation, recurrent_activation="hard_sigmoid")
    assert_same(ours(sequences()), theirs(sequences()))


@pytest.mark.parametrize("options", [{"dropout": 0.5}, {"recurrent_dropout": 0.5}, {"dropout": 0.3, "recurrent_dropout": 0.3}])
@pytest.mark.parametrize("name", PAIRS)
def test_dropout_of_the_same_seed(name, options):
    ours, theirs = pair(name, seed=7, return_sequences=True, **options)
    assert_same(ours(sequences(), training=True), theirs(sequences(), training=True))


@pytest.mark.parametrize("name", PAIRS)
def test_unknown_batch_and_time(name):
    ours, theirs = pair(name, return_sequences=True)
    inputs = keras.Input([None, FEATURES])
    assert ours(inputs).shape == theirs(inputs).shape == (None, None, UNITS)
    models = [keras.Model(inputs, layer(inputs)) for layer in (ours, theirs)]
    assert_same(*(m.predict(sequences()[:, :2], verbose=0) for m in models))


@pytest.mark.parametrize("name", PAIRS)
def test_regularizers_and_constraints(name):
    options = {
        "kernel_regularizer": "l2",
        "recurrent_regularizer": "l1",
        "bias_regularizer": keras.regularizers.L2(0.1),
        "kernel_constraint": "non_neg",
        "recurrent_constraint": keras.constraints.MaxNorm(0.1),
        "bias_constraint": "unit_norm",
    }
    ours, theirs = pair(name, **options)
    assert_same(ours.losses, theirs.losses)
    for ours_weight, theirs_weight in zip(ours.trainable_weights, theirs.trainable_weights, strict=True):
        assert_same(ours_weight.constraint(ours_weight.value), theirs_weight.constraint(theirs_weight.value))


def test_activity_regularizer():
    ours, theirs = pair("lstm", activity_regularizer="l2")
    ours(sequences()), theirs(sequences())
    assert_same(ours.losses, theirs.losses)
    # keras.layers.SimpleRNN takes this argument and forgets it; ours does not.
    rnn = seqzoo.RNN(UNITS, activity_regularizer="l2")
    rnn(sequences())
    assert len(rnn.losses) == 1


@pytest.mark.parametrize("name", PAIRS)
def test_initializers_of_the_same_seed(name):
    ours_class, theirs_class, own = PAIRS[name]
    options = {
        "kernel_initializer": keras.initializers.GlorotUniform(seed=1),
        "recurrent_initializer": keras.initializers.Orthogonal(seed=2),
        "bias_initializer": keras.initializers.RandomNormal(seed=3),
    }
    layers = [layer_class(UNITS, **own, **options) for layer_class in (ours_class, theirs_class)]
    for layer in layers:
        layer.build((None, None, FEATURES))
    assert_same(*(layer.get_weights() for layer in layers))


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name == "gru reset before" else []) for name in PAIRS]
)
def test_training_follows_keras(name):
    ours, theirs = pair(name)
    x, y = sequences(), np.ones((3, UNITS), "float32")
    for layer in (ours, theirs):
        model = keras.Sequential([keras.Input([TIME, FEATURES]), layer])
        model.compile(keras.optimizers.SGD(0.1), "mse")
        model.fit(x, y, epochs=3, batch_size=3, verbose=0)
    assert_same(ours.get_weights(), theirs.get_weights())


@pytest.mark.parametrize("name", PAIRS)
def test_arguments_stand_in_keras_order(name):
    import inspect

    def positional(layer_class):
        parameters = inspect.signature(layer_class.__init__).parameters.values()
        return [(p.name, p.default) for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]

    for ours, theirs in (PAIRS[name][:2], [type(layer.cell) for layer in pair(name)]):
        assert positional(ours) == positional(theirs)
