"""A recurrence compiled by XLA: the batch spread over the cores, the gradient by hand.

XLA compiles anew for each shape. So that it meets few, the parts of a batch have one size, and that size, like a
length which the graph doesn't know, is rounded up. Steps that only pad are not taken.
"""

import functools
import os
import threading

import tensorflow as tf
from tensorflow.python.ops import control_flow_util  # no public name tells whether a graph is XLA's

from seqzoo.kernels import recurrence
from seqzoo.kernels.parts import Parts, rounded
from seqzoo.kernels.recurrence import narrowed, widened
from seqzoo.kernels.tracing import traced

# An eager caller's size is compiled when it comes for so many times: compiling takes as long as about 50 calls of the
# same operations uncompiled.
CALLS_UNCOMPILED = 12
# Functions for so many sizes are kept, those of the latest calls. Others are kept by the graphs that call them.
_SIZES = 32
_SIZES_COUNTED = 4096
_met, _COUNTING = {}, threading.Lock()


def forward(options, inside, keep, inputs, mask, states, weights):
    """As `seqzoo.kernels.derivatives.run` wants it."""
    how = _how(options, inside, inputs, mask, states, weights)
    jit = _worth_compiling(how, inputs, "forward", keep)
    returned, residuals = _forward_whole(*how, keep, jit)(inputs, mask, states, weights)
    return returned, tf.nest.flatten(residuals)


def backward(options, inside, inputs, mask, states, weights, residuals, d_returned):
    """As `seqzoo.kernels.derivatives.run` wants it."""
    how = _how(options, inside, inputs, mask, states, weights)
    jit = _worth_compiling(how, inputs, "backward", True)
    residuals = tf.nest.pack_sequence_as(_forward_whole(*how, True, jit).structured_outputs[1], residuals)
    return tf.nest.flatten(_backward_whole(*how, jit)(inputs, mask, states, weights, residuals, d_returned))


def _worth_compiling(how, inputs, *program):
    """Whether XLA shall compile this: always in a graph, and for an eager caller once the size has come a few times."""
    if tf.is_symbolic_tensor(inputs):
        return True
    size = how, rounded(inputs.shape[0], how[3], inputs.shape[1]), program
    with _COUNTING:
        calls = _met[size] = _met.pop(size, 0) + 1
        if len(_met) > _SIZES_COUNTED:
            del _met[next(iter(_met))]  # the one not met for longest
    return calls > CALLS_UNCOMPILED


def _how(options, inside, inputs, mask, states, weights):
    """What the functions for these tensors are made from, and found by."""
    # An eager caller may come with another size each time.
    batch, time = inputs.shape[:2] if tf.is_symbolic_tensor(inputs) else (None, None)
    specs = (
        tf.TensorSpec([batch, time, inputs.shape[2]], inputs.dtype),
        None if mask is None else tf.TensorSpec([batch, time], tf.bool),
        tuple(tf.TensorSpec([batch, state.shape[1]], state.dtype) for state in states),
        tuple(tf.TensorSpec(weight.shape, weight.dtype) for weight in weights),
    )
    return options, specs, inside or time is not None, 1 if inside else _cores(), inside


def inside_xla():
    """Whether the caller's graph is being traced for XLA, which knows all its sizes: nothing is to be rounded."""
    return control_flow_util.GraphOrParentsInXlaContext(tf.compat.v1.get_default_graph())


def _cores():
    """Number of parts of a batch worth computing side by side. An accelerator takes it whole."""
    if tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("TPU"):
        return 1
    threads = tf.config.threading.get_intra_op_parallelism_threads()
    return threads or (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())


def _hoist(rows, features):
    """Whether to project all inputs at once: not where the projection fits no cache, nor for a single row.

    A matrix product arranges its weights anew in each call, which tells if they meet few rows. Measured at 1 to 128.
    """
    return (rows > 1) & (5 * rows < features)


