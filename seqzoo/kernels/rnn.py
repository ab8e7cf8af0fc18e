"""RNN over a sequence (Elman 1990), tanh."""

import tensorflow as tf

from seqzoo.kernels.arguments import standardized
from seqzoo.kernels.recurrence import Recurrence
from seqzoo.kernels.sequence import run


def rnn_sequence(
    x,
    h0,
    kernel,
    recurrent_kernel,
    bias,
    mask=None,
    go_backwards=False,
    return_sequences=True,
    zero_output_for_mask=False,
    training=False,
):
    """An RNN with tanh activation over [batch, time, features], as `seqzoo.RNNCell` steps it.

    Args:
        h0: state before the first step, `[batch, units]`.
        kernel, recurrent_kernel, bias: `[features, units]`, `[units, units]`, `[units]` or None.

    Other arguments and errors as for `lstm_sequence`.

    Returns:
        `(last_output, outputs, h)`, as `lstm_sequence` has them.
    """
    x, states, weights, mask = standardized(x, (h0,), (kernel, bias, recurrent_kernel), mask, 1)
    return run(_RNN, x, states, weights, mask, go_backwards, return_sequences, zero_output_for_mask, training)


def _step(z, states, select, recurrent_kernel):
    (h,) = states
    new = tf.tanh(z + h @ recurrent_kernel)
    return (new,), (select(new, h),)


def _step_gradient(kept, before, after, d_states, recurrent_kernel):
    (h,), (dh,) = kept, d_states
    dz = dh * (1 - h * h)
    return dz, (tf.matmul(dz, recurrent_kernel, transpose_b=True),)


def _recurrent_gradient(kept, h, dz):
    return (tf.matmul(h, dz, transpose_a=True),)


_RNN = Recurrence(_step, _step_gradient, _recurrent_gradient)
