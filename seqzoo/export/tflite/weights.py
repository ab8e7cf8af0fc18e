"""Smaller weights in a float file: half precision, or 8 bits with float activations (dynamic range)."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from seqzoo.export.tflite.names import LSTM, RNN
from seqzoo.export.tflite.targets import ExportError

SMALLEST = 1024  # values; below that nothing is saved
# Convolutions, whose kernels take a scale for every output channel: the axis of these in the weights.
CHANNELS = {"CONV_2D": 0, "DEPTHWISE_CONV_2D": 3}
# Operators with kernels for float inputs and int8 weights: where these stand, and the version that has them.
_HYBRID = {
    LSTM: (range(1, 9), 2),
    RNN: (range(1, 3), 2),
    "FULLY_CONNECTED": ((1,), 3),
    "CONV_2D": ((1,), 5),
    "DEPTHWISE_CONV_2D": ((1,), 6),
}


def halve_weights(graph):
    """Keep the weights as float16, expanded by DEQUANTIZE when the file is loaded. Maths stays in float32."""
    for part in graph.with_bodies():
        _halve_weights(part)


def _halve_weights(graph):
    expanded, made = [], {}
    for operator in list(graph.operators):
        for place, index in enumerate(operator.inputs):
            value = None if index < 0 else graph.constant(int(index))
            if value is None or value.dtype != np.float32 or value.size < SMALLEST:
                continue
            if not np.isfinite(value.astype(np.float16)).all():
                raise ExportError("float16 holds values up to 65504; use quantization=None. Received: larger weights")
            if index not in made:  # steps that are written out share their weights
                half = graph.add_tensor("half", "float16", value.shape, value.astype(np.float16))
                made[index] = full = graph.add_tensor("full", "float32", value.shape)
                graph.tensor(full).shapeSignature = None
                expanded.append(graph.operator("DEQUANTIZE", 3, [half], [full], schema.DequantizeOptionsT()))
            operator.inputs[place] = made[index]
    graph.graph.operators = [*expanded, *graph.operators]


def quantize_weights(graph):
    """Keep the weights as int8 with one scale each; operators quantize their inputs as they come."""
    for part in graph.with_bodies():
        _quantize_weights(part)


def _quantize_weights(graph):
    operators, made = [], {}
    for operator in graph.operators:
        name = graph.name(operator)
        if name == "GATHER":
            operators += [operator, *_quantize_table(graph, operator)]
            continue
        operators.append(operator)
        places, version = _HYBRID.get(name, ((), 1))
        # All or none: the kernels take one type for all their weights.
        values = [graph.constant(int(operator.inputs[place])) for place in places]
        if not values or any(v is None or v.dtype != np.float32 for v in values) or sum(map(np.size, values)) < SMALLEST:
            continue
        for place, value in zip(places, values, strict=True):
            index = int(operator.inputs[place])
            if index not in made:  # steps that are written out share their weights
                axis = CHANNELS.get(name)
                stored, scale = _to_int8(value, scale_of(value, axis), axis)
                made[index] = graph.add_tensor("weights", "int8", value.shape, stored, scale, axis=axis or 0)
            operator.inputs[place] = made[index]
        graph.become(operator, name, version, operator.builtinOptions)
    graph.graph.operators = operators


def _quantize_table(graph, operator):
    """Rows of an embedding are gathered as int8, and only they become float."""
    table = graph.constant(int(operator.inputs[0]))
    if table is None or table.dtype != np.float32 or table.size < SMALLEST:
        return []
    stored, scale = _to_int8(table, scale_of(table))
    operator.inputs[0] = graph.add_tensor("table", "int8", table.shape, stored, scale)
    result = int(operator.outputs[0])
    rows = graph.add_tensor("rows", "int8", graph.tensor(result).shape, None, scale)
    graph.tensor(rows).shapeSignature = graph.tensor(result).shapeSignature
    operator.outputs[0] = rows
    graph.become(operator, "GATHER", 2, operator.builtinOptions)
    return [graph.operator("DEQUANTIZE", 2, [rows], [result], schema.DequantizeOptionsT())]


def scale_of(value, axis=None):
    """The scale of weights in 8 bits, one for each place of an axis where there is one."""
    others = None if axis is None else tuple(place for place in range(value.ndim) if place != axis)
    return np.maximum(np.abs(value).max(axis=others), 1e-8).astype(np.float64) / 127


def _to_int8(value, scale, axis=None):
    """(stored, scale)"""
    return to_integer(value, along(scale, value.ndim, axis)), scale


def to_integer(value, scale):
    return np.clip(np.rint(value / scale), -127, 127).astype(np.int8)


def along(scale, ndim, axis):
    """Scales in a shape that divides weights of `ndim` axes."""
    return scale if axis is None else np.reshape(scale, [-1 if place == axis else 1 for place in range(ndim)])


def int8_share(graph):
    """The share of a file's weights, which are the constants of its operators but for whole numbers of 16 bits and more, that
    is stored in 8 bits.
    """
    sizes = {}
    for place in range(len(graph.model.subgraphs)):
        part = graph.inner(place)
        for operator in part.operators or []:
            for index in (int(i) for i in operator.inputs if i >= 0):
                if part.dtype(index) in ("int8", "float16", "float32") and (value := part.constant(index)) is not None:
                    sizes[part.tensor(index).buffer] = (part.dtype(index), value.size)
    total = sum(size for _, size in sizes.values())
    return sum(size for dtype, size in sizes.values() if dtype == "int8") / total if total else 0.0
