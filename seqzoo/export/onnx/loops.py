"""Recurrent layers as ONNX's own operators, over the valid steps; what they cannot compute stays a loop."""

import contextlib
import json

import keras
import numpy as np
import tensorflow as tf
from keras.src.backend.tensorflow import numpy as keras_numpy

from seqzoo.cells import GRUCell, LSTMCell, RNNCell
from seqzoo.export.tflite.cells import recurrent_layers
from seqzoo.export.tflite.loops import _signbit, override, scope_name
from seqzoo.export.tflite.masks import run_packed
from seqzoo.export.tflite.steps import head

# Keras's order of the gates in ONNX's.
ORDERS = {"LSTM": (0, 3, 1, 2), "GRU": (0, 1, 2), "RNN": (0,)}
KINDS = {
    LSTMCell: "LSTM",
    keras.layers.LSTMCell: "LSTM",
    GRUCell: "GRU",
    keras.layers.GRUCell: "GRU",
    RNNCell: "RNN",
    keras.layers.SimpleRNNCell: "RNN",
}
ACTIVATIONS = {keras.activations.tanh: "Tanh", keras.activations.sigmoid: "Sigmoid", keras.activations.relu: "Relu"}
# A TensorFlow operation that holds the place of an ONNX operator while the graph is converted: it may have any name, inputs
# and outputs, and nothing folds it away.
PLACE = "PyFunc"


@contextlib.contextmanager
def retraced(network):
    """Within the block LSTM, GRU and RNN layers become places for `operators`; masked steps are moved behind the valid ones.

    Layers with other cells or activations, or that are called with states and a mask, run as they always do.
    """
    with contextlib.ExitStack() as undo:
        for layer in network._flatten_layers():
            override(undo, layer, "name", scope_name(layer.name))
            if isinstance(layer, keras.layers.TimeDistributed):
                override(undo, layer, "call", _over_time(layer))
        override(undo, keras_numpy, "signbit", _signbit)  # argmax asks it
        for layer in recurrent_layers(network):
            if _operator(layer) is not None:
                begun = []
                override(undo, layer, "get_initial_state", _remembered(layer.get_initial_state, begun))
                override(undo, layer, "inner_loop", _inner_loop(layer, layer.inner_loop, begun))
        yield


def operators():
    """tf2onnx's `custom_op_handlers` for the places."""

    def handler(graph, node, name, _):
        inputs, outputs = list(node.input), list(node.output)
        made = json.loads(node.get_attr_value("token"))
        shapes, dtypes = node.output_shapes, node.output_dtypes
        graph.remove_node(node.name)
        inputs.insert(4, "")  # lengths of the rows: the steps of all are taken
        graph.make_node(made["operator"], inputs, made["attributes"], outputs=outputs, name=name, shapes=shapes, dtypes=dtypes)

    return {PLACE: (handler, [])}


def _operator(layer):
    """{operator, attributes} of ONNX that compute a layer's cell; None where there is no such operator."""
    cell = layer.cell
    if (kind := KINDS.get(type(cell))) is None or layer.compute_dtype != "float32":
        return None
    functions = [cell.activation] if kind == "RNN" else [cell.recurrent_activation, cell.activation]
    if any(function not in ACTIVATIONS for function in functions):
        return None
    names = [ACTIVATIONS[function] for function in functions] + [ACTIVATIONS[cell.activation]] * (kind == "LSTM")
    attributes = {"hidden_size": cell.units, "activations": names, "direction": "forward"}
    if kind == "GRU":
        attributes["linear_before_reset"] = int(cell.reset_after)
    return {"operator": kind, "attributes": attributes}


def _weights(cell, kind):
    """W `[1, gates * units, in]`, R `[1, gates * units, units]`, B `[1, 2 * gates * units]` as ONNX wants them."""
    count, units = len(ORDERS[kind]), cell.units

    def ordered(value):  # [rows, gates * units]
        gates = np.split(np.asarray(value, np.float32).reshape(-1, count * units), count, axis=1)
        return np.concatenate([gates[gate] for gate in ORDERS[kind]], axis=1)

    bias = np.zeros([2, count * units], np.float32)
    if cell.use_bias:
        given = ordered(cell.bias)
        bias[: len(given)] = given
    return ordered(cell.kernel).T[None], ordered(cell.recurrent_kernel).T[None], bias.reshape(1, -1)


def _inner_loop(layer, original, begun):
    made, weights = _operator(layer), _weights(layer.cell, KINDS[type(layer.cell)])

    def run(sequences, states):
        """h of every step [batch, time, units], the last states."""
        given = [tf.transpose(sequences, [1, 0, 2]), *map(tf.constant, weights), *(state[None] for state in states)]
        kinds = [tf.float32] * (1 + len(states))
        every, *last = tf.raw_ops.PyFunc(input=given, token=json.dumps(made), Tout=kinds)
        batch, time, units = *sequences.shape[:2], layer.cell.units
        every = tf.squeeze(tf.ensure_shape(every, [time, 1, batch, units]), [1])
        return tf.transpose(every, [1, 0, 2]), [tf.squeeze(tf.ensure_shape(of, [1, batch, units]), [0]) for of in last]

    def inner_loop(sequences, initial_state, mask, training=False):
        states = keras.tree.flatten(initial_state)
        if mask is not None:
            from_zero = all(any(state is of for of in begun) for state in states)
            if not from_zero or layer.return_state:
                return original(sequences, initial_state, mask, training=training)
            mask = keras.tree.flatten(mask)[0]
            return *run_packed(layer, sequences, mask, lambda packed: head(layer, run(packed, states)[0])), []
        outputs, last = run(tf.reverse(sequences, [1]) if layer.go_backwards else sequences, states)
        if not layer.return_sequences:
            outputs = last[0][:, None]
        outputs = head(layer, outputs)
        return outputs[:, -1], outputs, last

    return inner_loop


def _remembered(original, begun):
    def get_initial_state(*arguments, **options):
        states = original(*arguments, **options)
        begun.extend(keras.tree.flatten(states))  # zeros that the layer makes itself
        return states

    return get_initial_state


def _over_time(layer):
    """`TimeDistributed.call` with time as a part of the batch, where Keras makes a loop that ONNX cannot hold."""
    original = layer.call

    def call(inputs, training=None, mask=None):
        if (mask is not None and layer.layer._call_has_mask_arg) or not isinstance(inputs, tf.Tensor):
            return original(inputs, training=training, mask=mask)
        options = {"training": False} if layer.layer._call_has_training_arg else {}
        batch, time = (inputs.shape[axis] or tf.shape(inputs)[axis] for axis in (0, 1))
        outputs = layer.layer(tf.reshape(inputs, tf.stack([batch * time, *inputs.shape[2:]])), **options)
        outputs = tf.reshape(outputs, tf.stack([batch, time, *outputs.shape[1:]]))
        return tf.ensure_shape(outputs, [*inputs.shape[:2], *outputs.shape[2:]])

    return call
