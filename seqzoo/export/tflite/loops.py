"""Recurrent layers of a Keras network retraced in the form that a file wants: fused, in a loop, or written out."""

import contextlib
import re
from collections import Counter

import keras
import tensorflow as tf
from keras.src.backend.tensorflow import numpy as keras_numpy
from keras.src.layers.rnn.dropout_rnn_cell import DropoutRNNCell
from keras.src.models.functional import Functional

from seqzoo.export.tflite.cells import LSTM_CELLS, activation_name, has_loop, recurrent_layers
from seqzoo.export.tflite.masks import run_packed, run_padded_behind
from seqzoo.export.tflite.names import LSTM_COMPOSITE, RNN_COMPOSITE
from seqzoo.export.tflite.steps import head, run_loop, run_unrolled

LONGEST_UNROLLED = 64  # steps; beyond that the file and the time to load it grow out of hand


@contextlib.contextmanager
def retraced(model, run):
    """Within the block every recurrent layer of `model` runs over time by `run`, and no cell draws dropout masks.

    Args:
        model: `keras.Model`.
        run: function of (layer, sequences `[batch, time, ...]`, first states nested as the cell's, mask bool
            `[batch, time]` or None) that gives what Keras's `RNN.inner_loop` gives: the last output, all outputs in the
            order in which they are taken, the last states.
    """
    with contextlib.ExitStack() as undo:
        undo.enter_context(stateless(model))
        for layer in recurrent_layers(model):
            # `inner_loop` is where each layer's own loop sits.
            override(undo, layer, "inner_loop", _inner_loop(layer, run))
        for layer in model._flatten_layers():
            if isinstance(layer, DropoutRNNCell):  # it asks its seed generator for masks that inference does not use
                override(undo, layer, "dropout", 0.0)
                override(undo, layer, "recurrent_dropout", 0.0)
            if isinstance(layer, keras.layers.TimeDistributed):
                override(undo, layer, "call", _over_time(layer))
        undo.enter_context(scoped(model))
        override(undo, keras_numpy, "signbit", _signbit)  # argmax asks it
        yield


@contextlib.contextmanager
def stateless(model):
    """Within the block a stateful layer begins at zero as others do, and a network takes batches and times of any size."""
    with contextlib.ExitStack() as undo:
        for layer in recurrent_layers(model):
            override(undo, layer, "stateful", False)
        for layer in model._flatten_layers():
            if isinstance(layer, Functional):  # a stream gives one step to a model of many
                override(undo, layer, "_manual_input_spec", None)
        yield


@contextlib.contextmanager
def scoped(model):
    """Within the block every layer has a name that a scope may have: one that TensorFlow refuses would stay in Keras's scopes."""
    with contextlib.ExitStack() as undo:
        for layer in model._flatten_layers():
            override(undo, layer, "name", scope_name(layer.name))
        yield


def override(undo, owner, name, value):
    """Set an attribute on an instance, past Keras's tracking, until `undo` is closed."""
    own = vars(owner)
    before = own.get(name)
    undo.callback(object.__setattr__, owner, name, before) if name in own else undo.callback(object.__delattr__, owner, name)
    object.__setattr__(owner, name, value)


def scope_name(name):
    """A name that a scope of TensorFlow's graphs may have: not one with a space, or that begins with `_`."""
    return name if re.fullmatch(r"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*", name) else re.sub(r"[^A-Za-z0-9_.]", "_", f"x{name}")


def _signbit(x):
    """`keras.ops.signbit` without a bitwise "and", for which there is no built-in operator; -0 has the sign too."""
    x = tf.cast(x, tf.float32)
    return tf.logical_or(x < 0, tf.logical_and(tf.equal(x, 0.0), 1.0 / x < 0))


def _inner_loop(layer, run):
    def inner_loop(sequences, initial_state, mask, training=False):
        states = initial_state if keras.tree.is_nested(initial_state) else [initial_state]
        mask = None if mask is None else tf.cast(keras.tree.flatten(mask)[0], tf.bool)
        return run(layer, sequences, list(states), mask)

    return inner_loop


