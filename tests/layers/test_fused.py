"""The choice between the kernel and the steps of the cell. That both give the same numbers: tests/kernels."""

import keras
import numpy as np
import pytest
from kinds import KINDS, layer_of
from reference.inputs import MASKS, UNITS, sequences

import seqzoo
from seqzoo.layers.fused import reason_against

on_tensorflow = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="the scan takes any cell")


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("kind", KINDS)
def test_fused_or_not_the_numbers_are_the_same(kind, mask):
    fused, stepped = (layer_of(kind, fused=choice, return_sequences=True)[0] for choice in ("auto", False))
    x, mask = sequences(), MASKS[mask]
    np.testing.assert_allclose(fused(x, mask=mask), stepped(x, mask=mask), atol=1e-6)


@on_tensorflow
@pytest.mark.parametrize(
    "options, reason",
    [
        ({"unroll": True}, "unroll"),
        ({"activation": "relu"}, "activation='tanh'"),
        ({"recurrent_activation": "hard_sigmoid"}, "recurrent_activation='sigmoid'"),
        ({"recurrent_dropout": 0.1}, "recurrent_dropout"),
        ({"dropout": 0.1, "implementation": 1}, "implementation=1"),
    ],
)
def test_what_cannot_be_fused_says_why(options, reason):
    with pytest.raises(ValueError, match=f"LSTM cannot be fused: .*{reason}.*Received: fused=True"):
        seqzoo.LSTM(UNITS, fused=True, **options)
    layer = seqzoo.LSTM(UNITS, **options)
    assert reason in reason_against(layer)
    layer(sequences(), training=True)


def test_dropout_is_in_the_way_of_training_alone():
    layer = seqzoo.LSTM(UNITS, recurrent_dropout=0.1)
    assert reason_against(layer, training=False) is None


def test_refuses_another_value():
    with pytest.raises(ValueError, match="`fused` must be one of 'auto', True, False. Received: fused='yes'"):
        seqzoo.GRU(UNITS, fused="yes")
