"""What is put right in a converted file: fused operators, their state between calls."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from seqzoo.export.tflite.names import LSTM, LSTM_COMPOSITE, RNN, RNN_COMPOSITE

_ACTIVATIONS = {"tanh": "TANH", "relu": "RELU", "linear": "NONE"}
# Positions among the inputs, as the kernels' source names them.
LSTM_HIDDEN, LSTM_CELL, RNN_HIDDEN = 18, 19, 4
_PEEPHOLES_AND_PROJECTION, _LAYER_NORMS = [-1] * 3, [-1] * 4


def fused_operators(graph):
    return [operator for operator in graph.operators if graph.name(operator) in (LSTM, RNN)]


def state_tensors(graph, operator):
    places = (LSTM_HIDDEN, LSTM_CELL) if graph.name(operator) == LSTM else (RNN_HIDDEN,)
    return [int(operator.inputs[place]) for place in places]


def fuse(graph):
    """Turn the composites that `loops.run_fused` left in the graph into fused operators."""
    for operator in graph.operators:
        name = graph.name(operator)
        if name == LSTM_COMPOSITE:
            _make_lstm(graph, operator)
        elif name.startswith(RNN_COMPOSITE):
            _make_rnn(graph, operator, name.removeprefix(RNN_COMPOSITE))


def _make_lstm(graph, operator):
    sequences, kernel, recurrent, bias = (int(index) for index in operator.inputs)
    units = graph.constant(recurrent).shape[0]
    # Keras: [in, 4*units] with the gates i, f, c, o side by side; here one [units, in] for each, in this order.
    parts = [
        [graph.add_tensor(f"{kind}_{gate}", "float32", part.shape, part) for gate, part in zip("ifco", values, strict=True)]
        for kind, values in (
            ("input_weights", np.split(graph.constant(kernel).T, 4)),
            ("recurrent_weights", np.split(graph.constant(recurrent).T, 4)),
            ("bias", np.split(graph.constant(bias), 4)),
        )
    ]
    states = [_add_state(graph, operator, name, units) for name in ("hidden", "cell")]
    options = schema.UnidirectionalSequenceLSTMOptionsT()
    options.fusedActivationFunction = schema.ActivationFunctionType.TANH
    options.cellClip = options.projClip = 0.0  # none; TensorFlow's own conversion of Keras layers clips the cell at 10
    graph.become(operator, LSTM, 1, options)
    inputs = [
        sequences,
        *parts[0],
        *parts[1],
        *_PEEPHOLES_AND_PROJECTION,
        *parts[2],
        -1,
        -1,
        *states,
        *_LAYER_NORMS,
    ]
    operator.inputs, operator.intermediates = np.asarray(inputs, np.int32), []


def _make_rnn(graph, operator, activation):
    sequences, kernel, recurrent, bias = (int(index) for index in operator.inputs)
    kernel, recurrent = graph.constant(kernel).T, graph.constant(recurrent).T  # [units, in], [units, units]
    options = schema.SequenceRNNOptionsT()
    options.fusedActivationFunction = getattr(schema.ActivationFunctionType, _ACTIVATIONS[activation])
    operator.inputs = np.asarray(
        [
            sequences,
            graph.add_tensor("input_weights", "float32", kernel.shape, kernel),
            graph.add_tensor("recurrent_weights", "float32", recurrent.shape, recurrent),
            bias,
            _add_state(graph, operator, "hidden", recurrent.shape[0]),
        ],
        np.int32,
    )
    graph.become(operator, RNN, 1, options)


def _add_state(graph, operator, name, units):
    batch = int(graph.tensor(int(operator.outputs[0])).shape[0])
    state = graph.add_tensor(f"{name}_state", "float32", [batch, units])
    graph.tensor(state).isVariable = True
    return state


def renew_selects(graph):
    """SELECT is SELECT_V2 where the condition has as many axes; TensorFlow Lite Micro has only that one."""
    for operator in graph.operators:
        if graph.name(operator) == "SELECT":
            condition, value = (len(graph.tensor(int(operator.inputs[place])).shape) for place in (0, 1))
            if condition == value:
                graph.become(operator, "SELECT_V2", 1, schema.SelectV2OptionsT())


def make_stateless(graph):
    """Fill every state with zeros before its operator runs: otherwise it goes on where the last call ended."""
    graph.graph.operators = [step for operator in graph.operators for step in [*_fills(graph, operator), operator]]


def _fills(graph, operator):
    if graph.name(operator) not in (LSTM, RNN):
        return []
    return [_fill(graph, state) for state in state_tensors(graph, operator)]


def _fill(graph, state):
    shape, dtype = np.asarray(graph.tensor(state).shape, np.int32), graph.dtype(state)
    quantization = graph.tensor(state).quantization
    zero = 0 if quantization is None or quantization.zeroPoint is None else int(quantization.zeroPoint[0])
    value = graph.add_tensor("zero", dtype, [], np.asarray(zero, dtype))
    graph.tensor(value).quantization = quantization  # FILL wants both alike
    dims = graph.add_tensor("state_shape", "int32", [2], shape)
    version = 3 if dtype in ("int8", "int16") else 1
    return graph.operator("FILL", version, [dims, value], [state], schema.FillOptionsT())


def pack_states(graph):
    """`make_stateless` for TensorFlow Lite Micro, whose FILL knows no int16: a constant row of zeros is packed."""
    operators = []
    for operator in graph.operators:
        if graph.name(operator) in (LSTM, RNN):
            operators += [_pack(graph, state) for state in state_tensors(graph, operator)]
        operators.append(operator)
    graph.graph.operators = operators


def _pack(graph, state):
    batch, units = (int(size) for size in graph.tensor(state).shape)
    quantization, dtype = graph.tensor(state).quantization, graph.dtype(state)
    zero = 0 if quantization is None or quantization.zeroPoint is None else int(quantization.zeroPoint[0])
    row = graph.add_tensor("zeros", dtype, [units], np.full([units], zero, dtype))
    graph.tensor(row).quantization = quantization
    options = schema.PackOptionsT()
    options.valuesCount, options.axis = batch, 0
    return graph.operator("PACK", 2 if dtype == "int8" else 1, [row] * batch, [state], options)
