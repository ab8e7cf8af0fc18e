"""A recurrent layer step by step, in a loop or written out, whatever its cell, states and mask: as Keras's own loop goes."""

import keras
import numpy as np
import tensorflow as tf

from seqzoo.cells import GRUCell, RNNCell
from seqzoo.export.tflite.cells import LSTM_CELLS, RNN_CELLS
from seqzoo.export.tflite.masks import keep_where_masked

# Their output is their first state.
HIDDEN_IS_OUTPUT = (*LSTM_CELLS, *RNN_CELLS, GRUCell, keras.layers.GRUCell)
CACHE = 1 << 20  # bytes that a core holds near


def run_unrolled(layer, sequences, states, mask=None):
    """Every step written out; time must be known.

    Args:
        layer: `keras.layers.RNN`; its cell may have any states and outputs.
        sequences: `[batch, time, ...]`, in the order in which they are taken.
        states: the first states, nested as the cell's are.
        mask: bool `[batch, time]` in the same order, or None.

    Returns:
        (the last output, outputs `[batch, time, ...]`, the last states nested as the first).
    """
    outputs, output = [], None
    # Not `tf.unstack`: TensorFlow Lite Micro unpacks no bools.
    valid = [None if mask is None else mask[:, place] for place in range(sequences.shape[1])]
    for inputs, now in zip(tf.unstack(sequences, axis=1), valid, strict=True):
        output, states = _masked_step(layer, inputs, states, now, output)
        outputs.append(output)
    return output, tf.stack(outputs, axis=1), states


def run_loop(layer, sequences, states, mask=None, last_only=False):
    """`run_unrolled` as a loop of a few steps a turn: every turn copies all that the loop holds.

    With `last_only` the outputs are the last one alone, `[batch, 1, ...]`.
    """
    time, batch, flat = sequences.shape[1], sequences.shape[0], keras.tree.flatten(states)
    chunk = _steps_a_turn(layer.cell, time)
    turns = tf.shape(sequences)[1] // chunk
    sequences = _by_turns(sequences, turns, chunk)  # [turns, chunk, batch, ...]
    mask = None if mask is None else _by_turns(mask, turns, chunk)
    zero = _zero_output(layer, sequences[0, 0], states)
    kept = tf.constant(0)
    if not last_only:
        kept = tf.TensorArray(tf.float32, turns, element_shape=[chunk, *zero.shape])

    def turn_of_steps(turn, kept, output, *flat):
        states, outputs = keras.tree.pack_sequence_as(given, list(flat)), []
        valid = [None] * chunk if mask is None else tf.unstack(tf.gather(mask, turn))
        for inputs, now in zip(tf.unstack(tf.gather(sequences, turn)), valid, strict=True):
            output, states = _masked_step(layer, inputs, states, now, output)
            outputs.append(output)
        kept = kept if last_only else kept.write(turn, tf.stack(outputs))
        return turn + 1, kept, output, *keras.tree.flatten(states)

    given = states
    _, kept, output, *flat = tf.while_loop(lambda turn, *_: turn < turns, turn_of_steps, [tf.constant(0), kept, zero, *flat])
    states = keras.tree.pack_sequence_as(given, list(flat))
    if last_only:
        return output, output[:, None], states
    outputs = tf.reshape(kept.stack(), [-1, *zero.shape])  # [time, batch, ...]
    outputs = tf.transpose(outputs, [1, 0, *range(2, 1 + zero.shape.rank)])
    return output, tf.ensure_shape(outputs, [batch, time, *zero.shape[1:]]), states


def _by_turns(value, turns, chunk):
    rank = value.shape.rank
    value = tf.transpose(value, [1, 0, *range(2, rank)])
    return tf.reshape(value, [turns, chunk, *value.shape[1:]])


def _steps_a_turn(cell, time):
    # Runtimes pack the weights anew for each product, and what does not fit the cache is slow.
    size = 4 * sum(int(np.prod(weight.shape)) for weight in getattr(cell, "weights", ()))
    return max(k for k in range(1, 9) if k == 1 or (time and time % k == 0 and k * size <= CACHE))


def _zero_output(layer, inputs, states):
    """Zeros of the shape of an output: what Keras puts before the first valid step."""
    output, _ = step(layer, inputs, states)  # only its shape is used, so nothing of it stays in the file
    return tf.zeros(output.shape) if output.shape.is_fully_defined() else tf.zeros_like(output)


def _masked_step(layer, inputs, states, valid, before):
    output, new = step(layer, inputs, states)
    if valid is not None:
        new = keras.tree.map_structure(lambda after, old: keep_where_masked(valid, after, old), new, states)
        hidden = tf.zeros_like(output) if before is None or layer.zero_output_for_mask else before
        output = keep_where_masked(valid, output, hidden)
    return output, new


def step(layer, inputs, states):
    """(output, states) of a layer's cell after one step, without dropout.

    Of a cell with a head, such as `RNNCell(output_units=...)`, the output is the state that the head reads: see `head`.
    """
    cell, options = layer.cell, {}
    if getattr(cell, "_call_has_training_arg", False):
        options["training"] = False
    output, new = cell(inputs, list(states), **options)
    new = keras.tree.pack_sequence_as(states, keras.tree.flatten(new))
    return (keras.tree.flatten(new)[0] if has_head(cell) else output), new


def has_head(cell):
    return type(cell) is RNNCell and cell.output_units is not None


def head(layer, outputs, taken=None):
    """What a cell's head makes of the states of many steps at once; without a head, outputs as they are.

    Args:
        layer: `keras.layers.RNN`.
        outputs: `[batch, time, units]`, of every step or the last one alone.
        taken: mask, bool `[batch, time]` in the order in which steps are taken, or None.
    """
    if not has_head(layer.cell):
        return outputs
    outputs = layer.cell.head(outputs)
    if taken is None:
        return outputs
    shown = taken if layer.zero_output_for_mask else tf.cumsum(tf.cast(taken, tf.int32), axis=1) > 0
    shown = shown[:, -1:] if outputs.shape[1] == 1 else shown
    return tf.where(shown[:, :, None], outputs, 0.0)  # before the first valid step there is no answer yet
