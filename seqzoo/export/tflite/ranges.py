"""What values the tensors of a float file take on given inputs, for the scales of an int8 file."""

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from seqzoo.export.tflite.flatbuffer import Graph
from seqzoo.export.tflite.names import LSTM

ROWS = 32  # of one length, gone over together
# Beyond the greatest value seen, in standard deviations of the blocks' greatest: what a dozen times as many samples would hold,
# if the tail is exponential (a Gumbel distribution, whose scale is sqrt(6) / pi of its deviation).
ROOM, BLOCKS = 2.0, 24


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
    ranges, cells = {}, [_CellStates(graph, operator) for operator in lstms]
    for sample in samples:
        interpreter.feed(sample)
        for index in wanted:
            _widen(ranges, index, interpreter.get_tensor(index))
        for of in cells:
            of.read(interpreter.get_tensor(int(of.operator.inputs[0])))
    ranges = {index: _with_room(seen) for index, seen in ranges.items()}
    return ranges, {int(of.operator.outputs[0]): of.greatest() for of in cells}


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
    return {body: {index: _with_room(seen) for index, seen in found.items()} for body, found in ranges.items()}


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
    ranges.setdefault(index, []).append((float(value.min()), float(value.max())))


def _with_room(seen):
    """(least, greatest) of a tensor from those of each sample, with room for what other samples hold: they go beyond the
    greatest of a few, and what does is cut off.
    """
    blocks = np.array_split(np.asarray(seen), min(len(seen), BLOCKS))  # the steps of a stream are many, and their greatest few
    lows, highs = np.array([block[:, 0].min() for block in blocks]), np.array([block[:, 1].max() for block in blocks])
    low, high = lows.min() - ROOM * lows.std(), highs.max() + ROOM * highs.std()
    # Zero must be a value: padding and first states are. What never went beyond it is not taken beyond it.
    return float(low if lows.min() < 0 else 0.0), float(high if highs.max() > 0 else 0.0)


class _CellStates:
    """The greatest cell state of an LSTM: no interpreter shows it but that of the last step, so the steps are taken again."""

    def __init__(self, graph, operator):
        self.operator, self._waiting, self._greatest = operator, {}, 0.0
        self._kernel = np.concatenate([graph.constant(int(i)) for i in operator.inputs[1:5]]).T  # [in, 4*units]
        self._recurrent = np.concatenate([graph.constant(int(i)) for i in operator.inputs[5:9]]).T
        self._bias = np.concatenate([graph.constant(int(i)) for i in operator.inputs[12:16]])

    def read(self, sequences):
        """Take what the operator was given, `[batch, time, in]`; sequences of one length are gone over together."""
        waiting = self._waiting.setdefault(sequences.shape[1], [])
        waiting.append(sequences)
        if len(waiting) == ROWS:
            self._go_over(self._waiting.pop(sequences.shape[1]))

    def greatest(self):
        while self._waiting:
            self._go_over(self._waiting.popitem()[1])
        return self._greatest

    def _go_over(self, sequences):
        sequences = np.concatenate(sequences)
        hidden = cell = np.zeros((len(sequences), self._recurrent.shape[0]), np.float32)
        for projected in np.moveaxis(sequences @ self._kernel + self._bias, 1, 0):
            i, f, g, o = np.split(projected + hidden @ self._recurrent, 4, axis=-1)
            cell = _sigmoid(f) * cell + _sigmoid(i) * np.tanh(g)
            hidden = _sigmoid(o) * np.tanh(cell)
            self._greatest = max(self._greatest, float(np.abs(cell).max()))


def _sigmoid(x):
    return 0.5 * np.tanh(0.5 * x) + 0.5
