import keras
import numpy as np
import pytest

from seqzoo.layers.pooling import POOLINGS, MaskedPooling

LENGTHS = [4, 1, 0, 7]


def oracle(pooling, sequences, lengths):
    """Row by row, in plain NumPy."""
    rows = []
    for sequence, length in zip(sequences.astype(np.float64), lengths, strict=True):
        valid = sequence[:length]
        if length == 0:
            parts = {name: np.zeros(sequence.shape[1]) for name in ("last", "max", "mean")}
        else:
            parts = {"last": valid[-1], "max": valid.max(axis=0), "mean": valid.mean(axis=0)}
        rows.append(np.concatenate([parts[name] for name in pooling.split("_")]))
    return np.stack(rows)


def mask(lengths, time):
    return np.arange(time) < np.array(lengths)[:, None]


@pytest.fixture
def sequences():
    # All below zero: a maximum over padding or over a zero would show.
    return np.random.default_rng(0).uniform(-2, -1, (4, 7, 3)).astype(np.float32)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_each_pooling_equals_the_oracle(pooling, sequences):
    pooled = MaskedPooling(pooling)(sequences, mask(LENGTHS, 7))
    np.testing.assert_allclose(pooled, oracle(pooling, sequences, LENGTHS), rtol=1e-6)
    assert tuple(pooled.shape) == (4, 3 * len(pooling.split("_")))
    assert not np.asarray(pooled)[2].any(), "a row without a valid step gives zeros"


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("padding", [1e30, -1e30, np.nan, np.inf])
def test_padding_never_enters_the_result(pooling, padding, sequences):
    valid = mask(LENGTHS, 7)
    spoilt = np.where(valid[:, :, None], sequences, np.float32(padding))
    layer = MaskedPooling(pooling)
    np.testing.assert_allclose(layer(spoilt, valid), layer(sequences, valid), rtol=0, atol=1e-6)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_gradient_reaches_valid_steps_only_and_equals_finite_differences(pooling, sequences):
    import tensorflow as tf

    valid, layer = mask(LENGTHS, 7), MaskedPooling(pooling, dtype="float64")
    values = tf.constant(sequences, "float64")
    weights = np.random.default_rng(1).normal(size=layer(values, valid).shape)
    with tf.GradientTape() as tape:
        tape.watch(values)
        loss = tf.reduce_sum(layer(values, valid) * weights)
    gradient = tape.gradient(loss, values).numpy()
    assert not gradient[~valid].any()
    for place in [(0, 3, 1), (0, 1, 2), (1, 0, 0), (3, 6, 2), (2, 0, 0)]:
        shifted = []
        for step in (1e-6, -1e-6):
            moved = sequences.astype(np.float64)
            moved[place] += step
            shifted.append(np.sum(oracle(pooling, moved, LENGTHS) * weights))
        assert gradient[place] == pytest.approx((shifted[0] - shifted[1]) / 2e-6, abs=1e-5)


@pytest.mark.parametrize("dtype, tolerance", [("float16", 2e-3), ("bfloat16", 2e-2), ("float64", 1e-12)])
@pytest.mark.parametrize("pooling", POOLINGS)
def test_other_dtypes(pooling, dtype, tolerance, sequences):
    sequences = sequences.astype(np.float64)
    pooled = MaskedPooling(pooling, dtype=dtype)(sequences, mask(LENGTHS, 7))
    assert keras.backend.standardize_dtype(pooled.dtype) == dtype
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(keras.ops.cast(pooled, "float64")),
        oracle(pooling, sequences, LENGTHS),
        rtol=tolerance,
    )


@pytest.mark.parametrize("pooling", ["last", "mean"])
def test_steps_are_counted_beyond_what_half_precision_can_count(pooling):
    time = 2051  # float16 rounds it to 2052, and a sum of 2,051 sixties overflows it
    sequences = np.full((1, time + 9, 1), 60, np.float16)
    sequences[0, time - 1] = 7
    pooled = MaskedPooling(pooling, dtype="float16")(sequences, mask([time], time + 9))
    np.testing.assert_allclose(pooled, oracle(pooling, sequences, [time]), rtol=1e-3)


@pytest.mark.parametrize("pooling", ["last", "max", "mean"])
def test_the_most_negative_float16_stays_what_it_is(pooling):
    sequences = np.array([[[-65504.0], [0.0]]], np.float16)
    assert float(MaskedPooling(pooling, dtype="float16")(sequences, mask([1], 2))[0, 0]) == -65504


def test_symbolic_shape_and_saving(tmp_path, sequences):
    ids, steps = keras.Input((None,), dtype="int32"), keras.Input((None, 3))
    network = keras.Model([steps, ids], MaskedPooling("max_mean")(steps, keras.ops.not_equal(ids, 0)))
    assert network.output_shape == (None, 6)
    network.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras")
    inputs = [sequences, mask(LENGTHS, 7).astype(np.int32)]
    np.testing.assert_allclose(loaded(inputs), network(inputs), rtol=0, atol=1e-6)


def test_config_round_trip():
    layer = MaskedPooling("last", name="pool")
    copy = MaskedPooling.from_config(layer.get_config())
    assert (copy.pooling, copy.name) == ("last", "pool")


def test_a_keras_mask_ends_here_without_a_warning(recwarn, sequences):
    masked = keras.layers.Masking(9.0)(sequences)
    pooled = MaskedPooling("mean")(masked, mask(LENGTHS, 7))
    assert keras.src.backend.get_keras_mask(pooled) is None
    assert not [str(w.message) for w in recwarn if "mask" in str(w.message)]


def test_errors(sequences):
    with pytest.raises(ValueError, match=r"one of last, max, mean, last_max, max_mean, last_max_mean\. Received: 'average'"):
        MaskedPooling("average")
    wrong_shapes = [np.ones(shape, bool) for shape in ((4, 7, 1), (4, 1), (4, 6), (1, 7))]
    for valid in (*wrong_shapes, np.ones((4, 7), np.int32), np.ones((4, 7), np.float32)):
        with pytest.raises(ValueError, match=r"must be bool of shape \[batch, time\], here \(4, 7\). *Received: "):
            MaskedPooling()(sequences, valid)
    with pytest.raises(ValueError, match=r"`sequences` must have shape .* Received: shape \(4, 7\)"):
        MaskedPooling()(sequences[:, :, 0], mask(LENGTHS, 7))
