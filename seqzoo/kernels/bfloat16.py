"""LSTM in bfloat16 on CPUs that multiply it natively (AMX, AVX512-BF16), for many units; `recipes.benchmarks.bfloat16`.

XLA widens bfloat16 to float32 on a CPU; TensorFlow's own matrix product does not. So the products stay outside of
XLA, in loops over time, and only what is done element by element is compiled. Products take bfloat16 and give it;
gates, cell state and sums are float32.
"""

import functools
from pathlib import Path

import tensorflow as tf

from seqzoo.kernels.recurrence import reverse, rows, time_major, visible

FEWEST_UNITS = 256  # with fewer, starting the steps costs what their products save; measured on AMX
_HALF = tf.bfloat16


def serves(units, dtype):
    """Whether this form computes a layer of `units` faster than the one that widens bfloat16."""
    return dtype == _HALF and units >= FEWEST_UNITS and native()


@functools.cache
def native():
    """Whether this machine computes here: a CPU with bfloat16 products, no accelerator."""
    if tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("TPU"):
        return False
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:  # no Linux: the kernel that computes in float32 serves
        return False
    return "amx_bf16" in flags or "avx512_bf16" in flags


def run(options, inputs, mask, states, weights, training):
    """`seqzoo.kernels.compiled.run` for bfloat16: the outputs or None, and the last states."""
    mask = time_major(reverse(mask, options.go_backwards))
    given = time_major(reverse(inputs, options.go_backwards)), mask, *states, *weights
    outputs, *last = options.recurrence.in_bfloat16(*given)
    if not options.return_sequences:
        return None, tuple(last)
    return time_major(visible(outputs, mask, options.zero_masked)), tuple(last)


def lstm(x, mask, h0, c0, kernel, bias, recurrent_kernel):
    """h of every step [time, batch, units], last h and c, all bfloat16, from x [time, batch, features].

    `mask` is bool [time, batch] or None. Differentiable once by all others.
    """
    given = x, h0, c0, kernel, bias, recurrent_kernel
    return _graph(*kernel.shape, False)(*given) if mask is None else _graph(*kernel.shape, True)(*given, mask)


@functools.cache
def _graph(features, width, masked):
    """`lstm` for a layer of this size and batches of any."""

    def run(x, h0, c0, kernel, bias, recurrent_kernel, mask=None):
        @tf.custom_gradient
        def differentiable(x, h0, c0, kernel, bias, recurrent_kernel):
            return _lstm(x, mask, h0, c0, kernel, bias, recurrent_kernel)

        return differentiable(x, h0, c0, kernel, bias, recurrent_kernel)

    units = width // 4
    sizes = ([None, None, features], [None, units], [None, units], [features, width], [width], [units, width])
    specs = [tf.TensorSpec(size, _HALF) for size in sizes] + [tf.TensorSpec([None, None], tf.bool)] * masked
    return tf.function(run, input_signature=specs, autograph=False)


def _lstm(x, mask, h0, c0, kernel, bias, recurrent_kernel):
    """What `lstm` returns, and the gradient by its arguments but the mask."""
    units, time = recurrent_kernel.shape[0], tf.shape(x)[0]
    z = tf.reshape(tf.matmul(rows(x), kernel) + bias, [time, -1, 4 * units])

    def stack(dtype, width):
        return tf.TensorArray(dtype, time, element_shape=[x.shape[1], width])

    def valid(t):
        return None if mask is None else mask[t][:, None]

    def body(t, h, c, gates, cells, hidden):
        a, h, c = _step(z[t], tf.matmul(h, recurrent_kernel), h, c, valid(t))
        return t + 1, h, c, gates.write(t, a), cells.write(t, c), hidden.write(t, h)

    stacks = stack(_HALF, 4 * units), stack(tf.float32, units), stack(_HALF, units)
    first = (0, h0, tf.cast(c0, tf.float32), *stacks)
    _, h, c, gates, cells, hidden = tf.while_loop(lambda t, *_: t < time, body, first)
    gates, cells, hidden = gates.stack(), cells.stack(), hidden.stack()

    def gradient(d_outputs, d_h, d_c):
        cells_before = tf.concat([tf.cast(c0, tf.float32)[None], cells[:-1]], 0)

        def back(t, dh, dc, dz):
            given = gates[t], cells_before[t], cells[t], d_outputs[t], dh, dc, valid(t)
            dz_t, around, dc = _step_gradient(*given)
            dh = tf.matmul(dz_t, recurrent_kernel, transpose_b=True)
            return t - 1, dh if around is None else dh + around, dc, dz.write(t, dz_t)

        first = (time - 1, d_h, tf.cast(d_c, tf.float32), stack(_HALF, 4 * units))
        _, dh, dc, dz = tf.while_loop(lambda t, *_: t >= 0, back, first)
        dz = rows(dz.stack())
        return (
            tf.reshape(tf.matmul(dz, kernel, transpose_b=True), tf.shape(x)),
            dh,
            tf.cast(dc, _HALF),
            tf.matmul(rows(x), dz, transpose_a=True),
            tf.cast(tf.reduce_sum(tf.cast(dz, tf.float32), 0), _HALF),
            tf.matmul(rows(tf.concat([h0[None], hidden[:-1]], 0)), dz, transpose_a=True),
        )

    return (hidden, h, tf.cast(c, _HALF)), gradient


@tf.function(autograph=False, jit_compile=True)
def _step(z_input, z_hidden, h, c, valid):
    """From the two parts of z [batch, 4*units] and the states: activated gates side by side, h, c."""
    i, f, g, o = tf.split(tf.cast(z_input, tf.float32) + tf.cast(z_hidden, tf.float32), 4, axis=-1)
    # sigmoid(z) = tanh(z/2)/2 + 1/2, and XLA's tanh is the faster of the two on a CPU.
    i, f, o = (0.5 * tf.tanh(0.5 * z) + 0.5 for z in (i, f, o))
    g = tf.tanh(g)
    new_c = f * c + i * g
    new_h = tf.cast(o * tf.tanh(new_c), _HALF)
    if valid is not None:
        new_h, new_c = tf.where(valid, new_h, h), tf.where(valid, new_c, c)
    return tf.cast(tf.concat([i, f, g, o], -1), _HALF), new_h, new_c


@tf.function(autograph=False, jit_compile=True)
def _step_gradient(gates, c_before, c, d_output, dh, dc, valid):
    """Gradients by z [batch, 4*units]; by h of the step before, as far as it goes around a masked step (or None);
    by c of the step before."""
    i, f, g, o = tf.split(tf.cast(gates, tf.float32), 4, axis=-1)
    dh, tanh_c, around = dh + d_output, tf.tanh(c), None
    if valid is not None:
        around, d_c_around = tf.where(valid, tf.zeros_like(dh), dh), tf.where(valid, 0.0, dc)
        dh, dc = tf.where(valid, dh, tf.zeros_like(dh)), tf.where(valid, dc, 0.0)
    dh = tf.cast(dh, tf.float32)
    dc = dc + dh * o * (1 - tanh_c * tanh_c)
    dz = [dc * g * i * (1 - i), dc * c_before * f * (1 - f), dc * i * (1 - g * g), dh * tanh_c * o * (1 - o)]
    dc = dc * f
    return tf.cast(tf.concat(dz, -1), _HALF), around, dc if valid is None else dc + d_c_around
