"""What values the tensors of a float file take on given inputs, for the scales of an int8 file."""

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from seqzoo.export.tflite.names import LSTM


def measure_ranges(graph, samples, wanted):
    """Least and greatest value of tensors and, under the operator's first output, of each LSTM's cell state.

    Args:
        graph: a float `Graph` without state.
        samples: list of dicts, input tensor -> array of the shape that the file takes.
        wanted: indices of float tensors.

    Returns:
        ({tensor: (least, greatest)}, {LSTM's output tensor: greatest absolute cell state}).
    """
    interpreter = Interpreter(
        model_content=graph.to_bytes(),
        experimental_preserve_all_tensors=True,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    lstms = [operator for operator in graph.operators if graph.name(operator) == LSTM]
    ranges, cells = {}, {}
    for sample in samples:
        for index, value in sample.items():
            interpreter.resize_tensor_input(index, value.shape)
        interpreter.allocate_tensors()
        for index, value in sample.items():
            interpreter.set_tensor(index, value)
        interpreter.invoke()
        for index in wanted:
            value = interpreter.get_tensor(index)
            low, high = ranges.get(index, (0.0, 0.0))  # zero must be a value: padding and first states are
            ranges[index] = (min(low, float(value.min())), max(high, float(value.max())))
        for operator in lstms:
            output = int(operator.outputs[0])
            greatest = _greatest_cell_state(graph, operator, interpreter.get_tensor(int(operator.inputs[0])))
            cells[output] = max(cells.get(output, 0.0), greatest)
    return ranges, cells


def _greatest_cell_state(graph, operator, sequences):
    # No interpreter shows the cell state but that of the last step, so the steps are taken again.
    kernel = np.concatenate([graph.constant(int(i)) for i in operator.inputs[1:5]]).T  # [in, 4*units]
    recurrent = np.concatenate([graph.constant(int(i)) for i in operator.inputs[5:9]]).T
    bias = np.concatenate([graph.constant(int(i)) for i in operator.inputs[12:16]])
    hidden = cell = np.zeros((len(sequences), recurrent.shape[0]), np.float32)
    greatest = 0.0
    for projected in np.moveaxis(sequences @ kernel + bias, 1, 0):
        i, f, g, o = np.split(projected + hidden @ recurrent, 4, axis=-1)
        cell = _sigmoid(f) * cell + _sigmoid(i) * np.tanh(g)
        hidden = _sigmoid(o) * np.tanh(cell)
        greatest = max(greatest, float(np.abs(cell).max()))
    return greatest


def _sigmoid(x):
    return 0.5 * np.tanh(0.5 * x) + 0.5
