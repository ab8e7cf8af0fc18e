"""The kernels inside graphs, inside XLA, with unknown sizes, without training, in a SavedModel."""

import numpy as np
import pytest
import tensorflow as tf
from kernel_kinds import FEATURES, KINDS, LSTM, UNITS, arguments, assert_close, compiled_after, gradients, kernel

from seqzoo.kernels import lstm_sequence, portable

# What is expected comes from eager calls; what is compiled here is compiled in graphs.
pytestmark = pytest.mark.usefixtures("uncompiled")


def step(x, states, weights, **options):
    """Outputs and gradients as one training step computes them."""
    returned, found = gradients(lambda: kernel(LSTM, x, states, weights, **options)[1:], [x, *states, *weights])
    return [*returned, *found]


@pytest.fixture(scope="module")
def example():
    x, states, weights = arguments(LSTM, 4, 8)
    with compiled_after(10**9):
        return x, states, weights, step(x, states, weights, training=True)


@pytest.mark.parametrize("jit_compile", [False, True], ids=["graph", "xla"])
def test_inside_a_function(example, jit_compile):
    x, states, weights, expected = example
    compiled = tf.function(lambda *given: step(*given, training=True), jit_compile=jit_compile)
    assert_close(compiled(x, states, weights), expected, 1e-6)


def test_unknown_batch_and_time(example):
    x, states, weights, expected = example
    spec = [tf.TensorSpec([None, None, FEATURES]), [tf.TensorSpec([None, UNITS])] * 2]
    spec.append([tf.TensorSpec(weight.shape) for weight in weights])
    anything = tf.function(lambda *given: kernel(LSTM, *given), input_signature=spec)
    assert_close(anything(x, states, weights)[1:], expected[:3], 1e-6)
    for batch, time in [(1, 1), (3, 5)]:  # rows and steps do not depend on those beside and after them
        outputs = anything(x[:batch, :time], [s[:batch] for s in states], weights)[1]
        assert_close([outputs], [expected[0][:batch, :time]], 1e-6)


def test_shapes_that_are_known_stay_known():
    x, states, weights = arguments(LSTM, 4, 8)

    @tf.function
    def shapes(x):
        last, outputs, h, c = kernel(LSTM, x, states, weights)
        assert (last.shape, outputs.shape, h.shape, c.shape) == ((4, UNITS), (4, 8, UNITS), (4, UNITS), (4, UNITS))
        return outputs

    shapes(x)


def test_gradient_without_training(example):
    x, states, weights, expected = example
    assert_close(step(x, states, weights, training=False), expected, 1e-6)


def test_no_bias():
    x, states, (kernel_, recurrent, bias) = arguments(LSTM, 4, 8)
    without = lstm_sequence(x, *states, kernel_, recurrent, None)
    assert_close(without, lstm_sequence(x, *states, kernel_, recurrent, tf.zeros_like(bias)), 1e-7)


def test_gradient_is_the_slope():
    """Central differences along a random direction, in float64: an oracle that knows no chain rule."""
    x, states, weights = arguments(LSTM, 4, 8, dtype="float64")
    mask = tf.sequence_mask([8, 3, 0, 5], 8)
    point = [x, *states, *weights]
    rng = np.random.default_rng(7)
    direction = [tf.constant(rng.normal(size=t.shape)) for t in point]

    def loss(point):
        x, h, c, *weights = point
        return tf.reduce_sum(tf.sin(kernel(LSTM, x, [h, c], weights, mask=mask, training=True)[1]))

    with tf.GradientTape() as tape:
        tape.watch(point)
        value = loss(point)
    slope = sum(tf.reduce_sum(g * d) for g, d in zip(tape.gradient(value, point), direction, strict=True))
    ahead, behind = (loss([p + e * d for p, d in zip(point, direction, strict=True)]) for e in (1e-6, -1e-6))
    assert_close([slope], [(ahead - behind) / 2e-6], 1e-7)


