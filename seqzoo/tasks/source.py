"""A model as the exporter sees it: a Keras network with named inputs and outputs, and the task that feeds it."""

import re
from typing import Any, NamedTuple

import keras


class Source(NamedTuple):
    """What is exported.

    Attributes:
        network: `keras.Model`.
        name: the model's name.
        inputs: list of (name, dtype, shape without the batch; None is time).
        outputs: names.
        task: `Task`, which knows how raw input reaches the network; the plain one for a Keras model.
        model: the task's model, or the Keras model.
        arguments: what a call of the network takes, a tuple of nested structures whose leaves are the inputs, in their order.
            None: one input, or a list of several.
        plan: how the network goes step by step, for a file that does (`seqzoo.export.tflite.onestep.StepPlan`).
    """

    network: keras.Model
    name: str
    inputs: list
    outputs: list
    task: Any = None
    model: Any = None
    arguments: Any = None
    plan: Any = None

    def call(self, values):
        """The network's answers, nested as it gives them, to a list of tensors or arrays, one for each of the inputs."""
        arguments = (values if len(values) > 1 else values[0],)
        if self.arguments is not None:
            arguments = keras.tree.pack_sequence_as(self.arguments, list(values))
        return self.network(*arguments, training=False)


def network_source(network, name=None, task=None, model=None):
    """The `Source` of a network that takes and gives arrays.

    Raises:
        ValueError: if it has not been built, or has an unknown size other than batch and time.
    """
    if not network.built or not getattr(network, "inputs", None):
        raise ValueError(
            "A keras.Model must be functional, or sequential with a keras.Input, so that its shapes are known. "
            f"Received: {type(network).__name__} {network.name!r} without inputs"
        )
    inputs = [(_identifier(x.name), keras.backend.standardize_dtype(x.dtype), tuple(x.shape[1:])) for x in network.inputs]
    for input_name, _, shape in inputs:
        if None in shape[1:]:
            raise ValueError(f"Only batch and time may be unknown. Received: shape {(None, *shape)} of input `{input_name}`")
    outputs = [_identifier(x._keras_history.operation.name) for x in network.outputs]  # Sequential has no output_names
    if len(set(outputs)) < len(outputs):
        outputs = [f"{output}_{place}" for place, output in enumerate(outputs)]
    structure = getattr(network, "_inputs_struct", None)  # a Sequential has one input and no structure
    arguments = (structure,) if isinstance(structure, dict) or len(inputs) > 1 else None
    return Source(network, name or network.name, inputs, outputs, task, network if model is None else model, arguments)


def _identifier(name):
    return re.sub(r"\W", "_", name)
