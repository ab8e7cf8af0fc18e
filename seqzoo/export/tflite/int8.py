"""8-bit integer arithmetic for the operators that carry the work; what stands between them stays float.

Our own pass and not TensorFlow's quantizer, which gives the three names of an LSTM's hidden state different
scales, lets directions that are joined disagree, goes below the least cell scale that the kernel has, and
can end the process.
"""

import math

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from seqzoo.export.tflite.flatbuffer import Graph
from seqzoo.export.tflite.patches import LSTM, LSTM_CELL, LSTM_HIDDEN, make_stateless
from seqzoo.export.tflite.ranges import measure_ranges

# Operators that only move values: data inputs and outputs share one scale. The version is the one that
# knows int8.
MOVERS = {
    "GATHER": ((0,), 2),
    "RESHAPE": ((0,), 1),
    "SQUEEZE": ((0,), 1),
    "STRIDED_SLICE": ((0,), 2),
    "REVERSE_V2": ((0,), 3),
    "SELECT_V2": ((1, 2), 1),
    "CONCATENATION": (None, 2),  # every input
    "REDUCE_MAX": ((0,), 2),
}
WORKERS = {LSTM: 1, "FULLY_CONNECTED": 4}
LOGISTIC_VERSION = 2
_LOGISTIC_SCALE = (1 / 256, -128)  # the only one that its kernel has


def quantize(graph, samples):
    """Quantize a fused float graph in place.

    Args:
        graph: `Graph`, fused; it may not hold the state-clearing operators yet. samples: list of dicts,
        input tensor -> array, as for `measure_ranges`; their values decide the scales.
    """
    chosen, kept = _choose(graph)
    stateless = Graph(graph.to_bytes())
    make_stateless(stateless)
    wanted = sorted({i for group in kept.groups().values() for i in group if graph.constant(i) is None})
    ranges, cells = measure_ranges(stateless, samples, wanted)
    _Rewriter(graph, chosen, _scales(graph, chosen, kept, ranges), cells).run()


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


def _choose(graph):
    """Operators that become int8 (as a list of positions) and the groups of tensors that share a scale."""
    chosen, groups, integer = [], _Groups(), set()
    for position, operator in enumerate(graph.operators):
        name, output = graph.name(operator), int(operator.outputs[0])
        if name in WORKERS and (name == LSTM or graph.constant(int(operator.inputs[1])) is not None):
            groups.join([int(operator.inputs[0])])
            groups.join([output])
        elif name == "LOGISTIC" and int(operator.inputs[0]) in integer:
            groups.join([output])
        elif (
            name in MOVERS and graph.dtype(output) == "float32" and _moves_integers(graph, operator, integer)
        ):
            groups.join([*data_inputs(graph, operator), output])
        else:
            continue
        chosen.append(position)
        integer.add(output)
    return chosen, groups


def data_inputs(graph, operator):
    places = MOVERS[graph.name(operator)][0]
    return [
        int(operator.inputs[place]) for place in (range(len(operator.inputs)) if places is None else places)
    ]


def _moves_integers(graph, operator, integer):
    inputs = data_inputs(graph, operator)
    constant = [graph.constant(index) is not None for index in inputs]
    if graph.name(operator) == "GATHER" and constant[0]:
        return True  # an embedding
    return any(index in integer for index in inputs) and all(
        c or i in integer for c, i in zip(constant, inputs)
    )


def _scales(graph, chosen, groups, ranges):
    """{tensor: (scale, zero point)}."""
    producers = {
        int(graph.operators[place].outputs[0]): graph.name(graph.operators[place]) for place in chosen
    }
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


