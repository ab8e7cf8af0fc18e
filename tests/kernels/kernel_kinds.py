"""The kernels beside Keras's cells stepped one after the other, which are what they must equal."""

import contextlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqzoo.kernels import compiled, gru_sequence, lstm_sequence, rnn_sequence

FEATURES, UNITS = 3, 4
RNN, LSTM = "rnn", "lstm"
GRU_AFTER, GRU_BEFORE = "gru reset after", "gru reset before"
KINDS = (RNN, LSTM, GRU_AFTER, GRU_BEFORE)
GATES = {RNN: 1, LSTM: 4, GRU_AFTER: 3, GRU_BEFORE: 3}


@contextlib.contextmanager
def compiled_after(calls):
    """In here an eager caller's size is compiled once it came for so many times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "CALLS_UNCOMPILED", calls)
        yield


def cell_of(kind, dtype):
    if kind == RNN:
        return keras.layers.SimpleRNNCell(UNITS, dtype=dtype)
    if kind == LSTM:
        return keras.layers.LSTMCell(UNITS, dtype=dtype)
    return keras.layers.GRUCell(UNITS, dtype=dtype, reset_after=kind == GRU_AFTER)


def arguments(kind, batch, time, seed=0, dtype="float32"):
    """x, states, weights (kernel, recurrent_kernel, bias): random tensors.

    With larger weights a recurrence would be chaotic, and multiply rounding errors from step to step.
    """
    rng = np.random.default_rng(seed)
    width = GATES[kind] * UNITS
    shapes = [[batch, time, FEATURES]] + [[batch, UNITS]] * (2 if kind == LSTM else 1)
    shapes += [[FEATURES, width], [UNITS, width], [2, width] if kind == GRU_AFTER else [width]]
    x, *states, kernel, recurrent, bias = (tf.constant(rng.normal(scale=0.5, size=shape), dtype) for shape in shapes)
    return x, states, [kernel, recurrent, bias]


def kernel(kind, x, states, weights, **options):
    """(last_output, outputs, *states) of the kernel."""
    if kind == RNN:
        return rnn_sequence(x, *states, *weights, **options)
    if kind == LSTM:
        return lstm_sequence(x, *states, *weights, **options)
    return gru_sequence(x, *states, *weights, reset_after=kind == GRU_AFTER, **options)


def stepped(kind, x, states, weights, mask=None, go_backwards=False, zero_output_for_mask=False):
    """A function like `kernel` that steps Keras's cell, and the variables that hold its weights."""
    dtype = x.dtype.name
    layer = keras.layers.RNN(
        cell_of(kind, dtype),
        return_sequences=True,
        return_state=True,
        go_backwards=go_backwards,
        zero_output_for_mask=zero_output_for_mask,
        dtype=dtype,
    )
    layer.build(x.shape)
    layer.set_weights(weights)

    def function():
        outputs, *last = layer(x, initial_state=states, mask=mask)
        return outputs[:, -1], outputs, *last

    return function, [variable.value for variable in layer.trainable_variables]


def gradients(function, inputs, seed=5):
    """What `function` returns and the gradients by `inputs` of its elements' weighted sum."""
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        returned = function()
        loss = sum(tf.reduce_sum(t * probe) for t, probe in zip(returned, probes(returned, seed), strict=True))
    return returned, tape.gradient(loss, inputs, unconnected_gradients="zero")


def probes(tensors, seed=5):
    rng = np.random.default_rng(seed)
    return [tf.constant(rng.normal(size=t.shape), t.dtype) for t in tensors]


def assert_close(actual, expected, tolerance):
    """Within `tolerance` of each expected tensor's largest number, or of 0.1 where that is smaller."""
    for a, b in zip(actual, expected, strict=True):
        a, b = (tf.cast(t, tf.float64).numpy() for t in (a, b))
        assert a.shape == b.shape
        assert np.all(np.isfinite(a))
        assert np.max(np.abs(a - b), initial=0) <= tolerance * np.max(np.abs(b), initial=0.1)
