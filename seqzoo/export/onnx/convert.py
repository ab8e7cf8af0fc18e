"""A network to an ONNX model, by tf2onnx."""

import contextlib
import importlib.util
import logging
import re

import keras
import numpy as np
import tensorflow as tf

from seqzoo.export.onnx.loops import operators, retraced
from seqzoo.export.tflite.names import signature_names
from seqzoo.export.tflite.targets import ExportError
from seqzoo.kernels import portable
from seqzoo.quiet import held_back_stderr


def need_converter():
    """Raises ImportError, before any work, unless tf2onnx and onnxruntime are installed."""
    missing = [name for name in ("tf2onnx", "onnx", "onnxruntime") if importlib.util.find_spec(name) is None]
    if missing:
        raise ImportError(f"ONNX files need {', '.join(missing)}: pip install 'seqzoo[onnx]'. Received: no such package")


def convert(source, samples, opset=None):
    """A network as ONNX, and what it answers.

    Args:
        source: `Source`; its outputs may be None: found by a call.
        samples: dicts of arrays by input name.
        opset: version of ONNX's operators, or None.

    Returns:
        onnx.ModelProto; a dict of arrays by output name for each sample.

    Raises:
        ValueError: for an operation that ONNX has not.
    """
    answers = [_named(source, _answer(source, [sample[name] for name, *_ in source.inputs])) for sample in samples]
    names = list(answers[0])
    inner = signature_names([name for name, *_ in source.inputs] + names)
    specs = [tf.TensorSpec([None, *shape], dtype, name=inner[name]) for name, dtype, shape in source.inputs]

    @tf.function(input_signature=specs, autograph=False)
    def serve(*inputs):
        return {inner[name]: tf.identity(value) for name, value in _named(source, _answer(source, inputs)).items()}

    with retraced(source.network), portable(), _quietly():
        import tf2onnx

        try:
            proto, _ = tf2onnx.convert.from_function(serve, specs, opset=opset, custom_op_handlers=operators())
        except (ValueError, TypeError) as error:  # Keras's errors list all arguments after the reason
            raise ValueError(f"The network must become an ONNX graph. Received: {_first_line(error)}") from None
        held = serve.get_concrete_function(*specs).graph.captures
    _refuse_foreign(proto)
    _hold(proto.graph, held)
    answers = [{name: np.asarray(value) for name, value in answer.items()} for answer in answers]
    _name(proto.graph, source.inputs, {inner[name]: name for name in inner}, list(zip(samples, answers, strict=True)))
    return proto, answers


def _answer(source, values):
    results = source.call(list(values))
    if isinstance(results, dict) and not any(keras.tree.is_nested(value) for value in results.values()):
        return results
    return source.task.finish(source, keras.tree.flatten(results))


def _named(source, results):
    if isinstance(results, dict):
        return results
    names = source.outputs or (["output"] if len(results) == 1 else [f"output_{k}" for k in range(len(results))])
    return dict(zip(names, results, strict=True))


@contextlib.contextmanager
def _quietly():
    """tf2onnx reports to a logger what is an error here, and TensorFlow's optimizer to the terminal."""
    loggers = [logging.getLogger(name) for name in ("tf2onnx", "tf2onnx.tfonnx", "tf2onnx.tf_utils", "tensorflow")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        with held_back_stderr():
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _refuse_foreign(proto):
    """tf2onnx leaves what it cannot convert as it was, and goes on."""
    from onnx import defs

    known = {schema.name for schema in defs.get_all_schemas()}
    foreign = sorted(
        {node.op_type for node in _nodes(proto.graph) if node.domain in ("", "ai.onnx") and node.op_type not in known}
    )
    if foreign:
        raise ExportError(
            "Every operation must have an ONNX operator: another layer in its place may do, and a SavedModel "
            f"(`model.export`) takes any. Received: {', '.join(foreign)}, which has none"
        )


def _hold(graph, captures):
    """Constants that a layer made outside the graph, such as the mean of a Normalization: tf2onnx takes them for inputs."""
    from onnx import numpy_helper

    values = {inner.name: outer for outer, inner in captures if outer.dtype != tf.resource}
    for value in list(graph.input):
        if value.name in values:
            graph.input.remove(value)
            graph.initializer.append(numpy_helper.from_array(np.asarray(values[value.name]), value.name))


def _nodes(graph):
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            yield from _nodes(attribute.g)
            for inner in attribute.graphs:
                yield from _nodes(inner)


def _name(graph, inputs, public, answered):
    """The model's names for inputs, outputs and open sizes."""
    renamed = {}
    for value in [*graph.input, *graph.output]:
        inner = re.sub(r":\d+$", "", value.name)
        renamed[value.name] = value.name = public.get(inner, inner)
    places = {inner: place for place, inner in enumerate(public)}  # TensorFlow sorts a dict's names
    order = {public[inner]: place for inner, place in places.items()}
    outputs = sorted(graph.output, key=lambda value: order[value.name])
    del graph.output[:]
    graph.output.extend(outputs)
    for node in _nodes(graph):
        node.input[:] = [renamed.get(name, name) for name in node.input]
        node.output[:] = [renamed.get(name, name) for name in node.output]
    times = [name for name, _, shape in inputs if shape[:1] == (None,)]
    for value in [*graph.input, *graph.output]:
        for place, size in enumerate(value.type.tensor_type.shape.dim):
            if not size.HasField("dim_value"):
                is_time = place == 1 and len(times) == 1 and all(_as_long(pair, times[0], value.name) for pair in answered)
                size.dim_param = "batch" if place == 0 else "time" if is_time else f"{value.name}_{place}"


def _as_long(pair, time, name):
    sample, answer = pair
    return {**answer, **sample}[name].shape[1] == sample[time].shape[1]


def _first_line(error):
    lines = [line for line in str(error).splitlines() if line.strip() and "Exception encountered" not in line]
    return lines[0].replace("\x1b[1m", "").replace("\x1b[0m", "") if lines else type(error).__name__