def test_two_tapes_at_once(example):
    x, states, weights, expected = example
    with tf.GradientTape() as first, tf.GradientTape() as second:
        first.watch(x), second.watch(weights[0])
        loss = tf.reduce_sum(kernel(LSTM, x, states, weights, training=True)[1])
    with tf.GradientTape() as alone:
        alone.watch(x), alone.watch(weights[0])
        again = tf.reduce_sum(kernel(LSTM, x, states, weights, training=True)[1])
    found = [first.gradient(loss, x), second.gradient(loss, weights[0])]
    assert_close(found, alone.gradient(again, [x, weights[0]]), 1e-6)


def test_inside_xla_sizes_that_nothing_divides():
    x, states, weights = arguments(LSTM, 5, 7)
    expected = step(x, states, weights, training=True)
    compiled = tf.function(lambda *given: step(*given, training=True), jit_compile=True)
    assert_close(compiled(x, states, weights), expected, 1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_portable_is_the_same_without_xla(kind, tmp_path):
    x, states, weights = arguments(kind, 4, 8)
    mask = tf.sequence_mask([8, 3, 0, 5], 8)
    expected = kernel(kind, x, states, weights, mask=mask)

    module = tf.Module()
    module.weights = [tf.Variable(weight) for weight in weights]

    @tf.function(input_signature=[tf.TensorSpec([None, None, FEATURES]), tf.TensorSpec([None, None], tf.bool)])
    def serve(x, mask):
        return kernel(kind, x, states, module.weights, mask=mask)

    module.serve = serve
    with portable():
        tf.saved_model.save(module, str(tmp_path))
    assert b"_XlaMustCompile" not in (tmp_path / "saved_model.pb").read_bytes()
    loaded = tf.saved_model.load(str(tmp_path))
    assert_close(loaded.serve(x, mask), expected, 1e-6)


@pytest.mark.parametrize("time", [None, pytest.param(8, marks=pytest.mark.slow)])
def test_gradient_of_a_loaded_saved_model(example, time, tmp_path):
    """Saved with the compiled kernel and its gradient, of two layers at once, which must not get each other's."""
    x, states, weights, _ = example
    _, _, others = arguments(LSTM, 4, 8, seed=3)
    others = [others[0][:1] * tf.ones([UNITS, 1]), *others[1:]]
    module = tf.Module()

    def both(x):
        return kernel(LSTM, kernel(LSTM, x, states, weights)[1], states, others)[1]

    module.serve = tf.function(both, input_signature=[tf.TensorSpec([4, time, FEATURES])])
    tf.saved_model.save(module, str(tmp_path))
    loaded = tf.saved_model.load(str(tmp_path))
    expected, expected_gradients = gradients(lambda: [both(x)], [x])
    found, found_gradients = gradients(lambda: [loaded.serve(x)], [x])
    assert_close([*found, *found_gradients], [*expected, *expected_gradients], 1e-6)


def test_portable_gradient(example):
    x, states, weights, expected = example
    with portable():
        assert_close(tf.function(step)(x, states, weights), expected, 1e-5)


def test_shapes_that_do_not_fit():
    x, (h, c), (kernel_, recurrent, bias) = arguments(LSTM, 4, 8)
    for name, given in {
        "x": (x[0], h, c, kernel_, recurrent, bias),
        "kernel": (x, h, c, kernel_[:, 1:], recurrent, bias),
        "recurrent_kernel": (x, h, c, kernel_, recurrent[:, 1:], bias),
        "bias": (x, h, c, kernel_, recurrent, bias[1:]),
        "state": (x, h[1:], c, kernel_, recurrent, bias),
    }.items():
        with pytest.raises(ValueError, match=f"`{name}` must have the shape .*Received: shape"):
            lstm_sequence(*given)
    with pytest.raises(ValueError, match="`mask` must have the shape"):
        lstm_sequence(x, h, c, kernel_, recurrent, bias, mask=tf.ones([4, 7], tf.bool))
