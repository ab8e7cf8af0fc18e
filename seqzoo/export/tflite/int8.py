"""8-bit integer arithmetic for the operators that carry the work; what stands between them stays float.

Our own pass and not TensorFlow's quantizer, which gives the three names of an LSTM's hidden state different
scales, lets directions that are joined disagree, goes below the least cell scale that the kernel has, and
can end the process.
"""

import math

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from seqzoo.export.tflite.flatbuffer import Graph
from seqzoo.export.tflite.names import LSTM
from seqzoo.export.tflite.patches import LSTM_CELL, LSTM_HIDDEN, make_stateless
from seqzoo.export.tflite.ranges import measure_loops, measure_ranges
from seqzoo.export.tflite.scales import MOVERS, WORKERS, choose, data_inputs, scales_of, summed_steps
from seqzoo.export.tflite.weights import CHANNELS, along, scale_of, to_integer

LOGISTIC_VERSION = 2


def quantize(graph, samples):
    """Quantize a float graph, and the bodies of its loops, in place.

    Args:
        graph: `Graph`, fused where it will be; it may not hold the state-clearing operators yet.
        samples: list of dicts, input tensor -> array, as for `measure_ranges`; their values decide the scales.
    """
    stateless = Graph(graph.to_bytes())
    make_stateless(stateless)
    parts = [(part, *choose(part)) for part in graph.with_bodies()]
    wanted = {graph.model.subgraphs.index(part.graph): _computed(part, kept) for part, _, kept in parts}
    ranges, cells = measure_ranges(stateless, samples, wanted.pop(0))
    ranges = {0: ranges} | (measure_loops(stateless, samples, wanted) if wanted else {})
    for part, chosen, kept in parts:
        known = ranges[graph.model.subgraphs.index(part.graph)]
        _Rewriter(part, chosen, scales_of(part, chosen, kept, known), cells).run()


def _computed(graph, kept):
    return sorted({i for group in kept.groups().values() for i in group if graph.constant(i) is None})


class _Rewriter:
    def __init__(self, graph, chosen, scales, cells):
        self.graph, self.chosen, self.scales, self.cells = graph, set(chosen), scales, cells
        self.twins, self.stored, self.operators = {}, {}, []

    def run(self):
        graph = self.graph
        produced = {int(graph.operators[p].outputs[0]) for p in self.chosen}
        floats = {int(i) for i in graph.graph.outputs}
        floats |= {int(i) for p, op in enumerate(graph.operators) if p not in self.chosen for i in op.inputs}
        for position, operator in enumerate(list(graph.operators)):
            if position not in self.chosen:
                self.operators.append(operator)
                continue
            if graph.name(operator) == "SUM":
                self._convert_sum(operator)
                continue
            output = int(operator.outputs[0])
            self._convert(operator, graph.name(operator))
            self.operators.append(operator)
            if output in floats & produced:
                options = schema.DequantizeOptionsT()
                self.operators.append(graph.operator("DEQUANTIZE", 2, [self.twins[output]], [output], options))
        graph.graph.operators = self.operators

    def _convert(self, operator, name):
        graph = self.graph
        version = graph.model.operatorCodes[operator.opcodeIndex].version
        if name == LSTM:
            self._convert_lstm(operator)
        elif name in WORKERS:
            self._convert_product(operator, CHANNELS.get(name))
        else:
            for index in data_inputs(graph, operator) if name in MOVERS else [int(operator.inputs[0])]:
                operator.inputs[operator.inputs == index] = self._integer(index)
        operator.outputs[0] = self._integer(int(operator.outputs[0]), computed=True)
        known = MOVERS[name][1] if name in MOVERS else WORKERS.get(name, LOGISTIC_VERSION)
        graph.become(operator, name, max(version, known), operator.builtinOptions)

    def _integer(self, index, computed=False):
        """The int8 form of a float tensor: of a constant, of what a chosen operator gives, or quantized on the spot."""
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

    def _convert_product(self, operator, axis):
        """A dense layer or convolution; weights of one have a scale along `axis`."""
        source = int(operator.inputs[0])
        operator.inputs[0] = self._integer(source)
        bias = int(operator.inputs[2]) if len(operator.inputs) > 2 else -1
        scale = self.scales[source][0]
        operator.inputs[1], weight_scale = self._weights(int(operator.inputs[1]), axis, scale, bias)
        if bias >= 0:
            operator.inputs[2] = self._bias(bias, scale * weight_scale)

    def _convert_lstm(self, operator):
        graph, source, output = self.graph, int(operator.inputs[0]), int(operator.outputs[0])
        operator.inputs[0] = self._integer(source)
        for gate in range(4):
            operator.inputs[1 + gate], weight_scale = self._weights(int(operator.inputs[1 + gate]))
            operator.inputs[5 + gate], _ = self._weights(int(operator.inputs[5 + gate]))
            place = 12 + gate
            operator.inputs[place] = self._bias(int(operator.inputs[place]), self.scales[source][0] * weight_scale)
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
        # Four are for layer normalisation. All are empty: only their scales are read, and Micro insists on it.
        inner = [graph.add_tensor(f"unused_{gate}", "float32", [0]) for gate in "ifco"]
        operator.intermediates = np.asarray([*inner, graph.add_tensor("hidden", "int8", [0], None, scale, zero)], np.int32)

    def _convert_sum(self, operator):
        """Sums keep 16 bits, widened from 8 without loss: shared among hundreds of steps, 8 would round a
        short sequence's mean away.
        """
        graph, source = self.graph, int(operator.inputs[0])
        scale, zero = self.scales[source]
        narrow, result = self._integer(source), int(operator.outputs[0])
        wide = graph.add_tensor("wide", "int16", graph.tensor(source).shape, None, scale, 0)
        greatest = scale * max(127 - zero, 128 + zero) * summed_steps(graph, operator)
        total = graph.add_tensor("total", "int16", graph.tensor(result).shape, None, greatest / 32767, 0)
        self.operators.append(graph.operator("QUANTIZE", 2, [narrow], [wide], schema.QuantizeOptionsT()))
        operator.inputs[0], operator.outputs[0] = wide, total
        graph.become(operator, "SUM", 2, operator.builtinOptions)
        self.operators.append(operator)
        self.operators.append(graph.operator("DEQUANTIZE", 3, [total], [result], schema.DequantizeOptionsT()))

    def _weights(self, index, axis=None, source_scale=1.0, bias=-1):
        key = index if axis is None else (index, source_scale, bias)
        if key not in self.stored:  # steps that are written out share their weights
            self.stored[key] = self._store(index, axis, source_scale, bias)
        return self.stored[key]

    def _store(self, index, axis, source_scale, bias):
        value = self.graph.constant(index)
        scale = scale_of(value, axis)
        if axis is not None and bias >= 0:  # a channel of tiny weights must not leave a bias that 32 bits can't hold
            scale = np.maximum(scale, np.abs(self.graph.constant(bias)) / (source_scale * 2.0**30))
        stored = to_integer(value, along(scale, value.ndim, axis))
        return self.graph.add_tensor("weights", "int8", value.shape, stored, scale, axis=axis or 0), scale

    def _bias(self, index, scale):
        stored = np.clip(np.rint(self.graph.constant(index) / scale), -(2**31), 2**31 - 1).astype(np.int32)
        return self.graph.add_tensor("bias", "int32", stored.shape, stored, scale)
