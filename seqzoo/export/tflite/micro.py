"""Any network in operators that TensorFlow Lite Micro has: LSTMs fused, other recurrent layers written out step by step."""

import contextlib

import tensorflow as tf
from keras.src.backend.tensorflow import numpy as keras_numpy

from seqzoo.export.tflite.cells import LSTM_CELLS, why_not_fused
from seqzoo.export.tflite.loops import LONGEST_UNROLLED, lower, override, starts_at_zero
from seqzoo.export.tflite.trace import convert_with


def convert_micro(source, batch_size, time_steps):
    """A .tflite file in which fused layers are still composites.

    Returns:
        bytes; names of inputs and outputs, the form of the recurrent layers, and how many fused operators there will be.

    Raises:
        ValueError: for a recurrent layer of too many steps to write out.
    """
    run_fused, fused = lower("fused", "any")
    run_unrolled, _ = lower("unrolled", "any")

    def run(layer, sequences, states, mask):
        why = _why_written_out(layer, states, mask)
        if why is None:
            return run_fused(layer, sequences, states, mask)
        if (sequences.shape[1] or 0) > LONGEST_UNROLLED:
            raise ValueError(
                f"Layer `{layer.name}` {why}, so target 'micro' writes its steps out, at most {LONGEST_UNROLLED}; LSTM layers "
                "without a mask and without states given or given back take any number, and target 'interpreter' with "
                "quantization='dynamic' any layer. "
                f"Received: {sequences.shape[1]} steps"
            )
        return run_unrolled(layer, sequences, states, mask)

    with contextlib.ExitStack() as undo:
        override(undo, keras_numpy, "any", _any)  # Masking asks it
        override(undo, keras_numpy, "take", _take)  # Embedding
        content = convert_with(source, run, fused, batch_size, time_steps)
    names = {"inputs": [name for name, *_ in source.inputs], "outputs": source.outputs}
    return content, names | {"form": "fused" if fused["fused"] else "unrolled", "fused": fused["fused"]}


def _why_written_out(layer, states, mask):
    """None for a layer that is one fused operator, otherwise the reason, a clause that follows its name."""
    if mask is not None:
        return "is masked"
    if type(layer.cell) not in LSTM_CELLS:
        return "has no fused operator there"
    if reason := why_not_fused(layer):
        return reason
    if layer.return_state:  # a fused operator keeps them to itself
        return "gives its states back"
    return None if starts_at_zero(states) else "is given its first states"


def _any(x, axis=None, keepdims=False):
    """`keras.ops.any` without REDUCE_ANY, which TensorFlow Lite Micro has not."""
    return tf.reduce_max(tf.cast(tf.cast(x, tf.bool), tf.float32), axis=axis, keepdims=keepdims) > 0.5


def _take(x, indices, axis=None):
    """`keras.ops.take`, which counts negative indices from the end, without a SELECT_V2 of whole numbers."""
    x = tf.reshape(x, [-1]) if axis is None else tf.convert_to_tensor(x)
    indices = tf.cast(indices, tf.int32)
    size = tf.shape(x)[axis or 0]
    return tf.gather(x, indices + size * tf.cast(indices < 0, tf.int32), axis=axis or 0)
