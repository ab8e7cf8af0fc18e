"""One step a call: `step(x, states) -> (y, next states)`, for live series and texts as they are typed."""

import keras
import numpy as np
import tensorflow as tf

from seqzoo.export.tflite.checks import share_off
from seqzoo.export.tflite.loops import scoped, stateless
from seqzoo.export.tflite.names import signature_names
from seqzoo.export.tflite.onestep import WORKS, more_than_one_step, plan_steps, step_function
from seqzoo.export.tflite.trace import convert_function
from seqzoo.kernels import portable

CHECKED_STEPS = 200  # in succession, at least: an error that grows must have time to
PROBED_STEPS = 5
NEAR = 1e-3  # of the greatest answer: a network that looks along the series differs by more


def convert_stream(source, form, batch_size, time_steps):
    """(bytes of the .tflite file, names of its inputs, outputs and states) of a source that `planned` gave."""
    serve, names = step_function(source, source.plan, batch_size)
    return convert_function(serve, source.network), names


def planned(source, batch_size, time_steps):
    """The source with its `StepPlan`.

    Raises:
        ValueError: if the model is not one causal pass over a series, with what can run it.
    """
    if not source.task.streams:
        raise ValueError(
            f"Target 'stream' takes one step a call, and a model of task {source.task.name} reads the whole of its input before "
            f"it answers; {WORKS}. Received: {source.name}"
        )
    if time_steps is not None:
        raise ValueError(f"A file of one step a call has no length, so `time_steps` must be None. Received: {time_steps}")
    return source._replace(plan=plan_steps(source, batch_size))


def successive(source, samples):
    """Samples joined until each has `CHECKED_STEPS` steps; one that is short at the end goes on with the first.

    What is no series is that of the first sample of those joined. Each has the first states under the states' names too.

    Args:
        source: `Source`; where its model takes one length only, the samples stay as they are.
        samples: list of dicts with arrays [1, time, ...], or [1, ...] for what is no series, as `given_inputs` gives them.

    Raises:
        ValueError: if the series of a sample differ in length.
    """
    series = source.plan.series
    for sample in samples:
        if len({sample[name].shape[1] for name in series}) > 1:
            received = ", ".join(f"{name} with {sample[name].shape[1]}" for name in series)
            raise ValueError(
                "All series of a sample must have as many steps for target 'stream'; target 'interpreter' takes "
                f"series of different lengths. Received: {received}"
            )
    samples = [sample | {state: sample[name] for state, name in source.plan.begins.items()} for sample in samples]
    if _fixed_time(source):
        return samples
    taken, joined = 0, []
    while taken < len(samples):
        part = []
        while sum(sample[series[0]].shape[1] for sample in part) < CHECKED_STEPS:
            part.append(samples[taken % len(samples)])
            taken += 1
        joined.append(part[0] | {name: np.concatenate([sample[name] for sample in part], axis=1) for name in series})
    return joined


def checked_steps(source, sample):
    """The steps of a sample whose answers are compared: all where the model answers every step, else a few."""
    count = sample[source.plan.series[0]].shape[1]
    if all(source.plan.every):
        return list(range(count))
    if _fixed_time(source):
        return [count - 1]
    return sorted({int(step) - 1 for step in np.geomspace(1, count, 8)} | {count - 1})


def expected_steps(source, samples, steps):
    """What the Keras model answers after each sample's steps: dicts {output's name: array [steps, ...]}.

    Raises:
        ValueError: if the network's steps, one by one in Keras, give something else: it looks along the series.
    """
    with stateless(source.network):
        answer = _whole(source)
        found = [_expected(source, answer, *pair) for pair in zip(samples, steps, strict=True)]
        _refuse_unless_causal(source, answer, samples[0])
    return found


