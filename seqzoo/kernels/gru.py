"""GRU over a sequence (Cho et al. 2014, arXiv:1406.1078), tanh and sigmoid."""

import tensorflow as tf

from seqzoo.kernels.arguments import standardized
from seqzoo.kernels.recurrence import Recurrence
from seqzoo.kernels.sequence import run


def gru_sequence(
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
    reset_after=True,
):
    """A GRU with tanh and sigmoid activations over [batch, time, features], as `seqzoo.GRUCell` steps it.

    Args:
        h0: state before the first step, `[batch, units]`.
        kernel, recurrent_kernel: `[features, 3*units]`, `[units, 3*units]`, gates in the order update, reset,
            candidate.
        bias: `[2, 3*units]` with `reset_after`, one row for the input and one for the recurrence; otherwise
            `[3*units]`; or None.
        reset_after: whether the reset gate acts after the product with the recurrent kernel, or before it.

    Other arguments and errors as for `lstm_sequence`.

    Returns:
        `(last_output, outputs, h)`, as `lstm_sequence` has them.
    """
    x, states, (kernel, bias, recurrent_kernel), mask = standardized(
        x, (h0,), (kernel, bias, recurrent_kernel), mask, gates=3, bias_rows=2 if reset_after else None
    )
    units = recurrent_kernel.shape[0]
    # As for the LSTM: a sigmoid is a tanh of half the argument.
    scale = tf.repeat(tf.constant([0.5, 0.5, 1.0], x.dtype), units)
    kernel, bias, recurrent_kernel = kernel * scale, bias * scale, recurrent_kernel * scale
    if reset_after:
        recurrence, weights = _RESET_AFTER, (kernel, bias[0], recurrent_kernel, bias[1])
    else:
        recurrence, weights = _RESET_BEFORE, (kernel, bias, *tf.split(recurrent_kernel, [2 * units, units], -1))
    return run(recurrence, x, states, weights, mask, go_backwards, return_sequences, zero_output_for_mask, training)


def _split(tensor):
    return tf.split(tensor, 3, axis=-1)


def _gates(kept):
    z, r, g = _split(kept)
    return 0.5 * z + 0.5, 0.5 * r + 0.5, g


def _d_gates(kept, before, dh):
    """Gradients by h_{t-1} as far as it is interpolated, by the update gate's and the candidate's arguments."""
    z, _, g = _gates(kept)
    d_update = (before - g) * dh * 2 * z * (1 - z)  # (1 - tanh^2)/2 of half the argument is 2 z (1 - z)
    return z * dh, d_update, (1 - z) * dh * (1 - g * g)


def _step_after(x, states, select, recurrent_kernel, recurrent_bias):
    (h,) = states
    x_zr, x_g = tf.split(x, [2 * h.shape[1], h.shape[1]], -1)
    u_zr, u_g = tf.split(h @ recurrent_kernel + recurrent_bias, [2 * h.shape[1], h.shape[1]], -1)
    zr = tf.tanh(x_zr + u_zr)
    z, r = tf.split(0.5 * zr + 0.5, 2, -1)
    g = tf.tanh(x_g + r * u_g)
    return (tf.concat([zr, g], -1), u_g), (select(z * h + (1 - z) * g, h),)


def _step_gradient_after(kept, before, after, d_states, recurrent_kernel, recurrent_bias):
    dh, d_update, d_candidate = _d_gates(kept[0], before[0], d_states[0])
    _, r, _ = _gates(kept[0])
    d_reset = d_candidate * kept[1] * 2 * r * (1 - r)
    d_product = tf.concat([d_update, d_reset, d_candidate * r], -1)
    dz = tf.concat([d_update, d_reset, d_candidate], -1)
    return dz, (dh + tf.matmul(d_product, recurrent_kernel, transpose_b=True),)


def _recurrent_gradient_after(kept, h, dz):
    _, r, _ = _gates(kept[0])
    d_update, d_reset, d_candidate = _split(dz)
    d_product = tf.concat([d_update, d_reset, d_candidate * r], -1)
    return tf.matmul(h, d_product, transpose_a=True), tf.reduce_sum(d_product, 0)


def _step_before(x, states, select, kernel_zr, kernel_g):
    (h,) = states
    x_zr, x_g = tf.split(x, [2 * h.shape[1], h.shape[1]], -1)
    zr = tf.tanh(x_zr + h @ kernel_zr)
    z, r = tf.split(0.5 * zr + 0.5, 2, -1)
    g = tf.tanh(x_g + (r * h) @ kernel_g)
    return (tf.concat([zr, g], -1),), (select(z * h + (1 - z) * g, h),)


def _step_gradient_before(kept, before, after, d_states, kernel_zr, kernel_g):
    (h,) = before
    dh, d_update, d_candidate = _d_gates(kept[0], h, d_states[0])
    _, r, _ = _gates(kept[0])
    d_product = tf.matmul(d_candidate, kernel_g, transpose_b=True)  # by r * h
    d_zr = tf.concat([d_update, d_product * h * 2 * r * (1 - r)], -1)
    dh = dh + d_product * r + tf.matmul(d_zr, kernel_zr, transpose_b=True)
    return tf.concat([d_zr, d_candidate], -1), (dh,)


def _recurrent_gradient_before(kept, h, dz):
    _, r, _ = _gates(kept[0])
    d_zr, d_candidate = tf.split(dz, [2 * h.shape[1], h.shape[1]], -1)
    return tf.matmul(h, d_zr, transpose_a=True), tf.matmul(r * h, d_candidate, transpose_a=True)


_RESET_AFTER = Recurrence(_step_after, _step_gradient_after, _recurrent_gradient_after, kept_widths=lambda units: (units,))
_RESET_BEFORE = Recurrence(_step_before, _step_gradient_before, _recurrent_gradient_before)
