"""What a sidecar says of a file's inputs and outputs, read from the file. Imports no TensorFlow."""

from seqzoo.export.tflite.names import LSTM, signature_names
from seqzoo.export.tflite.patches import state_tensors

RESHAPERS = ("RESHAPE", "STRIDED_SLICE", "SQUEEZE", "EXPAND_DIMS", "TRANSPOSE")  # they leave the values alone


def name_signature(graph, job):
    """Give a raw file's inputs and outputs the names that the model has for them."""
    signature = graph.model.signatureDefs[0]
    public = {inner: name for name, inner in signature_names(job["inputs"] + job["outputs"]).items()}
    for entry in [*signature.inputs, *signature.outputs]:
        entry.name = public.get(entry.name.decode(), entry.name.decode()).encode()


def describe_signature(graph, job):
    """The sidecar's `inputs` and `outputs`: name, dtype, shape (null is time), tensor. Signatures
    are float or whole numbers in every file: 8-bit ones take and give float, so nobody applies a scale; see
    `describe_scales` for those that the file itself applies.
    """
    signature = graph.model.signatureDefs[0]
    described = {}
    for key, entries in (("inputs", signature.inputs), ("outputs", signature.outputs)):
        places = {entry.name.decode(): int(entry.tensorIndex) for entry in entries}
        described[key] = [_describe(graph, name, places[name]) for name in job[key]]
    return described


def _describe(graph, name, index):
    tensor = graph.tensor(index)
    shape = tensor.shape if tensor.shapeSignature is None or not len(tensor.shapeSignature) else tensor.shapeSignature
    return {
        "name": name,
        "tensor": index,
        "dtype": graph.dtype(index),
        "shape": [None if size < 0 else int(size) for size in shape],
    }


def describe_scales(graph, inputs, outputs):
    """The sidecar's `scales` of a finished 8-bit file: how it holds its inputs, outputs and states inside,
    real = scale * (stored - zero_point).

    Args:
        graph: `Graph`.
        inputs, outputs: those of the sidecar.

    Returns:
        list of dicts: `name`, `tensor` (the stored one), `dtype`, `scale`, `zero_point`. Inputs and outputs that
        the file computes with as they are (ids, states of a stream) are not in it; the states of a fused
        operator are, as `lstm_0/hidden`, `lstm_0/cell` in the file's order.
    """
    found = []
    for specs, follow in ((inputs, _stored_after), (outputs, _stored_before)):
        for spec in specs:
            found += [_scale(graph, spec["name"], index) for index in follow(graph, spec["tensor"])[:1]]
    lstms = [operator for operator in graph.operators if graph.name(operator) == LSTM]
    for place, operator in enumerate(lstms):
        names = [f"lstm_{place}/{part}" for part in ("hidden", "cell")]
        found += [_scale(graph, *state) for state in zip(names, state_tensors(graph, operator), strict=True)]
    return found


def _stored_before(graph, index):
    maker = graph.producer(index)
    while maker is not None and graph.name(maker) in RESHAPERS:
        maker = graph.producer(int(maker.inputs[0]))
    return [int(maker.inputs[0])] if maker is not None and graph.name(maker) == "DEQUANTIZE" else []


def _stored_after(graph, index):
    found = []
    for operator in graph.consumers(index):
        if graph.name(operator) == "QUANTIZE":
            found.append(int(operator.outputs[0]))
        elif graph.name(operator) in RESHAPERS and operator.inputs[0] == index:
            found += _stored_after(graph, int(operator.outputs[0]))
    return found


def _scale(graph, name, index):
    quantization = graph.tensor(index).quantization
    return {
        "name": name,
        "tensor": index,
        "dtype": graph.dtype(index),
        "scale": float(quantization.scale[0]),
        "zero_point": int(quantization.zeroPoint[0]),
    }
