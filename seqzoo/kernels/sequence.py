"""Runs a recurrence compiled, or as plain TensorFlow operations where the graph will leave the process."""

import contextlib
import contextvars

import tensorflow as tf

from seqzoo.kernels import bfloat16, compiled, derivatives
from seqzoo.kernels.converters import converter
from seqzoo.kernels.recurrence import Options

_PORTABLE = contextvars.ContextVar("seqzoo_portable_kernels", default=False)


@contextlib.contextmanager
def portable():
    """Inside this context kernels become plain operations, none that XLA must compile.

    For a graph that will run where there may be no XLA: a SavedModel on a server, a TFLite model. Keras's export to ONNX,
    OpenVINO and LiteRT, and `tf2onnx`, need none: they are seen.
    """
    token = _PORTABLE.set(True)
    try:
        yield
    finally:
        _PORTABLE.reset(token)


@tf.autograph.experimental.do_not_convert  # nothing here for it to find, and it takes seconds
def run(recurrence, inputs, states, weights, mask, go_backwards, return_sequences, zero_output_for_mask, training):
    """h of the last step, h of every step in processing order, and the last states, differentiable.

    Without `return_sequences` the second holds the last step alone.
    """
    options = Options(recurrence, return_sequences, zero_output_for_mask, go_backwards)
    inside = compiled.inside_xla()
    if _PORTABLE.get() or (tf.is_symbolic_tensor(inputs) and converter()):
        outputs, states = derivatives.plain(options, inputs, mask, states, weights)
    else:
        half = recurrence.in_bfloat16 and bfloat16.serves(states[0].shape[1], inputs.dtype) and not inside
        engine = bfloat16 if half else compiled
        outputs, states = derivatives.run(engine, options, inputs, mask, states, weights, training, inside)
    batch, time, units = *inputs.shape[:2], states[0].shape[1]
    for state in states:
        state.set_shape([batch, units])
    last = states[0]
    if mask is not None:
        valid = tf.reduce_any(mask, 1)
        if zero_output_for_mask:
            valid = mask[:, 0] if go_backwards else mask[:, -1]
        last = tf.where(valid[:, None], last, tf.zeros_like(last))
    if not return_sequences:
        return last, last[:, None], *states
    outputs.set_shape([batch, time, units])
    return last, outputs, *states