def _over_time(layer):
    """`TimeDistributed.call` with time as a part of the batch: one call, where Keras makes one for each step or a map."""
    original = layer.call

    def call(inputs, training=None, mask=None):
        takes_mask = mask is not None and layer.layer._call_has_mask_arg
        batch, time = inputs.shape[0], inputs.shape[1]
        if takes_mask or not isinstance(inputs, tf.Tensor):
            return original(inputs, training=training, mask=mask)
        rest = tf.shape(inputs)[1] if time is None else time
        options = {"training": False} if layer.layer._call_has_training_arg else {}
        outputs = layer.layer.call(tf.reshape(inputs, [batch * rest, *inputs.shape[2:]]), **options)
        return tf.reshape(outputs, [batch, rest, *outputs.shape[1:]])

    return call


def lower(form, padding="any"):
    """`run` of `retraced` for a form, and a Counter of how many calls of layers became which form, filled as they are traced.

    Args:
        form: "fused", "loop", "unrolled"; "auto": written out where a layer takes at most `LONGEST_UNROLLED` steps; "mixed":
            fused but for calls that are given states or give them back, which are "auto".
        padding: "behind" where the caller knows that masks hide only steps at the end, which costs less; else "any".
    """
    used = Counter()

    def run(layer, sequences, states, mask):
        if not has_loop(layer):
            return type(layer).inner_loop(layer, sequences, states, mask)
        if sequences.shape[0] is None:
            raise ValueError(
                f"Layer `{layer.name}` runs once for each step of another sequence, so that one's length must be known: give "
                "`time_steps`. Received: any length"
            )
        chosen = form
        if form == "mixed":
            chosen = "auto" if layer.return_state or not starts_at_zero(states) else "fused"
        if chosen == "auto":
            chosen = "unrolled" if (sequences.shape[1] or LONGEST_UNROLLED + 1) <= LONGEST_UNROLLED else "loop"
        elif chosen == "unrolled" and sequences.shape[1] is None:
            raise ValueError(f"Form 'unrolled' needs `time_steps`, for layer `{layer.name}` too. Received: any length")
        used[chosen] += 1
        if chosen == "fused":
            refuse_initial_state(layer, states)
            return *_run_fused_masked(layer, sequences, mask, padding), []
        return _run_steps(layer, sequences, states, mask, chosen)

    return run, used


def _run_fused_masked(layer, sequences, mask, padding):
    def run(sequences):
        return head(layer, run_fused(layer, sequences))

    if mask is not None:
        return (run_padded_behind if padding == "behind" else run_packed)(layer, sequences, mask, run)
    outputs = run(tf.reverse(sequences, [1]) if layer.go_backwards else sequences)
    return outputs[:, -1], outputs


def _run_steps(layer, sequences, states, mask, form):
    if layer.go_backwards:
        sequences, mask = tf.reverse(sequences, [1]), None if mask is None else tf.reverse(mask, [1])
    if form == "unrolled":
        last, outputs, states = run_unrolled(layer, sequences, states, mask)
    else:
        last, outputs, states = run_loop(layer, sequences, states, mask, last_only=not layer.return_sequences)
    if not layer.return_sequences:
        outputs = last[:, None]
    outputs = head(layer, outputs, mask)
    return outputs[:, -1], outputs, states


def refuse_initial_state(layer, states):
    """Raises ValueError unless the first states are known to be zero."""
    if not starts_at_zero(states):
        raise ValueError(
            f"`{layer.name}` must start from zero in a fused operator: form='loop' takes an initial_state, and so does target "
            "'interpreter' without `form`. Received: a layer called with initial_state"
        )


def starts_at_zero(states):
    """Whether the first states are known to be zero."""
    values = [tf.get_static_value(state) for state in keras.tree.flatten(states)]
    return not any(value is None or value.any() for value in values)


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
