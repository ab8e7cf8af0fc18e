"""The bfloat16 form against the float32 form: equal up to what eight bits can hold. It runs on any CPU, if slowly."""

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")

from seqzoo.kernels import bfloat16, lstm_sequence  # noqa: E402

pytestmark = pytest.mark.usefixtures("uncompiled")  # what the form is compared with

BATCH, TIME, FEATURES, UNITS = 3, 7, 4, 5
MASKS = {
    "none": None,
    "right": np.arange(TIME) < np.array([[7], [4], [1]]),
    "left": np.arange(TIME) >= np.array([[0], [3], [6]]),
    "scattered": np.random.default_rng(5).random((BATCH, TIME)) < 0.5,
    "empty row": np.arange(TIME) < np.array([[7], [0], [3]]),
}


@pytest.fixture
def native(monkeypatch):
    monkeypatch.setattr(bfloat16, "native", lambda: True)
    monkeypatch.setattr(bfloat16, "FEWEST_UNITS", 1)


def arguments(dtype):
    random = np.random.default_rng(0)
    shapes = [(BATCH, TIME, FEATURES), (BATCH, UNITS), (BATCH, UNITS), (FEATURES, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,)]
    # Values that bfloat16 holds, so that both forms begin alike.
    return [tf.cast(tf.cast(random.normal(size=shape), tf.bfloat16), dtype) for shape in shapes]


def run(dtype, **options):
    """The four results and the gradients of a weighted sum of them, as float32 arrays."""
    given = arguments(dtype)
    with tf.GradientTape() as tape:
        tape.watch(given)
        results = lstm_sequence(*given, training=True, **options)
        random = np.random.default_rng(1)
        total = sum(tf.reduce_sum(tf.cast(r, tf.float32) * random.normal(size=r.shape)) for r in results)
    found = [*results, *tape.gradient(total, given)]
    return [tf.cast(tensor, tf.float32).numpy() for tensor in found]


# Every mask by itself, and the options with one that has gaps: both at once, or each.
CASES = [(mask, False, False) for mask in MASKS] + [("scattered", True, True)]
CASES += [pytest.param("scattered", *of, marks=pytest.mark.slow) for of in ((False, True), (True, False))]


@pytest.mark.parametrize("mask, go_backwards, zero_output_for_mask", CASES)
def test_equals_float32(native, mask, go_backwards, zero_output_for_mask):
    options = {"mask": MASKS[mask], "go_backwards": go_backwards, "zero_output_for_mask": zero_output_for_mask}
    for exact, half in zip(run(tf.float32, **options), run(tf.bfloat16, **options), strict=True):
        np.testing.assert_allclose(half, exact, atol=0.05 * max(1, np.abs(exact).max()))


def test_few_units_and_other_dtypes_are_left_to_the_other_form(monkeypatch):
    monkeypatch.setattr(bfloat16, "native", lambda: True)
    assert bfloat16.serves(256, tf.bfloat16)
    assert not bfloat16.serves(255, tf.bfloat16) and not bfloat16.serves(512, tf.float32)
    monkeypatch.setattr(bfloat16, "native", lambda: False)
    assert not bfloat16.serves(256, tf.bfloat16)


def test_serves_bfloat16_alone(native, monkeypatch):
    taken, whole = [], bfloat16.forward
    monkeypatch.setattr(bfloat16, "forward", lambda *given: taken.append(given[3].dtype) or whole(*given))
    lstm_sequence(*arguments(tf.float32))
    lstm_sequence(*arguments(tf.bfloat16))
    assert taken == [tf.bfloat16]


def test_layers_of_several_sizes_and_batches_in_one_process(native):
    random = np.random.default_rng(2)
    for batch, time, features, units in ((2, 3, 4, 5), (2, 3, 4, 9), (7, 5, 6, 5), (1, 8, 4, 5)):
        shapes = [(batch, time, features), (batch, units), (batch, units), (features, 4 * units), (units, 4 * units)]
        given = [tf.cast(random.normal(size=shape), tf.bfloat16) for shape in shapes] + [None]
        half = lstm_sequence(*given)[1]
        exact = lstm_sequence(*(None if t is None else tf.cast(t, tf.float32) for t in given))[1]
        assert half.shape == (batch, time, units)
        np.testing.assert_allclose(tf.cast(half, tf.float32), exact, atol=0.05)


def test_without_sequences(native):
    last, outputs, h, c = lstm_sequence(*arguments(tf.bfloat16), return_sequences=False)
    whole = lstm_sequence(*arguments(tf.bfloat16))
    assert outputs.shape == (BATCH, 1, UNITS)
    for short, long in zip((last, outputs[:, 0], h, c), (whole[0], whole[1][:, -1], *whole[2:]), strict=True):
        np.testing.assert_array_equal(tf.cast(short, tf.float32), tf.cast(long, tf.float32))


def test_inside_xla_another_form_serves(native, monkeypatch):
    monkeypatch.setattr(bfloat16, "forward", lambda *_: pytest.fail("XLA would widen these products"))
    given = arguments(tf.bfloat16)
    compiled = tf.function(lambda: lstm_sequence(*given)[0], jit_compile=True)()
    np.testing.assert_allclose(tf.cast(compiled, tf.float32), lstm_sequence(*arguments(tf.float32))[0], atol=0.05)


@pytest.mark.parametrize("in_graph", [pytest.param(False, marks=pytest.mark.slow), True], ids=["eager", "graph"])
def test_second_derivative_equals_float32s(native, in_graph):
    """Of steps that are rounded at their ends alone; the first derivative, in between, has eight bits."""

    def penalty_gradients(*given):
        with tf.GradientTape() as outer:
            outer.watch(given)
            with tf.GradientTape() as inner:
                inner.watch(given)
                total = tf.reduce_sum(tf.cast(lstm_sequence(*given, mask=MASKS["scattered"], training=True)[1], tf.float32) ** 2)
            found = inner.gradient(total, given)
            penalty = sum(tf.reduce_sum(tf.cast(gradient, tf.float32) ** 2) for gradient in found)
        return outer.gradient(penalty, given)

    form = tf.function(penalty_gradients) if in_graph else penalty_gradients
    for exact, half in zip(penalty_gradients(*arguments(tf.float32)), form(*arguments(tf.bfloat16)), strict=True):
        assert half.dtype == tf.bfloat16
        np.testing.assert_allclose(tf.cast(half, tf.float32), exact, atol=0.08 * np.abs(exact).max())
