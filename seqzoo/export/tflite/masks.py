"""Masks around a fused operator, which knows none: valid steps go to the front, and what they gave goes back to its place.

All of it with built-in operators, whatever the mask: padding behind, in front, gaps, rows without a valid step.
"""

import tensorflow as tf


def run_packed(layer, sequences, mask, run):
    """A layer over the valid steps alone, as Keras's loop steps over the others.

    Args:
        layer: `keras.layers.RNN`.
        sequences: `[batch, time, features]`.
        mask: bool `[batch, time]`.
        run: function of sequences, in the order in which they are taken, to outputs `[batch, time, units]`.

    Returns:
        (the last output `[batch, units]`, all outputs in the order in which they were taken).
    """
    lengths = tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)[:, None]  # [batch, 1]
    packed = run(at(sequences, _order(mask, layer.go_backwards)))
    last = at(packed, tf.maximum(lengths - 1, 0))[:, 0]
    last = tf.where(lengths > 0, last, 0.0)  # nothing was read
    taken = tf.reverse(mask, [1]) if layer.go_backwards else mask
    if layer.zero_output_for_mask:
        last = tf.where(taken[:, -1:], last, 0.0)
    if not layer.return_sequences:
        return last, last[:, None]
    places = tf.cumsum(tf.cast(taken, tf.int32), axis=1) - 1  # of the newest valid step, -1 before the first
    outputs = at(packed, tf.maximum(places, 0))
    shown = taken if layer.zero_output_for_mask else places >= 0
    return last, tf.where(shown[:, :, None], outputs, 0.0)


def _order(mask, backwards):
    """Steps of each row, int32 `[batch, time]`: the valid ones in the order in which they are taken, then the others."""
    time = tf.shape(mask)[1]
    steps = tf.range(time)[None, :]
    # The greatest first; the keys of a row differ, so nothing hangs on the order of equals.
    keys = tf.cast(mask, tf.int32) * time + (steps if backwards else time - 1 - steps)
    return tf.math.top_k(keys, time).indices


def run_padded_behind(layer, sequences, mask, run):
    """`run_packed` where padding stands behind, as a task's own preprocessing puts it: no sorting, and forwards no gathering.

    A forward loop may run over padding, and a backward loop begins at each row's last valid step.
    """
    lengths = tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)[:, None]  # [batch, 1]
    steps = tf.range(tf.shape(sequences)[1])[None, :]  # [1, time]
    if layer.go_backwards:
        sequences = at(sequences, tf.where(steps < lengths, lengths - 1 - steps, steps))
    outputs = run(sequences)
    last = at(outputs, tf.maximum(lengths - 1, 0))  # [batch, 1, units]
    last = tf.where(lengths[:, :, None] > 0, last, 0.0)
    if layer.return_sequences:
        outputs = _as_keras_pads(layer, outputs, last, steps, lengths)
    return last[:, 0], outputs


def _as_keras_pads(layer, outputs, last, steps, lengths):
    """Outputs in Keras's order: a padded step repeats the one before it, or is zero."""
    if layer.go_backwards:  # Keras meets the padding first, when there is nothing to repeat
        time = tf.shape(outputs)[1]
        shifted = steps - (time - lengths)
        outputs = at(outputs, tf.maximum(shifted, 0))
        return tf.where(shifted[:, :, None] >= 0, outputs, 0.0)
    padding = 0.0 if layer.zero_output_for_mask else last
    return tf.where((steps < lengths)[:, :, None], outputs, padding)


def at(sequences, indices):
    """Steps of each row: [batch, time, units], [batch, n] -> [batch, n, units]. GATHER has kernels of every type."""
    return tf.gather(sequences, indices, axis=1, batch_dims=1)


def keep_where_masked(valid, new, old):
    """`new` in the rows that are valid, `old` in the others; None for `valid` is everywhere.

    Args:
        valid: bool `[batch]`, or None.
        new, old: tensors `[batch, ...]`.
    """
    if valid is None:
        return new
    return tf.where(tf.reshape(valid, [-1] + [1] * (new.shape.rank - 1)), new, old)