def _whole(source):
    """A function from a sample's beginning of some steps to the network's outputs, a list of arrays of its one row."""
    specs = [tf.TensorSpec([None, *shape], dtype) for _, dtype, shape in source.inputs]
    network = tf.function(lambda *x: keras.tree.flatten(source.call(list(x))), input_signature=specs, autograph=False)
    with portable(), scoped(source.network):  # nothing is compiled anew for every length
        network = network.get_concrete_function()

    def answer(sample, count):
        values = [sample[name][:, :count] if name in source.plan.series else sample[name] for name, *_ in source.inputs]
        return [np.asarray(output)[0] for output in network(*(tf.constant(value) for value in values))]

    return answer


def _expected(source, answer, sample, steps):
    count, every = sample[source.plan.series[0]].shape[1], source.plan.every
    whole = answer(sample, count)
    if all(every):
        results = [output[steps] for output in whole]
    else:
        ends = {step: whole if step == count - 1 else answer(sample, step + 1) for step in steps}
        results = [
            whole[place][steps] if has_time else np.stack([ends[step][place] for step in steps])
            for place, has_time in enumerate(every)
        ]
    return dict(zip(source.outputs, results, strict=True))


def _refuse_unless_causal(source, answer, sample):
    """Raises ValueError if steps one by one, in TensorFlow, differ from the network's answers to the whole.

    The file is compared too, but its differences may have other causes.
    """
    count = sample[source.plan.series[0]].shape[1]
    taken = count if _fixed_time(source) and not all(source.plan.every) else min(count, PROBED_STEPS)
    received, expected = _one_by_one(source, sample, taken), answer(sample, count if _fixed_time(source) else taken)
    triples = zip(received, expected, source.plan.every, strict=True)
    if all(_alike(one, whole[taken - 1] if has_time else whole) for one, whole, has_time in triples):
        return
    steps = count if _fixed_time(source) else taken
    raise ValueError(more_than_one_step(source.name, _first_that_looks(source, sample, steps)))


def _first_that_looks(source, sample, count):
    """The name of the first layer whose output after `count` steps is another when they are taken one by one."""
    network = source.network
    nodes = getattr(network, "_functional", network)._nodes_by_depth  # of a Sequential, of a functional model
    nodes = [node for depth in sorted(nodes, reverse=True) for node in nodes[depth]]
    tensors = [tensor for node in nodes if not node.is_input for tensor in node.output_tensors]
    names = [f"inside_{place}" for place in range(len(tensors))]
    plan = source.plan._replace(every=tuple([False] * len(tensors)), made={})
    inside = source._replace(network=keras.Model(network.inputs, tensors), outputs=names, plan=plan)
    for tensor, one, whole in zip(tensors, _one_by_one(inside, sample, count), _whole(inside)(sample, count), strict=True):
        if one.ndim and one.shape[:1] == (1,) and whole.shape[:1] == (count,):
            whole = whole[-1:]
        if not _alike(one, whole):
            return tensor._keras_history.operation.name
    return None


def _one_by_one(source, sample, count):
    """The outputs of one row after `count` steps in TensorFlow."""
    serve, names = step_function(source, source.plan, 1)
    states = {name: np.zeros([1, *shape[1:]], np.float32) for name, shape in source.plan.states.items()}
    states |= {name: sample[name] for name in source.plan.begins}
    inputs = [name for name in names["inputs"] if name not in states]
    inner = signature_names([*names["inputs"], *names["outputs"]])
    for step in range(count):
        given = [sample[name][:, step] if name in source.plan.series else sample[name] for name in inputs]
        results = serve(*(tf.constant(value) for value in [*given, *states.values()]))
        states = {name: results[inner[f"next_{name}"]] for name in states}
    return [np.asarray(results[inner[name]])[0] for name in source.outputs]


def _alike(a, b):
    return a.shape == b.shape and share_off(a, b) <= NEAR


def _fixed_time(source):
    return all(shape[0] is not None for name, _, shape in source.inputs if name in source.plan.series)
