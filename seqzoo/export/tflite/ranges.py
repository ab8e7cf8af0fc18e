"""What values the tensors of a float file take on given inputs, for the scales of an int8 file."""

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from seqzoo.export.tflite.flatbuffer import Graph
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
    interpreter = _Interpreter(graph)
    lstms = [operator for operator in graph.operators if graph.name(operator) == LSTM]
    ranges, cells = {}, {}
    for sample in samples:
        interpreter.feed(sample)
        for index in wanted:
            _widen(ranges, index, interpreter.get_tensor(index))
        for operator in lstms:
            output = int(operator.outputs[0])
            greatest = _greatest_cell_state(graph, operator, interpreter.get_tensor(int(operator.inputs[0])))
            cells[output] = max(cells.get(output, 0.0), greatest)
    return ranges, cells


def measure_loops(graph, samples, wanted):
    """Least and greatest value of tensors inside the loops of a float `Graph`, which are run turn by turn.

    Args:
        graph, samples: as for `measure_ranges`.
        wanted: {number of a loop's body: indices of its float tensors}.

    Returns:
        {number of a body: {tensor: (least, greatest)}}.
    """
    whiles = [operator for operator in graph.operators if graph.name(operator) == "WHILE"]
    places = [(o.builtinOptions.condSubgraphIndex, o.builtinOptions.bodySubgraphIndex) for o in whiles]
    parts = [[_Interpreter(_alone(graph, place)) for place in pair] for pair in places]
    outer, ranges = _Interpreter(graph), {body: {} for _, body in places}
    for sample in samples:
        outer.feed(sample)
        for operator, (_, body), (condition, turn) in zip(whiles, places, parts, strict=True):
            values = [outer.get_tensor(int(index)) for index in operator.inputs]
            while _run(condition, values)[0]:
                values = _run(turn, values)
                for index in wanted[body]:
                    _widen(ranges[body], index, turn.get_tensor(index))
    return ranges


class _Interpreter(Interpreter):
    """One that sizes its inputs by what they are given, and shows what every operator gave."""

    def __init__(self, graph):
        super().__init__(
            model_content=graph.to_bytes(),
            experimental_preserve_all_tensors=True,
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        )
        self._sizes = None
        self.ends = [[detail["index"] for detail in of] for of in (self.get_input_details(), self.get_output_details())]

    def feed(self, values):
        """Run on {input tensor: array}."""
        sizes = {index: np.shape(value) for index, value in values.items()}
        if sizes != self._sizes:
            for index, size in sizes.items():
                self.resize_tensor_input(index, size)
            self.allocate_tensors()  # not before: a convolution has no output for the one step that is default
            self._sizes = sizes
        for index, value in values.items():
            self.set_tensor(index, value)
        self.invoke()


def _alone(graph, place):
    """One part of a file as a file of its own."""
    other = Graph(graph.to_bytes())
    other.model.subgraphs, other.model.signatureDefs = [other.model.subgraphs[place]], []
    return other


def _run(interpreter, values):
    """The outputs, in the file's order."""
    interpreter.feed(dict(zip(interpreter.ends[0], values, strict=True)))
    return [interpreter.get_tensor(index) for index in interpreter.ends[1]]


def _widen(ranges, index, value):
    low, high = ranges.get(index, (0.0, 0.0))  # zero must be a value: padding and first states are
    ranges[index] = (min(low, float(value.min())), max(high, float(value.max())))


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
