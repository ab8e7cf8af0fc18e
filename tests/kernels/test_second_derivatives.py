"""Derivatives of the gradient by hand, against those of Keras's cell stepped one step after the other."""

import functools

import numpy as np
import pytest
import tensorflow as tf
from kernel_kinds import GRU_AFTER, GRU_BEFORE, KINDS, LSTM, RNN, arguments, assert_close, kernel, stepped

from seqzoo.kernels.sampled_softmax import candidate_losses

# The derivatives are of the same code, whether the first pass was compiled or not.
pytestmark = pytest.mark.usefixtures("uncompiled")

BATCH, TIME = 4, 4
MASK = tf.sequence_mask([4, 2, 0, 3], TIME)


def hessian_product(function, inputs, directions):
    """The second derivative of a sum of sines of what `function` returns, by `inputs`, times `directions`."""
    with tf.GradientTape() as outer:
        outer.watch(inputs)
        with tf.GradientTape() as inner:
            inner.watch(inputs)
            total = sum(tf.reduce_sum(tf.sin(t)) for t in function())
        found = inner.gradient(total, inputs)
        slope = sum(tf.reduce_sum(g * d) for g, d in zip(found, directions, strict=True))
    return outer.gradient(slope, inputs)


def directions_like(tensors):
    rng = np.random.default_rng(11)
    return [tf.constant(rng.normal(size=t.shape), t.dtype) for t in tensors]


@functools.cache
def of_the_stepped_cell(kind, masked, dtype):
    x, states, weights = arguments(kind, BATCH, TIME, dtype=dtype)
    reference, variables = stepped(kind, x, states, weights, MASK if masked else None)
    return hessian_product(reference, [x, *states, *variables], directions_like([x, *states, *weights]))


# Every kind with a mask; what is one piece of code for all kinds (no mask, a graph, XLA) with some of them. A graph of second
# derivatives takes seconds to trace: those in float64 serve forward mode too.
CASES = [pytest.param(k, True, "eager", "float64", marks=[pytest.mark.slow] if k == GRU_BEFORE else []) for k in KINDS]
CASES += [(RNN, False, where, "float32") for where in ("graph", "xla")]
CASES += [pytest.param(LSTM, False, "eager", "float32", marks=pytest.mark.slow)]
CASES += [pytest.param(LSTM, True, where, "float32", marks=pytest.mark.slow) for where in ("graph", "xla")]


@pytest.mark.parametrize("kind, masked, where, dtype", CASES)
def test_hessian_product(kind, masked, where, dtype):
    x, states, weights = arguments(kind, BATCH, TIME, dtype=dtype)
    given, mask = [x, *states, *weights], MASK if masked else None
    directions = directions_like(given)
    expected = of_the_stepped_cell(kind, masked, dtype)

    def ours(*given):
        x, *rest = given
        states_, weights_ = rest[: len(states)], rest[len(states) :]
        return hessian_product(lambda: kernel(kind, x, states_, weights_, mask=mask, training=True), list(given), directions)

    function = ours if where == "eager" else tf.function(ours, jit_compile=where == "xla")
    assert_close(function(*given), expected, 1e-5 if dtype == "float32" else 1e-10)


def test_hessian_product_without_training_and_backwards():
    x, states, weights = arguments(RNN, BATCH, TIME)
    directions = directions_like([x, *states, *weights])
    reference, variables = stepped(RNN, x, states, weights, MASK, go_backwards=True)
    expected = hessian_product(reference, [x, *states, *variables], directions)
    actual = hessian_product(
        lambda: kernel(RNN, x, states, weights, mask=MASK, go_backwards=True), [x, *states, *weights], directions
    )
    assert_close(actual, expected, 1e-5)


def test_third_derivative_is_the_slope_of_the_second():
    x, states, weights = arguments(RNN, BATCH, TIME, dtype="float64")
    direction = directions_like([x])

    def second(x):
        return hessian_product(lambda: kernel(RNN, x, states, weights, training=True), [x], direction)[0]

    with tf.GradientTape() as tape:
        tape.watch(x)
        value = tf.reduce_sum(second(x) * direction[0])
    slope = tf.reduce_sum(tape.gradient(value, x) * direction[0])
    ahead, behind = (tf.reduce_sum(second(x + step * direction[0]) * direction[0]) for step in (1e-5, -1e-5))
    assert_close([slope], [(ahead - behind) / 2e-5], 1e-6)


@pytest.mark.parametrize("kind, in_graph", [*((kind, False) for kind in KINDS), (GRU_AFTER, True)])
def test_forward_mode(kind, in_graph):
    """In a graph too, where Keras's loop refuses."""
    x, states, weights = arguments(kind, BATCH, TIME, dtype="float64")
    (direction,) = directions_like([x])

    def outputs(x):
        return kernel(kind, x, states, weights, mask=MASK, training=True)[1]

    def product(x):
        with tf.autodiff.ForwardAccumulator(x, direction) as accumulator:
            y = outputs(x)
        return accumulator.jvp(y)

    expected = (outputs(x + 1e-6 * direction) - outputs(x - 1e-6 * direction)) / 2e-6
    assert_close([(tf.function(product) if in_graph else product)(x)], [expected], 1e-7)


@pytest.mark.parametrize("in_graph", [False, True], ids=["eager", "graph"])
def test_sampled_softmax(in_graph):
    rng = np.random.default_rng(0)
    floats = [tf.constant(rng.normal(size=size), tf.float32) for size in ((6, 9), (9,), (6,))]
    wanted, candidates = tf.constant([0, 4, 5, 9, 9, 19]), tf.constant([0, 1, 2, 3, 4, 5, 9, 9, 17])
    common = wanted < 5

    def explicit(logits, shift, own):
        rivals = tf.where((wanted[:, None] == candidates) & ~common[:, None], -1e9, logits + shift)
        rivals = tf.concat([rivals, tf.where(common, -1e9, own)[:, None]], 1)
        return [tf.reduce_logsumexp(rivals, 1) - own]

    directions = directions_like(floats)

    def ours(*floats):
        return hessian_product(lambda: [candidate_losses(*floats, wanted, candidates, common)], list(floats), directions)

    expected = hessian_product(lambda: explicit(*floats), floats, directions)
    assert_close((tf.function(ours) if in_graph else ours)(*floats), expected, 1e-5)
