"""Which lengths a network can take where time is open: a convolution or a pooling in front needs some steps, or a multiple."""

import keras
import numpy as np
import tensorflow as tf

from seqzoo.export.tflite.loops import retraced
from seqzoo.export.tflite.reasons import reason_of
from seqzoo.export.tflite.steps import head, step

TRIED = (1, 2, 7, 30, 16, 64, 100, 256, 1000, 1024, 4096, 16000)
WANTED = 4


def usable_lengths(source):
    """The first `WANTED` of the `TRIED` lengths that the network of a `Source` can take.

    Raises:
        ValueError: if it takes none of them, with what it says of the longest.
    """
    found, reason = [], None
    with retraced(source.network, _first_step):
        for length in TRIED:
            try:
                _call(source, length)
                found.append(length)
            except Exception as error:  # Keras's and TensorFlow's errors of shapes have no common type
                reason = error
            if len(found) == WANTED:
                break
    if not found:
        raise ValueError(
            "The network must take sequences of one of the lengths that are tried; give `time_steps`, or `calibration` "
            f"samples that it takes. Received: {reason_of(reason)[:300]} with {TRIED[-1]} steps"
        )
    return sorted(found)


def _call(source, length):
    arrays = [np.zeros((1, *[length if size is None else size for size in shape]), dtype) for _, dtype, shape in source.inputs]
    for output in keras.tree.flatten(source.call(arrays)):
        if 0 in output.shape:
            raise ValueError(f"an output of shape {tuple(output.shape)}")


def _first_step(layer, sequences, states, mask):
    """Shapes are what is asked here, so one step will do."""
    if sequences.shape[1] == 0:
        raise ValueError(f"no steps left for layer {layer.name}")
    output, states = step(layer, sequences[:, 0], states)
    output = head(layer, output[:, None])
    return output[:, 0], tf.repeat(output, sequences.shape[1], axis=1), states
