"""The front end against a DFT written out and, under TensorFlow, against tf.signal."""

import keras
import numpy as np
import pytest
from keras import ops

from seqzoo.layers.log_mel import LogMel, mel_filters
from seqzoo.layers.overlap import Overlap, OverlapCell

SIZES = [(256, 160), (200, 80), (160, 160), (400, 160), (74, 10)]  # windows of 1 to 8 hops; 74 = 2 x 37


def sound(samples, rows=2, seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, (rows, samples)).astype(np.float32)


def oracle(audio, window, hop, bands=32, lower=60.0, upper=3800.0, floor=1e-6, rate=8000):
    """Window by window, bin by bin, in float64."""
    n, rows = np.arange(window), []
    weights = 0.5 - 0.5 * np.cos(2 * np.pi * n / window)
    bins = np.arange(window // 2 + 1)
    turn = np.exp(-2j * np.pi * np.outer(bins, n) / window)
    mel = [2595 * np.log10(1 + hertz / 700) for hertz in (*(bins * rate / window), lower, upper)]
    edges = np.linspace(mel[-2], mel[-1], bands + 2)
    padded = np.concatenate([np.zeros((len(audio), window - hop)), audio.astype(np.float64)], axis=1)
    for start in range(0, audio.shape[1], hop):
        power = np.abs((padded[:, start : start + window] * weights) @ turn.T) ** 2
        row = np.zeros((len(audio), bands))
        for band in range(bands):
            low, middle, high = edges[band : band + 3]
            for place in bins[1:]:
                share = min((mel[place] - low) / (middle - low), (high - mel[place]) / (high - middle))
                row[:, band] += max(0.0, share) * power[:, place]
        rows.append(np.log(row + floor))
    return np.stack(rows, axis=1)


@pytest.mark.parametrize(("window", "hop"), SIZES)
def test_it_equals_the_equations(window, hop):
    audio = sound(12 * hop)
    rows = ops.convert_to_numpy(LogMel(window=window, hop=hop)(audio))
    np.testing.assert_allclose(rows, oracle(audio, window, hop), atol=2e-4)
    assert rows.dtype == np.float32 and rows.shape == (2, 12, 32)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="TensorFlow's own front end")
@pytest.mark.parametrize(("window", "hop"), SIZES[:4])
def test_it_equals_tf_signal(window, hop):
    import tensorflow as tf

    audio = sound(20 * hop, seed=1)
    padded = np.pad(audio, ((0, 0), (window - hop, 0)))
    power = tf.abs(tf.signal.stft(padded, window, hop, window)) ** 2  # the periodic Hann window by itself
    weights = tf.signal.linear_to_mel_weight_matrix(24, window // 2 + 1, 8000, 100.0, 3500.0)
    layer = LogMel(window=window, hop=hop, bands=24, lower=100, upper=3500, floor=1e-4)
    np.testing.assert_allclose(layer(audio), tf.math.log(power @ weights + 1e-4), atol=1e-4)
    np.testing.assert_allclose(mel_filters(24, window // 2 + 1, 8000, 100.0, 3500.0).T, weights, atol=1e-5)


def test_a_tone_is_loudest_in_its_band():
    at = np.arange(8000) / 8000
    for hertz in (300, 1000, 2500):
        rows = ops.convert_to_numpy(LogMel()(np.sin(2 * np.pi * hertz * at)[None].astype(np.float32)))
        weights = mel_filters(32, 129, 8000, 60.0, 3800.0)
        assert rows[0, 10:].mean(axis=0).argmax() == weights[:, round(hertz / 31.25)].argmax()


def test_16_bits_and_hops_are_the_same_sound():
    integers = np.random.default_rng(2).integers(-32768, 32768, (3, 1600)).astype(np.int16)
    floats = integers.astype(np.float32) / 32768
    layer = LogMel()
    rows = ops.convert_to_numpy(layer(floats))
    np.testing.assert_array_equal(ops.convert_to_numpy(layer(integers)), rows)
    np.testing.assert_array_equal(ops.convert_to_numpy(layer(floats.reshape(3, 10, 160))), rows)
    assert np.isfinite(ops.convert_to_numpy(layer(np.zeros((1, 320), np.float32)))).all()


def test_nothing_of_what_follows_enters_a_row():
    audio = sound(1600)
    changed = audio.copy()
    changed[:, 800:] = 0.5
    layer = LogMel()
    one, other = (ops.convert_to_numpy(layer(of)) for of in (audio, changed))
    np.testing.assert_array_equal(one[:, :5], other[:, :5])
    assert np.abs(one[:, 5:] - other[:, 5:]).min(axis=-1).max() > 0


@pytest.mark.parametrize(("hop", "window"), [(2, 3), (2, 4), (2, 7), (3, 4)])
def test_windows_without_a_loop_equal_those_step_by_step(hop, window):
    hops, before = sound(6 * hop).reshape(2, 6, hop), sound(window - hop, seed=3)
    layer, cell = Overlap(hop, window, return_state=True), OverlapCell(hop, window)
    found, last = layer(hops, initial_state=[ops.convert_to_tensor(before)])
    state, expected = [ops.convert_to_tensor(before)], []
    for step in range(6):
        frame, state = cell(ops.convert_to_tensor(hops[:, step]), state)
        expected.append(ops.convert_to_numpy(frame))
    np.testing.assert_array_equal(ops.convert_to_numpy(found), np.stack(expected, axis=1))
    np.testing.assert_array_equal(ops.convert_to_numpy(last), ops.convert_to_numpy(state[0]))


def test_it_is_saved_and_loaded(tmp_path):
    inputs = keras.Input((None, 80))
    model = keras.Model(inputs, LogMel(hop=80, window=200, bands=20, lower=100, upper=3000)(inputs))
    model.save(tmp_path / "front.keras")
    again = keras.models.load_model(tmp_path / "front.keras")
    audio = sound(800).reshape(2, 10, 80)
    np.testing.assert_array_equal(model.predict(audio, verbose=0), again.predict(audio, verbose=0))
    assert model.count_params() == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hop": 0}, "`hop` must be a whole number of at least 1. Received: 0"),
        ({"window": 100, "hop": 160}, "`window` must be at least `hop`. Received: window=100, hop=160"),
        ({"upper": 5000.0}, "lower < upper <= 4000. Received: lower=60.0, upper=5000.0"),
        ({"floor": 0.0}, "`floor` must be a finite number above 0. Received: 0.0"),
        ({"bands": 2.5}, "`bands` must be a whole number of at least 1. Received: 2.5"),
    ],
)
def test_sizes_that_are_none(options, message):
    with pytest.raises(ValueError, match=message):
        LogMel(**options)


@pytest.mark.parametrize("shape", [(2, 161), (2, 5, 161), (320,), (1, 2, 3, 160)])
def test_audio_of_another_shape(shape):
    with pytest.raises(ValueError, match="Audio must be .*samples a multiple of 160.*Received: shape"):
        LogMel()(np.zeros(shape, np.float32))
