"""Which operators of a float graph become 8-bit, which tensors share a scale, and what the scales are."""

import numpy as np

from seqzoo.export.tflite.names import LSTM
from seqzoo.export.tflite.weights import SMALLEST

# Operators that only move values: data inputs and outputs share one scale. The version is the one that knows int8.
MOVERS = {
    "GATHER": ((0,), 2),
    "RESHAPE": ((0,), 1),
    "SQUEEZE": ((0,), 1),
    "STRIDED_SLICE": ((0,), 2),
    "REVERSE_V2": ((0,), 3),
    "SELECT_V2": ((1, 2), 1),
    "CONCATENATION": (None, 2),  # every input
    "REDUCE_MAX": ((0,), 2),
    "MAX_POOL_2D": ((0,), 2),
    "AVERAGE_POOL_2D": ((0,), 2),
    "EXPAND_DIMS": ((0,), 1),
    "PAD": ((0,), 2),
    "TRANSPOSE": ((0,), 2),
}
WORKERS = {LSTM: 1, "FULLY_CONNECTED": 4, "CONV_2D": 3, "DEPTHWISE_CONV_2D": 3}
_RESHAPERS = ("RESHAPE", "STRIDED_SLICE", "CONCATENATION")
_LOGISTIC_SCALE = (1 / 256, -128)  # the only one that its kernel has


class _Groups:
    """Tensors that must share a scale (union-find)."""

    def __init__(self):
        self.parent = {}

    def find(self, index):
        self.parent.setdefault(index, index)
        while self.parent[index] != index:
            index = self.parent[index]
        return index

    def join(self, indices):
        roots = [self.find(index) for index in indices]
        for root in roots[1:]:
            self.parent[self.find(root)] = self.find(roots[0])

    def groups(self):
        found = {}
        for index in self.parent:
            found.setdefault(self.find(index), []).append(index)
        return found


def choose(graph):
    """Operators that become int8 (as a list of positions) and the groups of tensors that share a scale."""
    chosen, groups, integer = [], _Groups(), set()
    for position, operator in enumerate(graph.operators):
        name, output = graph.name(operator), int(operator.outputs[0])
        if name == LSTM or (name in WORKERS and _is_worth_it(graph, operator)):
            groups.join([int(operator.inputs[0])])
            groups.join([output])
        elif name == "LOGISTIC" and int(operator.inputs[0]) in integer:
            groups.join([output])
        elif name in MOVERS and graph.dtype(output) == "float32" and _moves_integers(graph, operator, integer):
            groups.join([*data_inputs(graph, operator), output])
        elif name == "SUM" and int(operator.inputs[0]) in integer and summed_steps(graph, operator):
            chosen.append(position)  # gives 16 bits, and then float
            continue
        else:
            continue
        chosen.append(position)
        integer.add(output)
    return chosen, groups


def _is_worth_it(graph, operator):
    """Whether a product becomes int8: a small one whose result is an answer would lose more than it saves."""
    weights = graph.constant(int(operator.inputs[1]))
    if weights is None:
        return False
    return weights.size >= SMALLEST or int(operator.outputs[0]) not in _answers(graph)


def _answers(graph):
    """Tensors that leave the graph, or did before they were given another shape or company."""
    found = {int(index) for index in graph.graph.outputs}
    for operator in reversed(graph.operators):
        if int(operator.outputs[0]) in found and graph.name(operator) in _RESHAPERS:
            found |= {int(index) for index in operator.inputs}
    return found


def data_inputs(graph, operator):
    places = MOVERS[graph.name(operator)][0]
    return [int(operator.inputs[place]) for place in (range(len(operator.inputs)) if places is None else places)]


def _moves_integers(graph, operator, integer):
    inputs = data_inputs(graph, operator)
    constant = [graph.constant(index) is not None for index in inputs]
    if graph.name(operator) == "GATHER" and constant[0]:
        return True  # an embedding
    return any(index in integer for index in inputs) and all(c or i in integer for c, i in zip(constant, inputs, strict=True))


def scales_of(graph, chosen, groups, ranges):
    """{tensor: (scale, zero point)}, from the ranges of the tensors that are computed."""
    producers = {int(graph.operators[place].outputs[0]): graph.name(graph.operators[place]) for place in chosen}
    tables = {int(op.inputs[0]) for op in graph.operators if graph.name(op) == "GATHER"}
    scales = {}
    for members in groups.groups().values():
        if any(producers.get(index) == "LOGISTIC" for index in members):
            scales.update((index, _LOGISTIC_SCALE) for index in members)
            continue
        # Where the values come from. What movers add are constants such as the "minus infinity" of a masked
        # maximum, which may saturate.
        sources = [i for i in members if i in tables or (i in ranges and producers.get(i) not in MOVERS)]
        known = [_constant_range(graph.constant(i)) if i not in ranges else ranges[i] for i in sources]
        low, high = min(low for low, _ in known), max(high for _, high in known)
        scale = max(high - low, 1e-6) / 255
        scales.update((index, (scale, int(round(-128 - low / scale)))) for index in members)
    return scales


def _constant_range(value):
    return min(0.0, float(value.min())), max(0.0, float(value.max()))


def summed_steps(graph, operator):
    """How many values each result of a SUM adds up; None if that is known at run time only."""
    source, result = (graph.tensor(int(i)) for i in (operator.inputs[0], operator.outputs[0]))
    for tensor in (source, result):
        if tensor.shapeSignature is not None and any(size < 0 for size in tensor.shapeSignature):
            return None
    return int(np.prod(source.shape) // max(np.prod(result.shape), 1))
