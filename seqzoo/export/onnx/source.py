"""What is exported: a model as a function of named arrays."""

import keras
from keras.src.export.export_utils import get_input_signature  # what Keras's own exports ask

from seqzoo.export.float32 import in_float32
from seqzoo.tasks import task_of
from seqzoo.tasks.source import Source, network_source
from seqzoo.tasks.task import Task


def source_for(model, input_signature=None):
    """The `Source` of a model that a file is to be made of.

    Raises:
        TypeError: for what is no model. ValueError: for a model that has not been built, is stateful or takes text.
    """
    task = task_of(model)
    if task is not None:
        source = task.tflite_source(model)
    elif not isinstance(model, keras.Model):
        raise TypeError(
            "`model` must be a task's model, such as a TextClassifier or a Forecaster, or a keras.Model. "
            f"Received: {type(model).__name__}"
        )
    elif input_signature is None and getattr(model, "inputs", None):
        source = network_source(in_float32(model), model.name, Task())
    else:
        source = _subclassed(model, input_signature)
    for name, dtype, _ in source.inputs:
        if dtype == "string":
            raise ValueError(
                f"Input `{name}` is text: build a keras.Model from the ids on, and leave TextVectorization or StringLookup "
                "outside; a TextClassifier's file does that by itself. Received: string"
            )
    for layer in source.network._flatten_layers():
        if getattr(layer, "stateful", False) and isinstance(layer, keras.layers.RNN):
            raise ValueError(
                f"Layer `{layer.name}` is stateful, and ONNX keeps nothing from call to call: build it with stateful=False, or "
                "with return_state=True and a call with initial_state, so that states are inputs and outputs. "
                "Received: stateful=True"
            )
    return source


def _subclassed(model, signature):
    if signature is None:
        signature = get_input_signature(model) if model.built else None
        if not signature:
            raise ValueError(
                "A subclassed keras.Model must have been called once, or `input_signature` must say what it takes, such as "
                f"[keras.InputSpec(shape=(None, None, 8), dtype='float32')]. Received: {type(model).__name__} and None"
            )
        signature = signature if len(signature) > 1 else signature[0]
    specs = keras.tree.flatten(signature)
    if not specs or not all(hasattr(spec, "shape") and spec.shape is not None for spec in specs):
        raise ValueError(
            "`input_signature` must be of keras.InputSpec or tf.TensorSpec, each with a shape: one, a list or a dict. "
            f"Received: {signature!r}"
        )
    names = [getattr(spec, "name", None) or ("input" if len(specs) == 1 else f"input_{k}") for k, spec in enumerate(specs)]
    inputs = [
        (name, keras.backend.standardize_dtype(spec.dtype or "float32"), tuple(spec.shape)[1:])
        for name, spec in zip(names, specs, strict=True)
    ]
    in_float32(model)  # which refuses what it cannot copy
    nested = signature[0] if isinstance(signature, (list, tuple)) and len(signature) == 1 else signature
    arguments = (keras.tree.map_structure(lambda _: 0, nested),)
    return Source(model, model.name, inputs, None, Task(), model, arguments)
