"""One step a call: `step(x, states) -> (y, next states)`, for live series."""

import keras
import numpy as np
import tensorflow as tf

from seqzoo.export.tflite.cells import recurrent_layers
from seqzoo.export.tflite.loops import retraced
from seqzoo.export.tflite.trace import convert_function
from seqzoo.kernels import portable

CHECKED_STEPS = 200  # in succession, at least: an error that grows must have time to


def convert_stream(source, form, batch_size, time_steps):
    """(bytes of the .tflite file, names of its inputs, outputs and states) of a source that `check_causal` took."""
    (name, dtype, shape), layers = source.inputs[0], recurrent_layers(source.network)
    states = {
        f"{layer.name}_{part}": (layer, place, size)
        for layer in layers
        for place, size in enumerate(keras.tree.flatten(layer.cell.state_size))
        for part in ["hcxyz"[place]]
    }
    specs = [tf.TensorSpec([batch_size, *shape[1:]], dtype, name=name)]
    specs += [tf.TensorSpec([batch_size, size], tf.float32, name=state) for state, (_, _, size) in states.items()]

    @tf.function(input_signature=specs, autograph=False)
    def serve(inputs, *given):
        before, after = dict(zip(states, given, strict=True)), {}

        def run(layer, sequences, last_only=False):
            mine = [state for state, (owner, _, _) in states.items() if owner is layer]
            _, new = layer.cell(sequences[:, 0], [before[state] for state in mine], training=False)
            after.update(zip(mine, keras.tree.flatten(new), strict=True))
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


def check_causal(source, time_steps):
    """Raises ValueError if the model is not one causal pass over a series of numbers."""
    works = "target 'interpreter' takes the whole sequence"
    if not source.task.streams or len(source.inputs) != 1 or len(source.outputs) != 1 or len(source.inputs[0][2]) != 2:
        raise ValueError(
            f"Target 'stream' takes a model with one input [batch, time, features] and one output; {works}. "
            f"Received: {source.name}"
        )
    if time_steps is not None:
        raise ValueError(f"Target 'stream' takes one step a call, so `time_steps` must be None. Received: {time_steps}")
    layers = recurrent_layers(source.network)
    for layer in layers:
        if layer.go_backwards:
            raise ValueError(
                f"Layer `{layer.name}` runs backwards, so it needs the end of the series; {works}. Received: 'stream'"
            )
    if not layers:
        raise ValueError("Target 'stream' is for recurrent models. Received: a model without a recurrent layer")


def successive(source, samples):
    """Samples joined until each has `CHECKED_STEPS` steps; one that is short at the end goes on with the first.

    Args:
        source: `Source`; where its model takes one length only, the samples stay as they are.
        samples: list of dicts with one array [1, time, features], as `given_inputs` gives them.
    """
    (name,) = samples[0]
    if _fixed_time(source):
        return samples
    given, taken, joined = [sample[name] for sample in samples], 0, []
    while taken < len(given):
        part = []
        while sum(steps.shape[1] for steps in part) < CHECKED_STEPS:
            part.append(given[taken % len(given)])
            taken += 1
        joined.append({name: np.concatenate(part, axis=1)})
    return joined


def checked_steps(source, sample):
    """The steps of a sample whose answers are compared: all where the model answers every step, else a few."""
    (sequences,) = sample.values()
    count = sequences.shape[1]
    if _answers_every_step(source):
        return list(range(count))
    if _fixed_time(source):
        return [count - 1]
    return sorted({int(step) - 1 for step in np.geomspace(1, count, 8)} | {count - 1})


def expected_steps(source, samples, steps):
    """What the Keras model answers after each sample's steps: dicts {output's name: array [steps, ...]}."""
    specs = [tf.TensorSpec([None, *shape], dtype) for _, dtype, shape in source.inputs]
    network = tf.function(lambda x: source.network(x, training=False), input_signature=specs, autograph=False)
    with portable():  # nothing is compiled anew for every length
        network = network.get_concrete_function()
    found = []
    for sample, wanted in zip(samples, steps, strict=True):
        (sequences,) = sample.values()
        if _answers_every_step(source):
            answers = network(tf.constant(sequences)).numpy()[0][wanted]
        else:
            answers = np.stack([network(tf.constant(sequences[:, : step + 1])).numpy()[0] for step in wanted])
        found.append({source.outputs[0]: answers})
    return found


def _fixed_time(source):
    return source.inputs[0][2][0] is not None


def _answers_every_step(source):
    return len(source.network.outputs[0].shape) == 3
