"""One step a call: `step(x, states) -> (y, next states)`, for live series."""

import keras
import tensorflow as tf

from seqzoo.export.tflite.cells import recurrent_layers
from seqzoo.export.tflite.loops import retraced
from seqzoo.export.tflite.trace import convert_function


def convert_stream(source, form, batch_size, time_steps):
    """(bytes of the .tflite file, names of its inputs, outputs and states).

    Raises:
        ValueError: if the model is not one causal pass over a series of numbers.
    """
    _refuse_what_looks_ahead(source, time_steps)
    (name, dtype, shape), layers = source.inputs[0], recurrent_layers(source.network)
    states = {
        f"{layer.name}_{part}": (layer, place, size)
        for layer in layers
        for place, size in enumerate(keras.tree.flatten(layer.cell.state_size))
        for part in ["hcxyz"[place]]
    }
    specs = [tf.TensorSpec([batch_size, *shape[1:]], dtype, name=name)]
    specs += [
        tf.TensorSpec([batch_size, size], tf.float32, name=state) for state, (_, _, size) in states.items()
    ]

    @tf.function(input_signature=specs, autograph=False)
    def serve(inputs, *given):
        before, after = dict(zip(states, given)), {}

        def run(layer, sequences, last_only=False):
            mine = [state for state, (owner, _, _) in states.items() if owner is layer]
            _, new = layer.cell(sequences[:, 0], [before[state] for state in mine], training=False)
            after.update(zip(mine, keras.tree.flatten(new)))
            return after[mine[0]][:, None]

        with retraced(source.network, run):
            output = keras.tree.flatten(source.network(inputs[:, None], training=False))[0]
        if output.shape.rank == 3:
            output = output[:, 0]
        return {source.outputs[0]: output} | {f"next_{state}": after[state] for state in states}

    names = {
        "inputs": [name, *states],
        "outputs": [source.outputs[0], *(f"next_{state}" for state in states)],
        "states": list(states),
    }
    return convert_function(serve, source.network), names


def _refuse_what_looks_ahead(source, time_steps):
    works = "target 'interpreter' takes the whole sequence"
    if (
        source.text is not None
        or len(source.inputs) != 1
        or len(source.outputs) != 1
        or len(source.inputs[0][2]) != 2
    ):
        raise ValueError(
            f"Target 'stream' takes a model with one input [batch, time, features] and one output; {works}. "
            f"Received: {source.name}"
        )
    if time_steps is not None:
        raise ValueError(
            f"Target 'stream' takes one step a call, so `time_steps` must be None. Received: {time_steps}"
        )
    layers = recurrent_layers(source.network)
    for layer in layers:
        if layer.go_backwards:
            raise ValueError(
                f"Layer `{layer.name}` runs backwards, so it needs the end of the series; {works}. "
                "Received: 'stream'"
            )
    if not layers:
        raise ValueError(
            "Target 'stream' is for recurrent models. Received: a model without a recurrent layer"
        )
