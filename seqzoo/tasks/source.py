"""A model as the exporter sees it: a Keras network with named inputs and outputs, and the task that feeds it."""

import re
from typing import Any, NamedTuple

import keras
from keras.src.utils.naming import to_snake_case


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
    names = _plain_names([_identifier(x.name) for x in network.inputs], "keras_tensor", "input")
    inputs = [
        (of, keras.backend.standardize_dtype(x.dtype), tuple(x.shape[1:])) for of, x in zip(names, network.inputs, strict=True)
    ]
    for input_name, _, shape in inputs:
        if None in shape[1:]:
            raise ValueError(f"Only batch and time may be unknown. Received: shape {(None, *shape)} of input `{input_name}`")
    outputs = _output_names(network)
    structure = getattr(network, "_inputs_struct", None)  # a Sequential has one input and no structure
    arguments = (structure,) if isinstance(structure, dict) or len(inputs) > 1 else None
    return Source(network, name or network.name, inputs, outputs, task, network if model is None else model, arguments)


def _output_names(network):
    """The keys of a dict of outputs, or the names of the layers that give them, without the number that Keras counts up."""
    structure = getattr(network, "_outputs_struct", None)
    if isinstance(structure, dict) and len(structure) == len(network.outputs):
        return [_identifier(key) for key in sorted(structure)]  # as Keras flattens it
    names = []
    for output in network.outputs:  # Sequential has no output_names
        operation = output._keras_history.operation
        kind = to_snake_case(type(operation).__name__)
        names.append(kind if re.fullmatch(rf"{kind}_\d+", operation.name) else _identifier(operation.name))
    return names if len(set(names)) == len(names) else [f"{name}_{place}" for place, name in enumerate(names)]


def _plain_names(names, automatic, plain):
    """Names without the number that Keras counts up in a process: `plain`, or `plain_0`, `plain_1`."""
    counted = [place for place, name in enumerate(names) if re.fullmatch(rf"{automatic}(_\d+)?", name)]
    found = list(names)
    for number, place in enumerate(counted):
        found[place] = f"{plain}_{number}" if len(counted) > 1 or plain in names else plain
    return found


def _identifier(name):
    return re.sub(r"\W", "_", name)
