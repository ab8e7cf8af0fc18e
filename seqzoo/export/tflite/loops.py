"""Recurrent layers retraced without a mask: as one composite operator each, as a loop, or step by step.

Padding stands on the right. A forward loop may therefore run over it, and a backward loop begins at each
row's last valid step once the row is reversed within its length; afterwards the padded steps get what Keras puts there.
"""

import contextlib

import numpy as np
import tensorflow as tf

from seqzoo.export.tflite.cells import LSTM_CELLS, activation_name, recurrent_layers
from seqzoo.export.tflite.names import LSTM_COMPOSITE, RNN_COMPOSITE

CACHE = 1 << 20  # bytes that a core holds near


@contextlib.contextmanager
def retraced(model, run):
    """Within the block every recurrent layer of `model` runs over time by `run(layer, sequences,
    last_only=False) -> outputs`; with `last_only` the last step's will do.
    """
    layers = recurrent_layers(model)
    try:
        for layer in layers:
            # On the instance, past Keras's attribute tracking: `inner_loop` is where each layer's own loop sits.
            object.__setattr__(layer, "inner_loop", _inner_loop(layer, run))
        yield layers
    finally:
        for layer in layers:
            with contextlib.suppress(AttributeError):
                object.__delattr__(layer, "inner_loop")


def _inner_loop(layer, run):
    def inner_loop(sequences, initial_state, mask, training=False):
        _refuse_initial_state(layer, initial_state)
        mask = tf.nest.flatten(mask)[0] if mask is not None else None
        # Every shape the loop meets is known but for time.
        if mask is None:
            sequences = tf.reverse(sequences, [1]) if layer.go_backwards else sequences
            outputs = run(layer, sequences, last_only=not layer.return_sequences)
            outputs = _head(layer, outputs)
            return outputs[:, -1], outputs, []
        lengths = tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)[:, None]  # [batch, 1]
        steps = tf.range(tf.shape(sequences)[1])[None, :]  # [1, time]
        if layer.go_backwards:
            sequences = _at(sequences, tf.where(steps < lengths, lengths - 1 - steps, steps))
        outputs = _head(layer, run(layer, sequences))  # [batch, time, units]
        last = _at(outputs, tf.maximum(lengths - 1, 0))  # [batch, 1, units]
        last = tf.where(lengths[:, :, None] > 0, last, 0.0)
        if layer.return_sequences:
            outputs = _as_keras_pads(layer, outputs, last, steps, lengths)
        return last[:, 0], outputs, []

    return inner_loop


def _as_keras_pads(layer, outputs, last, steps, lengths):
    """Outputs in Keras's order: a padded step repeats the one before it, or is zero."""
    if layer.go_backwards:  # Keras meets the padding first, when there is nothing to repeat
        time = tf.shape(outputs)[1]
        shifted = steps - (time - lengths)
        outputs = _at(outputs, tf.maximum(shifted, 0))
        return tf.where(shifted[:, :, None] >= 0, outputs, 0.0)
    padding = 0.0 if layer.zero_output_for_mask else last
    return tf.where((steps < lengths)[:, :, None], outputs, padding)


def _at(sequences, indices):
    """Steps of each row: [batch, time, units], [batch, n] -> [batch, n, units]. GATHER has kernels of every type."""
    return tf.gather(sequences, indices, axis=1, batch_dims=1)


def _head(layer, outputs):
    return layer.cell.head(outputs) if getattr(layer.cell, "output_units", None) is not None else outputs


def _refuse_initial_state(layer, states):
    for state in tf.nest.flatten(states):
        value = tf.get_static_value(state)
        if value is None or value.any():
            raise ValueError(
                f"`{layer.name}` must start from zero: an initial_state cannot be exported but by target "
                "'stream'. Received: a layer called with initial_state"
            )


def weights(cell):
    """kernel [in, n*units], recurrent_kernel [units, n*units], bias [n*units] of a cell; not variables but values."""
    kernel, recurrent = (tf.convert_to_tensor(v.value) for v in (cell.kernel, cell.recurrent_kernel))
    bias = tf.convert_to_tensor(cell.bias.value) if cell.use_bias else tf.zeros(recurrent.shape[1])
    return kernel, recurrent, bias


def run_fused(layer, sequences):
    """The layer as one call that the converter leaves alone, for `patches.fuse` to make an operator of."""
    kind = LSTM_COMPOSITE if type(layer.cell) in LSTM_CELLS else RNN_COMPOSITE + activation_name(layer.cell.activation)
    batch, _, _ = sequences.shape

    @tf.function(
        experimental_implements=f'name: "{kind}" attr {{ key: "tfl_fusable_op" value {{ b: true }} }}',
        autograph=False,
    )
    def composite(sequences, kernel, recurrent_kernel, bias):
        outputs = tf.zeros([batch, tf.shape(sequences)[1], layer.cell.units])  # the shape; the operator has the maths
        return tf.ensure_shape(outputs, [batch, sequences.shape[1], layer.cell.units])

    return composite(sequences, *weights(layer.cell))


def run_loop(layer, sequences, last_only=False):
    """The layer as a loop that steps its cell, a few steps a turn: every turn copies all that the loop holds.

    With `last_only` only the last output is kept, [batch, 1, units].
    """
    batch, time, features = sequences.shape
    chunk = _steps_a_turn(layer.cell, time)
    turns = tf.shape(sequences)[1] // chunk
    # [turns, chunk, batch, features]
    sequences = tf.reshape(tf.transpose(sequences, [1, 0, 2]), [turns, chunk, batch, features])
    states = [tf.zeros([batch, size]) for size in tf.nest.flatten(layer.cell.state_size)]
    units = states[0].shape[-1]
    kept = tf.constant(0)
    if not last_only:
        kept = tf.TensorArray(tf.float32, turns, element_shape=[chunk, batch, units])

    def step(turn, kept, *states):
        outputs = []
        for inputs in tf.unstack(tf.gather(sequences, turn)):
            output, states = _step(layer.cell, inputs, states)
            outputs.append(output)
        return turn + 1, kept if last_only else kept.write(turn, tf.stack(outputs)), *states

    _, kept, last, *_ = tf.while_loop(lambda turn, *_: turn < turns, step, [tf.constant(0), kept, *states])
    if last_only:
        return last[:, None]
    outputs = tf.reshape(kept.stack(), [-1, batch, units])  # [time, batch, units]
    return tf.ensure_shape(tf.transpose(outputs, [1, 0, 2]), [batch, time, units])


def _steps_a_turn(cell, time):
    # Runtimes pack the weights anew for each product, and what does not fit the cache is slow.
    size = 4 * sum(int(np.prod(weight.shape)) for weight in cell.weights)
    return max(k for k in range(1, 9) if k == 1 or (time and time % k == 0 and k * size <= CACHE))


def run_unrolled(layer, sequences):
    """The layer with every step written out; time must be known."""
    states = [tf.zeros([sequences.shape[0], size]) for size in tf.nest.flatten(layer.cell.state_size)]
    outputs = []
    for inputs in tf.unstack(sequences, axis=1):
        output, states = _step(layer.cell, inputs, states)
        outputs.append(output)
    return tf.stack(outputs, axis=1)


def _step(cell, inputs, states):
    _, states = cell(inputs, list(states), training=False)
    states = tf.nest.flatten(states)
    return states[0], states  # the state h, not an RNN's head, which is applied to all steps at once
