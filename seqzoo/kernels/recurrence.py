"""A recurrence over [batch, time, features] and its gradient by hand, as two loops over time.

A `Recurrence` says what one step does. `backward` does everything that need not wait for a step after the loop: the
gradient of every weight is one matmul (backpropagation through time; Werbos 1990, Proc. IEEE 78(10)). Inside both
loops time is the first axis, so that a step reads and writes one block of memory.
"""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf


class Recurrence(NamedTuple):
    """One step of a recurrent cell, and its gradient, as functions of tensors.

    `z` [batch, width] is the step's projected input; `states` is a tuple of [batch, units], h first; `recurrent`
    are the weights that meet h, the kernel [units, width] first.

    step(z, states, select, *recurrent) -> (kept, states). `select(new, old)` is what a row goes on with: the old
        state where the step is masked. `kept` is a tuple of what the gradient will need; the first has the shape of
        `z`.
    step_gradient(kept, states, new_states, d_states, *recurrent) -> (dz, d_states): from the gradient of the loss
        by the new states to those by z and by the states before.
    recurrent_gradient(kept, h, dz) -> gradients by `recurrent`, from all steps in rows.
    kept_widths(units): widths of `kept` after its first.
    step_from_stack: the same as `step` where another form is faster if z is read from a stack.
    in_bfloat16: whether `seqzoo.kernels.bfloat16` has it, for CPUs that multiply bfloat16.
    """

    step: Callable
    step_gradient: Callable
    recurrent_gradient: Callable
    kept_widths: Callable = lambda units: ()
    step_from_stack: Callable | None = None
    in_bfloat16: bool = False


class Options(NamedTuple):
    """What is computed: a recurrence, and the arguments of a sequence layer that change the computation."""

    recurrence: Recurrence
    return_sequences: bool
    zero_masked: bool
    go_backwards: bool


def forward(options, inputs, mask, states, weights, steps, keep=False, hoist=False, bound=None):
    """Take the first `steps` steps.

    inputs [batch, time, features], mask bool [batch, time] or None, states a tuple of [batch, units], weights a
    tuple (kernel [features, width], bias [width], *recurrent). With `hoist` the inputs of all steps are projected
    before the loop, otherwise each by its step. `bound` is a greatest number of steps, which XLA must know of a loop
    that TensorFlow is to differentiate.

    Returns h of every step in processing order [batch, time, units] (None unless `return_sequences`), the last
    states, and what `backward` needs (empty unless `keep`).
    """
    recurrence, sequences, zero_masked, go_backwards = options
    kernel, bias, *recurrent = weights
    time, units, width = tf.shape(inputs)[1], states[0].shape[1], kernel.shape[1]

    def project(x):
        return tf.matmul(x, kernel) + bias

    def stack(width):
        return tf.TensorArray(inputs.dtype, time, element_shape=[None, width])

    kept = tuple(map(stack, (width, *recurrence.kept_widths(units)))) if keep else ()
    history = tuple(stack(units) for _ in (states if keep else states[:1])) if keep or sequences else ()
    z, step = None, recurrence.step
    if hoist:
        batch = -1 if inputs.shape[0] is None else inputs.shape[0]  # a loop's states keep their static shape
        z = tf.reshape(project(rows(time_major(inputs))), [time, batch, width])
        step = recurrence.step_from_stack or step

    def body(t, states, kept, history):
        at = time - 1 - t if go_backwards else t
        z_t = z[at] if hoist else project(inputs[:, at])
        new_kept, new_states = step(z_t, states, selection(mask, at), *recurrent)
        kept = tuple(array.write(t, value) for array, value in zip(kept, new_kept, strict=False))
        history = tuple(array.write(t, state) for array, state in zip(history, new_states, strict=False))
        return t + 1, new_states, kept, history

    first = 0, states, kept, history
    _, states, kept, history = tf.while_loop(lambda t, *_: t < steps, body, first, maximum_iterations=bound)
    kept, history = (tuple(array.stack() for array in arrays) for arrays in (kept, history))
    outputs = None
    if sequences:
        outputs = time_major(visible(history[0], time_major(reverse(mask, go_backwards)), zero_masked))
    return outputs, states, (kept, history)


