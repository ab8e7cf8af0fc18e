"""What a model is for the exporter."""

import keras
import tensorflow as tf

from seqzoo.export.tflite.reasons import reason_of
from seqzoo.tasks import task_of
from seqzoo.tasks.source import network_source
from seqzoo.tasks.task import Task

SPECS = "keras.InputSpec(shape, dtype, name=...), tf.TensorSpec or keras.Input"
_TABLES = (keras.layers.TextVectorization, keras.layers.StringLookup, keras.layers.IntegerLookup, keras.layers.Hashing)


def source_of(model, input_signature=None):
    """The `seqzoo.tasks.source.Source` of a model.

    Args:
        input_signature: for a `keras.Model` that is neither functional nor sequential, as `keras.Model.export` takes it: a spec,
            or a list with one for each argument of `call`, nested as the argument is.

    Raises:
        TypeError: if it is neither a task's model that can become a file nor a `keras.Model`.
        ValueError: if it has not been built, or has an unknown size other than batch and time, or looks things up in a table.
    """
    if task := task_of(model):
        if input_signature is not None:
            raise ValueError(
                f"`input_signature` is for a keras.Model. Received: a {type(model).__name__}, whose inputs are known"
            )
        return task.tflite_source(model)
    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a TextClassifier, a Forecaster or a keras.Model. Received: {type(model).__name__}")
    if input_signature is None and not getattr(model, "inputs", None):
        raise ValueError(
            "A keras.Model must be functional, or sequential with a keras.Input, so that its shapes are known; for another give "
            f"`input_signature`, a list with a {SPECS} for each argument of its `call`. Received: {type(model).__name__} "
            f"{model.name!r} without inputs"
        )
    network = model if input_signature is None else signed(model, input_signature)
    source = network_source(network, model.name, Task(), model)
    for name, dtype, _ in source.inputs:
        if dtype == "string":
            raise ValueError(
                f"Input `{name}` is text, which no .tflite file computes with: build a keras.Model from the ids on, and leave "
                "TextVectorization or StringLookup outside; or use a TextClassifier, whose file has its vocabulary beside it. "
                "Received: string"
            )
    for layer in network._flatten_layers():
        if isinstance(layer, _TABLES):
            raise ValueError(
                f"Layer `{layer.name}` looks its input up in a table, for which .tflite files have no operator: build a "
                f"keras.Model from the ids on, and leave this layer outside. Received: a {type(layer).__name__}"
            )
    return source


def signed(model, input_signature):
    """A functional `keras.Model` that calls `model`, with the inputs of a signature.

    Raises:
        TypeError: for another signature. ValueError: for a model without weights yet, or one that cannot be called so.
    """
    if not model.built:
        raise ValueError(
            "The model must have its weights: call it on data or load them before it is exported. Received: "
            f"{type(model).__name__} {model.name!r}, not built"
        )
    arguments = list(input_signature) if isinstance(input_signature, (list, tuple)) else [input_signature]
    flat = keras.tree.flatten(arguments)
    inputs = [_input(spec, f"input_{place}" if len(flat) > 1 else "input") for place, spec in enumerate(flat)]
    try:
        outputs = model(*keras.tree.pack_sequence_as(arguments, inputs))
    except Exception as error:  # of the model's own code
        raise ValueError(
            f"`input_signature` must be what the model can be called with. Received: {_told(inputs)}, and the call said: "
            f"{reason_of(error)}"
        ) from error
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], outputs, name=model.name)


def _input(spec, name):
    if not isinstance(spec, (keras.InputSpec, tf.TensorSpec, keras.KerasTensor)) or spec.shape is None:
        raise TypeError(f"`input_signature` must hold {SPECS}, with a shape each. Received: {spec!r:.200}")
    shape = tuple(spec.shape)
    return keras.Input(batch_shape=(None, *shape[1:]), dtype=_dtype(spec), name=spec.name or name)


def _dtype(spec):
    return keras.backend.standardize_dtype(spec.dtype) if spec.dtype is not None else None


def _told(inputs):
    return ", ".join(f"{x.name} {x.dtype} {list(x.shape)}" for x in inputs)
