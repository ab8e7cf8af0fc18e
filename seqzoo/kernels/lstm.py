"""LSTM over a sequence (Hochreiter & Schmidhuber 1997; forget gate: Gers et al. 2000), tanh and sigmoid."""

import tensorflow as tf

from seqzoo.kernels.arguments import standardized
from seqzoo.kernels.recurrence import Recurrence
from seqzoo.kernels.sequence import run


def lstm_sequence(
    x,
    h0,
    c0,
    kernel,
    recurrent_kernel,
    bias,
    mask=None,
    go_backwards=False,
    return_sequences=True,
    zero_output_for_mask=False,
    training=False,
):
    """An LSTM with tanh and sigmoid activations over [batch, time, features], as `seqzoo.LSTMCell` steps it.

    Args:
        x: float tensor `[batch, time, features]`.
        h0, c0: states before the first step, `[batch, units]`.
        kernel, recurrent_kernel, bias: `[features, 4*units]`, `[units, 4*units]`, `[4*units]` or None; gates in the
            order input, forget, candidate, output.
        mask: bool `[batch, time]` or None. A step where it is False leaves the states as they are.
        go_backwards: begin at the last step. Outputs come in the order in which they are computed.
        return_sequences: whether h of every step is wanted.
        zero_output_for_mask: output zeros at masked steps, rather than the output before (zeros if none).
        training: keep what the gradient needs. Without it the gradient costs a second forward pass.

    Returns:
        `(last_output, outputs, h, c)`: `[batch, units]`, `[batch, time, units]` (`[batch, 1, units]` without
        `return_sequences`), and the states after the last step.

    Raises:
        ValueError: for shapes that don't fit together.
    """
    x, (h0, c0), weights, mask = standardized(x, (h0, c0), (kernel, bias, recurrent_kernel), mask, 4)
    return run(_LSTM, x, (h0, c0), weights, mask, go_backwards, return_sequences, zero_output_for_mask, training)


def _gates(a):
    i, f, g, o = tf.split(a, 4, axis=-1)
    return 0.5 * i + 0.5, 0.5 * f + 0.5, g, 0.5 * o + 0.5


def _step(z, states, select, recurrent_kernel):
    i, f, g, o = tf.split(z + states[0] @ recurrent_kernel, 4, axis=-1)
    # sigmoid(z) = tanh(z/2)/2 + 1/2, and XLA's tanh is the faster of the two on a CPU.
    a = tf.concat([tf.tanh(0.5 * i), tf.tanh(0.5 * f), tf.tanh(g), tf.tanh(0.5 * o)], -1)
    return _states(a, states, select)


def _step_from_stack(z, states, select, recurrent_kernel):
    # XLA reads slices of a slice at a variable place one by one, so all of z is used at once.
    half = tf.repeat(tf.constant([0.5, 0.5, 1.0, 0.5], z.dtype), states[0].shape[1])
    return _states(tf.tanh(half * (z + states[0] @ recurrent_kernel)), states, select)


def _states(a, states, select):
    h, c = states
    i, f, g, o = _gates(a)
    c = select(f * c + i * g, c)
    return (a,), (select(o * tf.tanh(c), h), c)


def _step_gradient(kept, before, after, d_states, recurrent_kernel):
    (a,), c_before, c, (dh, dc) = kept, before[1], after[1], d_states
    i, f, g, o = _gates(a)
    tanh_c = tf.tanh(c)
    dc = dc + dh * o * (1 - tanh_c * tanh_c)
    # d sigmoid(z)/dz = (1 - tanh(z/2)^2)/4.
    dz = tf.concat([0.25 * g * dc, 0.25 * c_before * dc, i * dc, 0.25 * tanh_c * dh], -1) * (1 - a * a)
    return dz, (tf.matmul(dz, recurrent_kernel, transpose_b=True), f * dc)


def _recurrent_gradient(kept, h, dz):
    return (tf.matmul(h, dz, transpose_a=True),)


_LSTM = Recurrence(_step, _step_gradient, _recurrent_gradient, step_from_stack=_step_from_stack, in_bfloat16=True)