class _Rewriter:
    def __init__(self, graph, chosen, scales, cells):
        self.graph, self.chosen, self.scales, self.cells = graph, set(chosen), scales, cells
        self.twins, self.operators = {}, []

    def run(self):
        graph = self.graph
        produced = {int(graph.operators[p].outputs[0]) for p in self.chosen}
        floats = {int(i) for i in graph.graph.outputs}
        floats |= {int(i) for p, op in enumerate(graph.operators) if p not in self.chosen for i in op.inputs}
        for position, operator in enumerate(list(graph.operators)):
            if position not in self.chosen:
                self.operators.append(operator)
                continue
            output = int(operator.outputs[0])
            self._convert(operator, graph.name(operator))
            self.operators.append(operator)
            if output in floats & produced:
                options = schema.DequantizeOptionsT()
                self.operators.append(
                    graph.operator("DEQUANTIZE", 2, [self.twins[output]], [output], options)
                )
        graph.graph.operators = self.operators

    def _convert(self, operator, name):
        graph = self.graph
        version = graph.model.operatorCodes[operator.opcodeIndex].version
        if name == LSTM:
            self._convert_lstm(operator)
        elif name == "FULLY_CONNECTED":
            self._convert_dense(operator)
        else:
            for index in data_inputs(graph, operator) if name in MOVERS else [int(operator.inputs[0])]:
                operator.inputs[operator.inputs == index] = self._integer(index)
        operator.outputs[0] = self._integer(int(operator.outputs[0]), computed=True)
        known = MOVERS[name][1] if name in MOVERS else WORKERS.get(name, LOGISTIC_VERSION)
        graph.become(operator, name, max(version, known), operator.builtinOptions)

    def _integer(self, index, computed=False):
        """The int8 form of a float tensor: of a constant, of what a chosen operator gives, or quantized on
        the spot.
        """
        if index in self.twins:
            return self.twins[index]
        graph, (scale, zero) = self.graph, self.scales[index]
        tensor, value = graph.tensor(index), graph.constant(index)
        if value is not None:
            value = np.clip(np.rint(value.astype(np.float64) / scale) + zero, -128, 127).astype(np.int8)
        twin = graph.add_tensor(tensor.name.decode() + "_int8", "int8", tensor.shape, value, scale, zero)
        graph.tensor(twin).shapeSignature = tensor.shapeSignature
        self.twins[index] = twin
        if value is None and not computed:
            self.operators.append(graph.operator("QUANTIZE", 1, [index], [twin], schema.QuantizeOptionsT()))
        return twin

    def _convert_dense(self, operator):
        source = int(operator.inputs[0])
        operator.inputs[0] = self._integer(source)
        operator.inputs[1], weight_scale = self._weights(int(operator.inputs[1]))
        if len(operator.inputs) > 2 and operator.inputs[2] >= 0:
            operator.inputs[2] = self._bias(int(operator.inputs[2]), self.scales[source][0] * weight_scale)

    def _convert_lstm(self, operator):
        graph, source, output = self.graph, int(operator.inputs[0]), int(operator.outputs[0])
        operator.inputs[0] = self._integer(source)
        for gate in range(4):
            operator.inputs[1 + gate], weight_scale = self._weights(int(operator.inputs[1 + gate]))
            operator.inputs[5 + gate], _ = self._weights(int(operator.inputs[5 + gate]))
            place = 12 + gate
            operator.inputs[place] = self._bias(
                int(operator.inputs[place]), self.scales[source][0] * weight_scale
            )
        # The kernel writes one vector to the state, the inner result and the output without rescaling.
        scale, zero = self.scales[output]
        shape = graph.tensor(int(operator.inputs[LSTM_HIDDEN])).shape
        hidden = graph.add_tensor("hidden_state", "int8", shape, None, scale, zero)
        # A power of two, and of those that the kernel's tanh knows: 2^-15 to 2^-9.
        whole_bits = min(max(math.ceil(math.log2(max(self.cells[output], 1e-6))), 0), 6)
        cell = graph.add_tensor("cell_state", "int16", shape, None, 2.0 ** (whole_bits - 15), 0)
        for place, state in ((LSTM_HIDDEN, hidden), (LSTM_CELL, cell)):
            graph.tensor(state).isVariable = True
            operator.inputs[place] = state
        # Four are for layer normalisation. All are empty: only their scales are read, and Micro insists on
        # it.
        inner = [graph.add_tensor(f"unused_{gate}", "float32", [0]) for gate in "ifco"]
        operator.intermediates = np.asarray(
            [*inner, graph.add_tensor("hidden", "int8", [0], None, scale, zero)], np.int32
        )

    def _weights(self, index):
        value = self.graph.constant(index)
        scale = max(float(np.abs(value).max()), 1e-8) / 127
        stored = np.clip(np.rint(value / scale), -127, 127).astype(np.int8)
        return self.graph.add_tensor("weights", "int8", value.shape, stored, scale), scale

    def _bias(self, index, scale):
        stored = np.clip(np.rint(self.graph.constant(index) / scale), -(2**31), 2**31 - 1).astype(np.int32)
        return self.graph.add_tensor("bias", "int32", stored.shape, stored, scale)
