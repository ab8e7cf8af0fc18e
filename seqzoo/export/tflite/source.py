"""What a model is for the exporter."""

import keras

from seqzoo.tasks import task_of
from seqzoo.tasks.source import network_source
from seqzoo.tasks.task import Task


def source_of(model):
    """The `seqzoo.tasks.source.Source` of a model.

    Raises:
        TypeError: if it is neither a task's model that can become a file nor a functional or sequential `keras.Model`.
        ValueError: if it has not been built, or has an unknown size other than batch and time.
    """
    if task := task_of(model):
        return task.tflite_source(model)
    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a TextClassifier, a Forecaster or a keras.Model. Received: {type(model).__name__}")
    source = network_source(model, model.name, Task())
    for name, dtype, _ in source.inputs:
        if dtype == "string":
            raise ValueError(
                f"Input `{name}` is text, which no .tflite file computes with: build a keras.Model from the ids on, and leave "
                "TextVectorization or StringLookup outside; or use a TextClassifier, whose file has its vocabulary beside it. "
                "Received: string"
            )
    return source