def backward(options, inputs, mask, states, weights, steps, residuals, d_outputs, d_states):
    """Gradients by inputs, states and weights, given those by the outputs (or None) and last states of `forward`."""
    recurrence, _, zero_masked, go_backwards = options
    kernel, _, *recurrent = weights
    kept, history = residuals
    inputs, mask = (time_major(reverse(t, go_backwards)) for t in (inputs, mask))
    d_outputs = visible(time_major(d_outputs), mask, zero_masked)
    before = tuple(tf.concat([first[None], stack[:-1]], 0) for first, stack in zip(states, history, strict=True))

    def body(t, d_states, dz):
        if d_outputs is not None:
            d_states = (d_states[0] + d_outputs[t], *d_states[1:])
        if mask is not None:
            # A masked step hands its states on, so their gradient goes around the step.
            valid = mask[t][:, None]
            around = tuple(tf.where(valid, tf.zeros_like(d), d) for d in d_states)
            d_states = tuple(tf.where(valid, d, tf.zeros_like(d)) for d in d_states)
        at_t = (tuple(stack[t] for stack in stacks) for stacks in (kept, before, history))
        dz_t, d_states = recurrence.step_gradient(*at_t, d_states, *recurrent)
        if mask is not None:
            d_states = tuple(map(tf.add, d_states, around))
        return t - 1, d_states, dz.write(t, dz_t)

    dz = tf.TensorArray(inputs.dtype, tf.shape(inputs)[0], element_shape=[None, kernel.shape[1]])
    _, d_states, dz = tf.while_loop(lambda t, *_: t >= 0, body, (steps - 1, d_states, dz))
    dz = rows(dz.stack())
    d_kernel = tf.matmul(rows(inputs), dz, transpose_a=True)
    d_recurrent = recurrence.recurrent_gradient(tuple(map(rows, kept)), rows(before[0]), dz)
    d_inputs = time_major(tf.reshape(tf.matmul(dz, kernel, transpose_b=True), tf.shape(inputs)))
    return reverse(d_inputs, go_backwards), d_states, (d_kernel, tf.reduce_sum(dz, 0), *d_recurrent)


def selection(mask, t):
    """`select(new, old)` of step t: new where the mask [batch, time], None for all, is True."""
    if mask is None:
        return lambda new, old: new
    valid = mask[:, t, None]
    return lambda new, old: tf.where(valid, new, old)


def visible(outputs, mask, zero_masked):
    """`outputs` [time, batch, units] with zeros for the steps at which nothing may be seen of h.

    Those are the masked steps with `zero_masked`; otherwise the ones before the first valid step, where there is
    no output to repeat yet.
    """
    if mask is None or outputs is None:
        return outputs
    if not zero_masked:
        time = tf.range(tf.shape(mask)[0])[:, None]
        mask = time >= tf.reduce_min(tf.where(mask, time, tf.shape(mask)[0]), 0)
    return tf.where(mask[:, :, None], outputs, tf.zeros_like(outputs))


def reverse(tensor, wanted):
    """[batch, time, ...] with time reversed if `wanted`. None stays None."""
    return tf.reverse(tensor, [1]) if wanted and tensor is not None else tensor


def time_major(tensor):
    """Swap the first two axes, there and back. None stays None."""
    return None if tensor is None else tf.transpose(tensor, [1, 0, *range(2, len(tensor.shape))])


def rows(tensor):
    """[time, batch, width] as [time*batch, width]."""
    return tf.reshape(tensor, [-1, tensor.shape[-1]])


def widened(tensors):
    """Half-precision tensors as float32, for sums over many steps need its digits. Others stay as they are."""
    half = (tf.float16, tf.bfloat16)
    return tf.nest.map_structure(lambda t: tf.cast(t, tf.float32) if t.dtype in half else t, tensors)


def narrowed(tensors, dtype):
    """The other way: tensors as `dtype`."""
    return tf.nest.map_structure(lambda t: tf.cast(t, dtype), tensors)