def _arguments(options, parts, inputs, mask, states, weights):
    """What each part of a batch takes; the padding goes where the recurrence comes last."""
    back = options.go_backwards
    inputs, mask = (parts.cut(tensor, time=True, front=back) for tensor in (inputs, mask))
    return inputs, mask, parts.cut(states), parts.same(weights), parts.same(parts.time)


def _of_part(specs, parts):
    """The specs of one part's tensors; those of the weights stay."""
    rows = parts.rows if isinstance(parts.rows, int) else None

    def cut(spec):
        return spec and tf.TensorSpec([rows, *spec.shape[1:]], spec.dtype)

    return *tf.nest.map_structure(cut, specs[:3]), specs[3]


@functools.lru_cache(_SIZES)
def _forward_whole(options, specs, length_known, cores, batch_known, keep, jit):
    """A whole batch forward. A graph even for an eager caller, so that the parts run side by side."""

    def run(inputs, mask, states, weights):
        parts = Parts(inputs, cores, length_known, batch_known)
        given = _arguments(options, parts, inputs, mask, states, weights)
        outputs, last, residuals = parts.call(_forward(options, _of_part(specs, parts), keep, jit), *given)
        return parts.join(outputs, time=True) + parts.join(last), residuals

    return traced(run, *specs)


@functools.lru_cache(_SIZES)
def _backward_whole(options, specs, length_known, cores, batch_known, jit):
    """A whole batch backward: gradients by inputs, states and weights."""
    returned, residuals = _forward_whole(options, specs, length_known, cores, batch_known, True, jit).structured_outputs

    def run(inputs, mask, states, weights, residuals, d_returned):
        parts = Parts(inputs, cores, length_known, batch_known)
        given = _arguments(options, parts, inputs, mask, states, weights)
        sequences = len(d_returned) - len(states)
        d_outputs, d_last = parts.cut(d_returned[:sequences], time=True), parts.cut(d_returned[sequences:])
        d_inputs, d_states, d_weights = parts.call(
            _backward(options, _of_part(specs, parts), jit), *given, residuals, d_outputs, d_last
        )
        d_inputs = parts.join(d_inputs, time=True, front=options.go_backwards)
        return d_inputs, parts.join(d_states), parts.sum(d_weights)

    return traced(run, *specs, residuals, returned)


@functools.lru_cache(_SIZES)
def _forward(options, specs, keep, jit):
    """One part forward: outputs (none or one), last states, residuals."""
    dtype = specs[0].dtype

    def run(inputs, mask, states, weights, steps):
        inputs, states, weights = widened((inputs, states, weights))

        def forward(hoist):
            return recurrence.forward(options, inputs, mask, states, weights, steps, keep, hoist)

        steps = inputs.shape[1] or steps  # a loop of known length needs no test
        hoist = _hoist(tf.shape(inputs)[0] if inputs.shape[0] is None else inputs.shape[0], inputs.shape[2])
        hoist = hoist if jit else True
        # XLA, which knows the sizes, compiles one of them.
        branches = (lambda: forward(True), lambda: forward(False))
        outputs, last, residuals = tf.cond(hoist, *branches) if tf.is_tensor(hoist) else forward(hoist)
        return *narrowed((() if outputs is None else (outputs,), last), dtype), residuals

    return traced(run, *specs, tf.TensorSpec([], tf.int32), jit_compile=jit)


@functools.lru_cache(_SIZES)
def _backward(options, specs, jit):
    """One part backward: gradients by inputs, states and weights."""
    dtype = specs[0].dtype
    outputs, last, residuals = _forward(options, specs, True, jit).structured_outputs

    def run(inputs, mask, states, weights, steps, residuals, d_outputs, d_last):
        inputs, states, weights, d_outputs, d_last = widened((inputs, states, weights, d_outputs, d_last))
        steps = inputs.shape[1] or steps
        d_outputs = d_outputs[0] if d_outputs else None
        gradients = recurrence.backward(options, inputs, mask, states, weights, steps, residuals, d_outputs, d_last)
        return narrowed(gradients, dtype)

    return traced(run, *specs, tf.TensorSpec([], tf.int32), residuals, outputs, last, jit_compile=jit)
