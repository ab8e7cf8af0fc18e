"""LSTM in bfloat16 on CPUs that multiply it natively (AMX, AVX512-BF16), for many units; `recipes.benchmarks.bfloat16`.

XLA widens bfloat16 to float32 on a CPU; TensorFlow's own matrix product does not. So the products stay outside of
XLA, in loops over time, and only what is done element by element is compiled. Products take bfloat16 and give it;
gates, cell state and sums are float32.
"""

import functools
from pathlib import Path

import tensorflow as tf

from seqzoo.kernels.recurrence import reverse, rows, time_major, visible
from seqzoo.kernels.tracing import traced

FEWEST_UNITS = 256  # with fewer, starting the steps costs what their products save; measured on AMX
_HALF = tf.bfloat16
_SIZES = 32  # as in seqzoo.kernels.compiled


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


def forward(options, inside, keep, inputs, mask, states, weights):
    """As `seqzoo.kernels.derivatives.run` wants it."""
    specs = _specs(inputs, mask, states, weights)
    hidden, h, c, residuals = _forward(options, specs, keep)(inputs, mask, states, weights)
    return ((hidden,) if options.return_sequences else ()) + (h, c), residuals


def backward(options, inside, inputs, mask, states, weights, residuals, d_returned):
    """As `seqzoo.kernels.derivatives.run` wants it."""
    specs = _specs(inputs, mask, states, weights)
    return _backward(options, specs)(inputs, mask, states, weights, residuals, d_returned)


def _specs(inputs, mask, states, weights):
    """Of the arguments, for batches and sequences of any size."""
    sizes = tf.nest.map_structure(lambda t: [None, *t.shape[1:]], states), tf.nest.map_structure(lambda t: t.shape, weights)
    states, weights = (tuple(tf.TensorSpec(size, _HALF) for size in of) for of in sizes)
    mask = None if mask is None else tf.TensorSpec([None, None], tf.bool)
    return tf.TensorSpec([None, None, inputs.shape[2]], _HALF), mask, states, weights


def _stack(dtype, time, width):
    return tf.TensorArray(dtype, time, element_shape=[None, width])


def _valid(mask, t):
    return None if mask is None else mask[t][:, None]


@functools.lru_cache(_SIZES)
def _forward(options, specs, keep):
    """Outputs [batch, time, units] or None, last h and c, and the gates, c and h of every step, time first."""
    units = specs[2][0].shape[1]
    widths = {"gates": (_HALF, 4 * units), "cells": (tf.float32, units), "hidden": (_HALF, units)}
    kept = list(widths) if keep else ["hidden"] if options.return_sequences else []

    def run(inputs, mask, states, weights):
        (h0, c0), (kernel, bias, recurrent_kernel) = states, weights
        x, mask = (time_major(reverse(t, options.go_backwards)) for t in (inputs, mask))
        time = tf.shape(x)[0]
        z = tf.reshape(tf.matmul(rows(x), kernel) + bias, [time, -1, 4 * units])

        def body(t, h, c, stacks):
            a, h, c = _step(z[t], tf.matmul(h, recurrent_kernel), h, c, _valid(mask, t))
            now = {"gates": a, "cells": c, "hidden": h}
            return t + 1, h, c, {name: stack.write(t, now[name]) for name, stack in stacks.items()}

        stacks = {name: _stack(dtype, time, width) for name, (dtype, width) in widths.items() if name in kept}
        first = 0, h0, tf.cast(c0, tf.float32), stacks
        _, h, c, stacks = tf.while_loop(lambda t, *_: t < time, body, first)
        stacks = {name: stack.stack() for name, stack in stacks.items()}
        outputs = time_major(visible(stacks["hidden"], mask, options.zero_masked)) if options.return_sequences else None
        return outputs, h, tf.cast(c, _HALF), tuple(stacks[name] for name in widths if keep)

    return traced(run, *specs)


@functools.lru_cache(_SIZES)
def _backward(options, specs):
    """Gradients by inputs, h and c before the first step, kernel, bias and recurrent kernel."""
    units = specs[2][0].shape[1]
    outputs, *last, residuals = _forward(options, specs, True).structured_outputs
    returned = (*([] if outputs is None else [outputs]), *last)

    def run(inputs, mask, states, weights, residuals, d_returned):
        (h0, c0), (kernel, _, recurrent_kernel) = states, weights
        gates, cells, hidden = residuals
        x, mask = (time_major(reverse(t, options.go_backwards)) for t in (inputs, mask))
        *d_outputs, d_h, d_c = d_returned
        d_outputs = visible(time_major(d_outputs[0]), mask, options.zero_masked) if d_outputs else None
        cells_before = tf.concat([tf.cast(c0, tf.float32)[None], cells[:-1]], 0)

        def body(t, dh, dc, dz):
            dh = dh if d_outputs is None else dh + d_outputs[t]
            dz_t, around, dc = _step_gradient(gates[t], cells_before[t], cells[t], dh, dc, _valid(mask, t))
            dh = tf.matmul(dz_t, recurrent_kernel, transpose_b=True)
            return t - 1, dh if around is None else dh + around, dc, dz.write(t, dz_t)

        first = tf.shape(x)[0] - 1, d_h, tf.cast(d_c, tf.float32), _stack(_HALF, tf.shape(x)[0], 4 * units)
        _, dh, dc, dz = tf.while_loop(lambda t, *_: t >= 0, body, first)
        dz = rows(dz.stack())
        d_x = tf.reshape(tf.matmul(dz, kernel, transpose_b=True), tf.shape(x))
        return (
            reverse(time_major(d_x), options.go_backwards),
            dh,
            tf.cast(dc, _HALF),
            tf.matmul(rows(x), dz, transpose_a=True),
            tf.cast(tf.reduce_sum(tf.cast(dz, tf.float32), 0), _HALF),
            tf.matmul(rows(tf.concat([h0[None], hidden[:-1]], 0)), dz, transpose_a=True),
        )

    return traced(run, *specs, residuals, returned)


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
def _step_gradient(gates, c_before, c, dh, dc, valid):
    """Gradients by z [batch, 4*units]; by h of the step before, as far as it goes around a masked step (or None);
    by c of the step before."""
    i, f, g, o = tf.split(tf.cast(gates, tf.float32), 4, axis=-1)
    tanh_c, around = tf.tanh(c), None
    if valid is not None:
        around, d_c_around = tf.where(valid, tf.zeros_like(dh), dh), tf.where(valid, 0.0, dc)
        dh, dc = tf.where(valid, dh, tf.zeros_like(dh)), tf.where(valid, dc, 0.0)
    dh = tf.cast(dh, tf.float32)
    dc = dc + dh * o * (1 - tanh_c * tanh_c)
    dz = [dc * g * i * (1 - i), dc * c_before * f * (1 - f), dc * i * (1 - g * g), dh * tanh_c * o * (1 - o)]
    dc = dc * f
    return tf.cast(tf.concat(dz, -1), _HALF), around, dc if valid is None else dc + d_c_around
