"""Dropout seen through layers that copy or remember: W = 1 shows the input's mask, U = 1 the state's."""

import keras
import numpy as np
import pytest

import seqzoo

UNITS, BATCH, TIME, RATE = 8, 400, 4, 0.25
ONES = np.ones((BATCH, TIME, UNITS), "float32")
LINEAR = {"activation": None, "use_bias": False, "return_sequences": True}


def copying(kernel, recurrent, **options):
    layer = seqzoo.RNN(UNITS, **LINEAR, **options)
    layer.build(ONES.shape)
    layer.set_weights([kernel * np.eye(UNITS), recurrent * np.eye(UNITS)])
    return layer


def test_input_dropout_drops_and_scales_with_one_mask_for_all_steps():
    outputs = np.array(copying(1, 0, dropout=RATE, seed=1)(ONES, training=True))
    dropped = outputs == 0
    assert np.allclose(outputs[~dropped], 1 / (1 - RATE))
    # 3200 draws: five standard deviations are 0.038.
    assert abs(dropped[:, 0].mean() - RATE) < 0.04
    assert (dropped == dropped[:, :1]).all()


def test_recurrent_dropout_drops_and_scales_the_state_at_every_step():
    layer = copying(0, 1, recurrent_dropout=RATE, seed=1)
    outputs = np.array(layer(ONES, initial_state=ONES[:, 0], training=True))
    dropped = outputs == 0
    assert abs(dropped[:, 0].mean() - RATE) < 0.04
    assert (dropped == dropped[:, :1]).all()
    powers = (1 / (1 - RATE)) ** np.arange(1, TIME + 1)
    expected = np.broadcast_to(powers[:, None], outputs.shape)
    np.testing.assert_allclose(outputs[~dropped], expected[~dropped], rtol=1e-6)


@pytest.mark.parametrize("layer_class", [seqzoo.RNN, seqzoo.LSTM, seqzoo.GRU])
@pytest.mark.parametrize("name", ["dropout", "recurrent_dropout"])
def test_only_training_drops_and_each_call_anew(layer_class, name):
    layer = layer_class(UNITS, **{name: 0.5})
    state = [ONES[:, 0] for _ in layer.state_size]
    at_rest = np.array(layer(ONES, initial_state=state))
    np.testing.assert_allclose(at_rest, layer(ONES, initial_state=state, training=False), rtol=0, atol=1e-6)
    first, second = (np.array(layer(ONES, initial_state=state, training=True)) for _ in range(2))
    assert np.abs(first - at_rest).max() > 0.01
    assert np.abs(first - second).max() > 0.01
    # All rows are equal, so rows that differ have masks of their own.
    assert np.ptp(at_rest, axis=0).max() < 1e-6
    assert np.ptp(first, axis=0).max() > 0.01


@pytest.mark.parametrize("layer_class", [seqzoo.RNN, seqzoo.LSTM, seqzoo.GRU])
def test_seed_repeats_the_masks(layer_class):
    weights = None
    outputs = []
    for seed in (3, 3, 4):
        layer = layer_class(UNITS, dropout=0.3, recurrent_dropout=0.3, seed=seed)
        layer.build(ONES.shape)
        weights = weights or layer.get_weights()
        layer.set_weights(weights)
        outputs.append([np.array(layer(ONES, training=True)) for _ in range(2)])
    np.testing.assert_allclose(outputs[0], outputs[1], rtol=0, atol=1e-6)
    assert not np.allclose(outputs[0], outputs[2])


@pytest.mark.parametrize("layer_class", [seqzoo.RNN, seqzoo.LSTM, seqzoo.GRU])
def test_inference_draws_no_random_numbers(layer_class):
    """So an exported model holds no random operator, and evaluating between epochs changes no training."""
    layer = layer_class(UNITS, dropout=0.3, recurrent_dropout=0.3)
    layer(ONES)
    before = layer.cell.seed_generator.state.numpy()
    layer(ONES)
    np.testing.assert_array_equal(layer.cell.seed_generator.state.numpy(), before)
    layer(ONES, training=True)
    assert not np.array_equal(layer.cell.seed_generator.state.numpy(), before)


@pytest.mark.parametrize("jit_compile", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_fit_trains_with_dropout(jit_compile):
    layer = seqzoo.LSTM(UNITS, dropout=0.5, recurrent_dropout=0.5)
    model = keras.Sequential([keras.Input(ONES.shape[1:]), layer])
    model.compile("sgd", "mse", jit_compile=jit_compile)
    before = model.evaluate(ONES, ONES[:, 0], verbose=0)  # without dropout: an epoch's own loss is as random as its masks
    model.fit(ONES, ONES[:, 0], batch_size=100, epochs=3, verbose=0)
    assert model.evaluate(ONES, ONES[:, 0], verbose=0) < before
    drawn = layer.cell.seed_generator.state.numpy()
    model.predict(ONES, verbose=0)
    np.testing.assert_array_equal(layer.cell.seed_generator.state.numpy(), drawn)
