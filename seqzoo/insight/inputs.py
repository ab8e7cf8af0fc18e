"""What a model works on: its Keras network and the arrays that go in."""

import keras

from seqzoo.tasks import task_of
from seqzoo.tasks.parts import Prepared


def prepare(model, inputs):
    """`seqzoo.tasks.parts.Prepared` from a task's model and raw inputs, or a Keras model and arrays.

    Raises:
        TypeError: for a model that is neither.
        ValueError: for raw inputs that the model cannot read.
    """
    if task := task_of(model):
        return task.prepare(model, inputs)
    if isinstance(model, keras.layers.Layer):
        return Prepared(model, inputs)
    raise TypeError(
        "`model` must be a Keras model or layer, or a task's model such as `load_pretrained` gives. "
        f"Received: {type(model).__name__}"
    )
