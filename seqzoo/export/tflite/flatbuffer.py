"""A .tflite file opened for changes: operators, tensors and constants of its one graph."""

from collections import Counter

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

OPERATORS = {code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)}
_TYPES = {
    "float32": schema.TensorType.FLOAT32,
    "float16": schema.TensorType.FLOAT16,
    "int8": schema.TensorType.INT8,
    "int16": schema.TensorType.INT16,
    "int32": schema.TensorType.INT32,
    "int64": schema.TensorType.INT64,
    "uint8": schema.TensorType.UINT8,
    "uint16": schema.TensorType.UINT16,
    "uint32": schema.TensorType.UINT32,
    "uint64": schema.TensorType.UINT64,
    "float64": schema.TensorType.FLOAT64,
    "bool": schema.TensorType.BOOL,
}
_DTYPES = {code: name for name, code in _TYPES.items()}


class Graph:
    """The first graph of a .tflite file. Tensors are indices, operators are the schema's objects.

    Args:
        content: bytes of the file.
    """

    def __init__(self, content):
        self.model = schema.ModelT.InitFromPackedBuf(content, 0)
        self.graph = self.model.subgraphs[0]
        for graph in self.model.subgraphs:
            graph.operators = list(graph.operators if graph.operators is not None else [])
            for operator in graph.operators:  # read-only views of `content` until here
                operator.inputs, operator.outputs = np.array(operator.inputs), np.array(operator.outputs)

    def inner(self, place):
        """The graph number `place` of the same file, such as the body of a loop."""
        other = object.__new__(Graph)
        other.model, other.graph = self.model, self.model.subgraphs[place]
        return other

    def with_bodies(self):
        """This graph and the bodies of its loops."""
        places = [o.builtinOptions.bodySubgraphIndex for o in self.operators if self.name(o) == "WHILE"]
        return [self, *map(self.inner, places)]

    def to_bytes(self):
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    @property
    def operators(self):
        return self.graph.operators

    def name(self, operator):
        """The builtin's name, such as "FULLY_CONNECTED", or a custom operator's own, such as "FlexSum"."""
        code = self.model.operatorCodes[operator.opcodeIndex]
        if code.customCode:
            return code.customCode.decode()
        return OPERATORS[max(code.builtinCode, code.deprecatedBuiltinCode)]

    def count_operators(self):
        """Counter of the names of all operators, those inside loops included."""
        return Counter(self.name(operator) for graph in self.model.subgraphs for operator in graph.operators or [])

    def tensor(self, index):
        return self.graph.tensors[index]

    def dtype(self, index):
        return _DTYPES[self.tensor(index).type]

    def constant(self, index):
        """The value of a constant tensor, or None if the tensor is computed."""
        tensor = self.tensor(index)
        data = self.model.buffers[tensor.buffer].data
        if data is None or len(data) == 0:
            return None
        return np.asarray(data, np.uint8).view(self.dtype(index)).reshape(list(tensor.shape) if len(tensor.shape) else [])

    def add_tensor(self, name, dtype, shape, value=None, scale=None, zero_point=0, axis=0):
        """Append a tensor, constant if it has a value; returns its index. Several scales are one for each place of `axis`."""
        tensor = schema.TensorT()
        tensor.name = name.encode()
        tensor.type = _TYPES[dtype]
        tensor.shape = np.asarray(shape, np.int32)
        tensor.hasRank = True
        tensor.buffer = self._add_buffer(value)
        if scale is not None:
            tensor.quantization = quantized_by(scale, zero_point, axis)
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def set_constant(self, index, value, scale=None):
        """Replace a constant's value and dtype. The old buffer may serve other tensors and stays."""
        tensor = self.tensor(index)
        tensor.buffer = self._add_buffer(value)
        tensor.type = _TYPES[str(value.dtype)]
        tensor.quantization = None if scale is None else quantized_by(scale, 0)

    def set_metadata(self, name, data):
        """Set the file's metadata of a name to bytes."""
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(data, np.uint8)
        for entry in self.model.metadata or []:
            if entry.name == name.encode():
                self.model.buffers[entry.buffer] = buffer
                return
        self.model.buffers.append(buffer)
        entry = schema.MetadataT()
        entry.name, entry.buffer = name.encode(), len(self.model.buffers) - 1
        self.model.metadata = [*(self.model.metadata or []), entry]

    def operator(self, name, version, inputs, outputs, options=None):
        """A new operator, not yet in the graph."""
        operator = schema.OperatorT()
        operator.inputs, operator.outputs = np.asarray(inputs, np.int32), np.asarray(outputs, np.int32)
        self.become(operator, name, version, options)
        return operator

    def become(self, operator, name, version, options=None):
        """Make an operator the builtin `name`, with options such as `schema.FillOptionsT()`."""
        operator.opcodeIndex = self._code(getattr(schema.BuiltinOperator, name), version)
        operator.customOptions, operator.builtinOptions = None, options
        kind = type(options).__name__.removesuffix("T") if options is not None else "NONE"
        operator.builtinOptionsType = getattr(schema.BuiltinOptions, kind)

    def consumers(self, index):
        return [operator for operator in self.operators if index in operator.inputs]

    def producer(self, index):
        return next((operator for operator in self.operators if index in operator.outputs), None)

    def drop_dead(self):
        """Drop operators that no output needs, and variables and graphs that none of the others use.

        A seed that dropout would count up, say, is read and written at every call, though nothing of it reaches an answer.
        """
        for part in self.with_bodies():
            part._drop_dead_operators()
        called = {int(place) for part in self.with_bodies() for operator in part.operators for place in _graphs_of(operator)}
        for place, graph in enumerate(self.model.subgraphs):
            if place and place not in called:  # it keeps its number
                graph.operators, graph.tensors = [], []
                graph.inputs = graph.outputs = np.zeros([0], np.int32)

    def _drop_dead_operators(self):
        wanted, kept = {int(index) for index in self.graph.outputs}, []
        read = any(self.name(operator) == "READ_VARIABLE" for operator in self.operators)
        for operator in reversed(self.operators):
            effect = self.name(operator) in ("ASSIGN_VARIABLE", "CALL_ONCE") and read
            if effect or wanted & {int(index) for index in operator.outputs}:
                kept.append(operator)
                wanted |= {int(index) for index in operator.inputs}
        self.graph.operators = kept[::-1]

    def drop_unused(self):
        """Empty the buffers that no tensor uses any more, and the tensors that no operator does: the old
        weights would stay in the file, and Micro's arena would have room for them.
        """
        used = {entry.buffer for entry in self.model.metadata or []}
        for graph in self.model.subgraphs:
            alive = {int(i) for op in graph.operators for i in [*op.inputs, *op.outputs]}
            alive |= {int(i) for i in [*graph.inputs, *graph.outputs]}
            for index, tensor in enumerate(graph.tensors):
                if index not in alive:
                    tensor.buffer, tensor.shape, tensor.shapeSignature = 0, np.zeros([1], np.int32), None
            used |= {graph.tensors[i].buffer for i in alive if i >= 0}
        for index, buffer in enumerate(self.model.buffers):
            if index not in used:
                buffer.data = None

    def _add_buffer(self, value):
        if value is None:
            return 0
        buffer = schema.BufferT()
        buffer.data = np.ascontiguousarray(value).reshape(-1).view(np.uint8)
        self.model.buffers.append(buffer)
        return len(self.model.buffers) - 1

    def _code(self, builtin, version):
        for index, code in enumerate(self.model.operatorCodes):
            if max(code.builtinCode, code.deprecatedBuiltinCode) == builtin and code.version == version:
                return index
        code = schema.OperatorCodeT()
        # Readers older than 2020 look at the deprecated field, which holds the codes below 127.
        code.builtinCode, code.deprecatedBuiltinCode, code.version = builtin, min(builtin, 127), version
        self.model.operatorCodes.append(code)
        return len(self.model.operatorCodes) - 1


def _graphs_of(operator):
    """Numbers of the graphs that an operator calls."""
    options = operator.builtinOptions
    names = ("condSubgraphIndex", "bodySubgraphIndex", "thenSubgraphIndex", "elseSubgraphIndex", "initSubgraphIndex")
    return [getattr(options, name) for name in names if hasattr(options, name)]


def quantized_by(scale, zero_point=0, axis=0):
    """Affine quantization, real = scale * (stored - zero_point), of a whole tensor or, with several scales, along an axis."""
    quantization = schema.QuantizationParametersT()
    quantization.scale = np.atleast_1d(np.asarray(scale, np.float32))
    quantization.zeroPoint = np.full(len(quantization.scale), zero_point, np.int64)
    quantization.quantizedDimension = axis if len(quantization.scale) > 1 else 0
    return quantization
