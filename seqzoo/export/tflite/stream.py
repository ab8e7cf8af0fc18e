"""One step a call: `step(x, states) -> (y, next states)`, for live series."""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from seqzoo.export.tflite.cells import recurrent_layers
from seqzoo.export.tflite.loops import refuse_initial_state, retraced
from seqzoo.export.tflite.masks import keep_where_masked
from seqzoo.export.tflite.names import signature_names
from seqzoo.export.tflite.steps import HIDDEN_IS_OUTPUT, has_head, head, step
from seqzoo.export.tflite.trace import convert_function
from seqzoo.kernels import portable

CHECKED_STEPS = 200  # in succession, at least: an error that grows must have time to


class _Call(NamedTuple):
    """One call of a recurrent layer in a step of the network, and what it keeps until the next."""

    layer: keras.Layer
    first: list  # states as the cell nests them
    states: dict  # name -> shape
    output: str | None  # the state that repeats the output where a mask is False, if no state of the cell does


def convert_stream(source, form, batch_size, time_steps):
    """(bytes of the .tflite file, names of its inputs, outputs and states) of a source that `check_causal` took."""
    (name, dtype, shape), calls = source.inputs[0], []
    spec = tf.TensorSpec([batch_size, *shape[1:]], dtype, name=signature_names([name])[name])

    def note(layer, sequences, states, mask):
        refuse_initial_state(layer, states)
        output, after = step(layer, sequences[:, 0], states)
        output = head(layer, output[:, None])[:, 0]
        calls.append(_call(layer, states, output, mask is not None, len([call for call in calls if call.layer is layer])))
        return output, output[:, None], after

    with retraced(source.network, note):
        tf.function(lambda x: source.network(x[:, None], training=False), autograph=False).get_concrete_function(spec)
    states = {state: size for call in calls for state, size in call.states.items()}
    inner = signature_names([*states, *(f"next_{state}" for state in states), *source.outputs])
    specs = [spec, *(tf.TensorSpec(size, tf.float32, name=inner[state]) for state, size in states.items())]

    @tf.function(input_signature=specs, autograph=False)
    def serve(inputs, *given):
        before, after, order = dict(zip(states, given, strict=True)), {}, iter(calls)

        def run(layer, sequences, _, mask):
            output, new = _step_once(next(order), sequences[:, 0], before, mask)
            after.update(new)
            return output, output[:, None], []

        with retraced(source.network, run):
            output = keras.tree.flatten(source.network(inputs[:, None], training=False))[0]
        if output.shape.rank == 3:
            output = output[:, 0]
        return {inner[source.outputs[0]]: output} | {inner[f"next_{state}"]: after[state] for state in states}

    names = {
        "inputs": [name, *states],
        "outputs": [source.outputs[0], *(f"next_{state}" for state in states)],
        "states": list(states),
    }
    return convert_function(serve, source.network), names


def _call(layer, first, output, masked, earlier):
    owner = f"{layer.name}_{earlier + 1}" if earlier else layer.name  # a shared layer has states for every call
    flat = keras.tree.flatten(first)
    letters = "hcxyz" if len(flat) <= len("hcxyz") else range(len(flat))
    states = {f"{owner}_{letter}": list(state.shape) for letter, state in zip(letters, flat, strict=False)}
    kept = None
    repeats = masked and not layer.zero_output_for_mask
    if repeats and (type(layer.cell) not in HIDDEN_IS_OUTPUT or has_head(layer.cell)):
        kept = f"{owner}_output"
        states[kept] = list(output.shape)
    return _Call(layer, first, states, kept)


def _step_once(call, inputs, before, mask):
    """(output, next states by name); a masked step keeps the states and repeats the output, as in Keras's loop."""
    layer, names = call.layer, [name for name in call.states if name != call.output]
    valid = None if mask is None else mask[:, 0]
    states = keras.tree.pack_sequence_as(call.first, [before[name] for name in names])
    output, new = step(layer, inputs, states)
    output = head(layer, output[:, None])[:, 0]
    new = [keep_where_masked(valid, *pair) for pair in zip(keras.tree.flatten(new), keras.tree.flatten(states), strict=True)]
    after = dict(zip(names, new, strict=True))
    if valid is not None:
        shown = tf.zeros_like(output) if layer.zero_output_for_mask else before[call.output or names[0]]
        output = keep_where_masked(valid, output, shown)
    if call.output:
        after[call.output] = output
    return output, after


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
