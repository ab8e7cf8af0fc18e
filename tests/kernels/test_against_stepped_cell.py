"""Every kernel equals Keras's cell stepped one step after the other: outputs, states and gradients."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_kinds import (
    GRU_AFTER,
    GRU_BEFORE,
    KINDS,
    LSTM,
    RNN,
    arguments,
    assert_close,
    compiled_after,
    gradients,
    kernel,
    stepped,
)

from seqzoo.kernels import bfloat16, compiled

# Each row is compiled once. Batches of 3 to 8 rows and 5 to 8 steps are all padded to the one compiled shape.
OPTIONS = {
    "plain": {"masked": False},
    "masked": {"masked": True},
    "backwards": {"masked": False, "go_backwards": True},
    "masked backwards, zeros": {"masked": True, "go_backwards": True, "zero_output_for_mask": True},
}
# The loop over time is one piece of code, which the LSTM meets with every option, at once in `make test`; what a kind has for
# itself is its step, with a mask here and without one in float64, below.
CASES = [(LSTM, "plain"), *(pytest.param(LSTM, name, marks=pytest.mark.slow) for name in ("masked", "backwards"))]
CASES += [(LSTM, "masked backwards, zeros")]
CASES += [(RNN, "masked backwards, zeros"), (GRU_AFTER, "masked backwards, zeros"), (GRU_BEFORE, "masked")]


@st.composite
def masks(draw, batch, time):
    """Right-padded, left-padded, scattered, all or nothing: one kind or a mixture of them."""
    steps = np.arange(time)
    rows = []
    for _ in range(batch):
        length = draw(st.integers(0, time))
        scattered = draw(st.lists(st.booleans(), min_size=time, max_size=time))
        rows.append(draw(st.sampled_from([steps < length, steps >= length, np.array(scattered)])))
    return tf.constant(np.array(rows))


@pytest.mark.parametrize("kind, name", CASES, ids=" ".join)
@settings(max_examples=3, deadline=None, database=None)
@given(data=st.data())
def test_outputs_states_and_gradients(kind, name, data):
    batch, time = data.draw(st.integers(3, 8), "batch"), data.draw(st.integers(5, 8), "time")
    options = dict(OPTIONS[name])
    mask = data.draw(masks(batch, time), "mask") if options.pop("masked") else None
    x, states, weights = arguments(kind, batch, time, data.draw(st.integers(0, 1000), "seed"))

    reference, variables = stepped(kind, x, states, weights, mask, **options)
    expected, expected_gradients = gradients(reference, [x, *states, *variables])
    for calls in (0, 10**9):  # compiled, and as an eager caller's first ones
        with compiled_after(calls):
            actual, actual_gradients = gradients(
                lambda: kernel(kind, x, states, weights, mask=mask, training=True, **options), [x, *states, *weights]
            )
        assert_close(actual, expected, 1e-6)
        assert_close(actual_gradients, expected_gradients, 1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_float64_to_its_own_precision(kind):
    x, states, weights = arguments(kind, 4, 8, dtype="float64")
    reference, variables = stepped(kind, x, states, weights)
    expected, expected_gradients = gradients(reference, [x, *states, *variables])
    actual, actual_gradients = gradients(lambda: kernel(kind, x, states, weights, training=True), [x, *states, *weights])
    assert_close(actual, expected, 1e-14)
    assert_close(actual_gradients, expected_gradients, 1e-13)


@pytest.mark.parametrize("dtype, digits", [("float16", 2e-3), ("bfloat16", 2e-2)])
def test_half_precision_is_rounded_only_at_the_ends(monkeypatch, dtype, digits):
    monkeypatch.setattr(bfloat16, "native", lambda: False)  # that form rounds at every step, see test_bfloat16.py
    x, states, weights = arguments(LSTM, 4, 8, dtype=dtype)
    if dtype == "float16":  # the same code; compiled in the tests of layers, under mixed_float16
        monkeypatch.setattr(compiled, "CALLS_UNCOMPILED", 10**9)
    wide = [tf.nest.map_structure(lambda t: tf.cast(t, tf.float32), tensors) for tensors in (x, states, weights)]
    expected, expected_gradients = gradients(lambda: kernel(LSTM, *wide, training=True), tf.nest.flatten(wide))
    actual, actual_gradients = gradients(lambda: kernel(LSTM, x, states, weights, training=True), [x, *states, *weights])
    assert {t.dtype.name for t in [*actual, *actual_gradients]} == {dtype}
    assert_close(actual, expected, digits)
    assert_close(actual_gradients, expected_gradients, digits)


@pytest.mark.parametrize("kind", [pytest.param(RNN, marks=pytest.mark.slow), LSTM])
def test_last_output_alone(kind):
    x, states, weights = arguments(kind, 4, 8)
    mask = tf.sequence_mask([8, 3, 0, 5], 8)
    last, outputs, *rest = kernel(kind, x, states, weights, mask=mask, return_sequences=False)
    with compiled_after(10**9):
        expected = kernel(kind, x, states, weights, mask=mask)
    assert_close([last, outputs[:, 0], *rest], [expected[0], expected[0], *expected[2:]], 1e-6)
    assert_close(
        gradients(lambda: kernel(kind, x, states, weights, return_sequences=False, training=True)[:1], [x, *weights])[1],
        _gradients_by_the_last(kind, x, states, weights),
        1e-6,
    )


def _gradients_by_the_last(kind, x, states, weights):
    with compiled_after(10**9):
        return gradients(lambda: kernel(kind, x, states, weights)[:1], [x, *weights])[1]
