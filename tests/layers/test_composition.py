"""Our cells and layers inside Keras's wrappers, against Keras's own in the same place."""

import keras
import numpy as np
import pytest
from kinds import KINDS, layer_of
from reference.inputs import BATCH, FEATURES, MASKS, UNITS, random_weights, sequences

import seqzoo

CELLS = {
    seqzoo.RNNCell: keras.layers.SimpleRNNCell,
    seqzoo.LSTMCell: keras.layers.LSTMCell,
    seqzoo.GRUCell: keras.layers.GRUCell,
}
LAYERS = {
    seqzoo.RNN: keras.layers.SimpleRNN,
    seqzoo.LSTM: keras.layers.LSTM,
    seqzoo.GRU: keras.layers.GRU,
}


def assert_same_in_place(build, x, **call):
    """`build` makes a layer from our classes, then from Keras's: equal weights must give equal numbers."""
    ours, theirs = build(lambda ours: ours), build(lambda ours: {**CELLS, **LAYERS}[ours])
    outputs = []
    for layer in (ours, theirs):
        layer(x, **call)
        layer.set_weights(random_weights(layer))
        outputs.append(keras.tree.flatten(layer(x, **call)))
    for a, b in zip(*outputs, strict=True):
        np.testing.assert_allclose(np.array(a, "float32"), np.array(b, "float32"), atol=1e-6)


# How two directions are joined is Keras's code: one mask shows that it meets what it expects.
@pytest.mark.parametrize("merge_mode, mask", [*(("concat", mask) for mask in MASKS), ("sum", "scattered"), (None, "scattered")])
@pytest.mark.parametrize("layer_class", LAYERS)
def test_bidirectional(layer_class, merge_mode, mask):
    def build(choose):
        inner = choose(layer_class)(UNITS, return_sequences=True, return_state=True)
        return keras.layers.Bidirectional(inner, merge_mode=merge_mode)

    assert_same_in_place(build, sequences(), mask=MASKS[mask])


@pytest.mark.parametrize("mask", MASKS)
def test_stacked_cells(mask):
    def build(choose):
        return keras.layers.RNN([choose(c)(k + 3) for k, c in enumerate(CELLS)], return_state=True)

    assert_same_in_place(build, sequences(), mask=MASKS[mask])


@pytest.mark.parametrize("cell_class", CELLS)
def test_cell_alone_in_keras_rnn(cell_class):
    def build(choose):
        return keras.layers.RNN(choose(cell_class)(UNITS, dropout=0.3, recurrent_dropout=0.3, seed=1))

    assert_same_in_place(build, sequences(), mask=MASKS["scattered"])


@pytest.mark.parametrize("layer_class", LAYERS)
def test_time_distributed(layer_class):
    def build(choose):
        return keras.layers.TimeDistributed(choose(layer_class)(UNITS))

    assert_same_in_place(build, np.stack([sequences(seed) for seed in range(2)], axis=1))


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float64"])
@pytest.mark.parametrize("kind", KINDS)
def test_precision(kind, policy):
    layer, _ = layer_of(kind, dtype=policy, return_sequences=True, return_state=True)
    exact, _ = layer_of(kind, return_sequences=True, return_state=True)
    policy = keras.dtype_policies.get(policy)
    tolerance = {"float16": 0.01, "bfloat16": 0.1, "float64": 1e-6}[policy.compute_dtype]
    for value, expected in zip(layer(sequences()), exact(sequences()), strict=True):
        assert keras.backend.standardize_dtype(value.dtype) == policy.compute_dtype
        np.testing.assert_allclose(keras.ops.cast(value, "float32"), expected, atol=tolerance)
    assert {keras.backend.standardize_dtype(w.dtype) for w in layer.weights} == {policy.variable_dtype}


def test_mixed_precision_trains():
    model = keras.Sequential(
        [
            keras.Input([None, FEATURES]),
            seqzoo.LSTM(UNITS, return_sequences=True, dtype="mixed_float16", dropout=0.1),
            seqzoo.GRU(UNITS, dtype="mixed_float16"),
            keras.layers.Dense(1),
        ]
    )
    model.compile(keras.optimizers.Adam(0.05), "mse")
    losses = model.fit(sequences(), np.ones((BATCH, 1)), epochs=10, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 2


@pytest.mark.parametrize("kind", KINDS)
def test_stateful_model_carries_its_state_over_batches(kind):
    layer, _ = layer_of(kind, batch=BATCH, stateful=True, return_sequences=True)
    model = keras.Sequential([keras.Input(batch_shape=[BATCH, None, FEATURES]), layer])
    parts = [model.predict(x, verbose=0) for x in np.split(sequences()[:, :4], 2, axis=1)]
    layer.reset_state()
    whole = model.predict(sequences()[:, :4], verbose=0)
    np.testing.assert_allclose(np.concatenate(parts, axis=1), whole, atol=1e-6)
