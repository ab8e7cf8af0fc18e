"""What is exported: a model as a function of named arrays."""

import keras
from keras.src.export.export_utils import get_input_signature  # what Keras's own exports ask

from seqzoo.export.tflite.source import signed
from seqzoo.tasks import task_of
from seqzoo.tasks.source import network_source
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
    else:
        known = input_signature is None and getattr(model, "inputs", None)
        network = model if known else signed(model, _signature(model, input_signature))
        source = network_source(network, model.name, Task(), model)
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


def _signature(model, given):
    """`input_signature`, or what a call of the model has shown of it."""
    given = (get_input_signature(model) if model.built else None) if given is None else given
    if not given:
        raise ValueError(
            "A subclassed keras.Model must have been called once, or `input_signature` must say what it takes, such as "
            f"[keras.InputSpec(shape=(None, None, 8), dtype='float32')]. Received: {type(model).__name__} and None"
        )
    return given
