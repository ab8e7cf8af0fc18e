import keras
import numpy as np
import pytest

from seqzoo.layers.lstm import LSTM
from seqzoo.layers.weight_dropout import WeightDroppedLSTM

X = np.random.default_rng(0).normal(size=(2, 6, 3)).astype("float32")


def layers(rate, **options):
    dropped, plain = WeightDroppedLSTM(5, weight_dropout=rate, seed=1, **options), LSTM(5, **options)
    dropped(X), plain(X)
    plain.set_weights(dropped.get_weights())
    return dropped, plain


def test_inference_is_a_plain_lstm():
    dropped, plain = layers(0.5)
    np.testing.assert_allclose(dropped(X), plain(X), rtol=0, atol=1e-6)


@pytest.mark.parametrize("fused", [True, False])
def test_training_drops_recurrent_weights_only_and_scales_the_rest(fused):
    dropped, plain = layers(0.5, fused=fused)
    kernel, recurrent, bias = dropped.get_weights()
    seen = dropped(X, training=True)
    # The same mask again, from a generator in the same state.
    mask = keras.random.dropout(np.ones_like(recurrent), 0.5, seed=keras.random.SeedGenerator(1))
    mask = keras.ops.convert_to_numpy(mask)
    assert set(np.unique(mask)) == {0.0, 2.0}
    plain.set_weights([kernel, recurrent * mask, bias])
    np.testing.assert_allclose(seen, plain(X), atol=1e-5)
    assert not np.allclose(dropped(X, training=True), seen)  # drawn anew
    np.testing.assert_array_equal(dropped.get_weights()[1], recurrent)  # the weights themselves stay


def test_config_comes_back_and_bad_rates_are_refused():
    again = WeightDroppedLSTM.from_config(WeightDroppedLSTM(5, weight_dropout=0.25).get_config())
    assert (again.units, again.weight_dropout) == (5, 0.25)
    with pytest.raises(ValueError, match="weight_dropout"):
        WeightDroppedLSTM(5, weight_dropout=1.0)
