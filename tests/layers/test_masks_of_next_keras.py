"""Masks where Keras's own RNN, Bidirectional and TimeDistributed no longer hand them on."""

import keras
import numpy as np
import pytest
from keras.src.backend import get_keras_mask
from kinds import KINDS
from next_keras import WAYS, end_masks
from reference.inputs import random_weights

IDS = np.array([[1, 2, 3, 0, 0], [4, 2, 0, 0, 0], [3, 1, 4, 1, 2]])


@pytest.fixture(autouse=True)
def next_keras(monkeypatch):
    end_masks(monkeypatch, WAYS[0])


def embedding():
    return keras.layers.Embedding(5, 4, mask_zero=True)


def ours(kind, **options):
    layer_class, own, _ = KINDS[kind]
    return layer_class(3, **own, **options)


def stepped(kind, **options):
    """Without the kernels, whose masks have tests of their own: it is how a layer hands a mask on that counts here."""
    return ours(kind, fused=False, **options)


def randomised(network):
    network(IDS)
    network.set_weights(random_weights(network))
    return network


def assert_padding_is_skipped(network):
    """Each row gives what it gives alone, without its padding."""
    for row in IDS:
        np.testing.assert_allclose(network(row[None])[0], network(row[row > 0][None])[0], atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_outputs_carry_the_mask_and_states_carry_none(kind):
    x = embedding()(IDS)
    np.testing.assert_array_equal(get_keras_mask(ours(kind, return_sequences=True)(x)), IDS != 0)
    outputs, *states = ours(kind, return_sequences=True, return_state=True)(x)
    np.testing.assert_array_equal(get_keras_mask(outputs), IDS != 0)
    outputs, *_ = ours(kind, return_sequences=True, return_state=True)(x, initial_state=states)
    np.testing.assert_array_equal(get_keras_mask(outputs), IDS != 0)
    # One output for the whole sequence has no time steps left to mask.
    assert [get_keras_mask(tensor) for tensor in (ours(kind)(x), *states)] == [None] * (1 + len(states))


@pytest.mark.parametrize("kind", KINDS)
def test_a_functional_model_masks_every_layer_also_when_loaded(kind, tmp_path):
    ids = keras.Input([None], dtype="int32")
    x, *states = stepped(kind, return_sequences=True, return_state=True)(embedding()(ids))
    x = stepped(kind, return_sequences=True)(x, initial_state=states)
    network = randomised(keras.Model(ids, stepped(kind)(x)))
    assert_padding_is_skipped(network)
    network.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded(IDS), network(IDS), rtol=0, atol=1e-6)
    assert_padding_is_skipped(loaded)


@pytest.mark.filterwarnings("ignore:Layer 'bidirectional:UserWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_bidirectional_masks_both_directions(kind):
    assert_padding_is_skipped(randomised(keras.Sequential([embedding(), keras.layers.Bidirectional(ours(kind))])))


@pytest.mark.filterwarnings("ignore:Layer 'bidirectional:UserWarning")
def test_after_bidirectional_the_mask_is_given_by_hand(tmp_path):
    """That layer is Keras's own: what it does not hand on, `mask=` does, as the docstring says."""

    def network(by_hand):
        ids = keras.Input([None], dtype="int32")
        embed = embedding()
        mask = {"mask": keras.ops.not_equal(ids, 0)} if by_hand else {}
        x = keras.layers.Bidirectional(stepped("lstm", return_sequences=True))(embed(ids))
        return randomised(keras.Model(ids, stepped("lstm")(x, **mask)))

    with pytest.raises(AssertionError):
        assert_padding_is_skipped(network(by_hand=False))
    by_hand = network(by_hand=True)
    assert_padding_is_skipped(by_hand)
    by_hand.save(tmp_path / "model.keras")
    assert_padding_is_skipped(keras.models.load_model(tmp_path / "model.keras"))
