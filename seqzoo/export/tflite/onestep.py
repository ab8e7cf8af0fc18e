"""One step of a network as a function: which inputs go step by step, which states are carried, what comes out."""

from collections import Counter
from typing import NamedTuple

import keras
import tensorflow as tf

from seqzoo.export.tflite.cells import recurrent_layers
from seqzoo.export.tflite.loops import LONGEST_UNROLLED, lower, retraced
from seqzoo.export.tflite.masks import keep_where_masked
from seqzoo.export.tflite.names import signature_names
from seqzoo.export.tflite.reasons import reason_of
from seqzoo.export.tflite.steps import HIDDEN_IS_OUTPUT, has_head, head, step

WORKS = "target 'interpreter' takes the whole sequence, with stateful=False"


class _Call(NamedTuple):
    """One call of a recurrent layer in a step of the network, and what it keeps until the next."""

    layer: keras.Layer
    first: list  # states as the cell nests them
    states: dict  # name -> shape
    output: str | None  # the state that repeats the output where a mask is False, if no state of the cell does


class StepPlan(NamedTuple):
    """How a network goes step by step.

    Attributes:
        series: names of the inputs `[batch, time, ...]`, of which a step takes `[batch, ...]`.
        begins: {state: name of the input that is its first value}; these inputs are no inputs of a step.
        states: {name: shape}.
        calls: what is carried for each call of a recurrent layer, in the order of the calls.
        every: for each output whether it has a time axis, so that a step gives its own part of it.
        made: what `step_function` made already, by the batch size.
    """

    series: tuple
    begins: dict
    states: dict
    calls: tuple
    every: tuple
    made: dict


def plan_steps(source, batch_size):
    """The `StepPlan` of a `Source`.

    Raises:
        ValueError: if the network is not one causal pass over a series, with what can run it.
    """
    series, lengths = _series(source)
    noted = _Noted(batch_size, [name for name, *_ in source.inputs], source.outputs)
    specs = [
        tf.TensorSpec([batch_size, *(shape[1:] if name in series else shape)], dtype) for name, dtype, shape in source.inputs
    ]

    def one(*values):
        noted.begin({id(value): name for (name, *_), value in zip(source.inputs, values, strict=True) if name not in series})
        return keras.tree.flatten(source.call(with_time(source, series, values)))

    try:
        with retraced(source.network, noted.run):
            traced = tf.function(one, autograph=False).get_concrete_function(*specs)
    except _StepError as error:  # Keras puts a list of arguments under it
        raise ValueError(reason_of(error)) from None
    except Exception as error:  # Keras's and TensorFlow's errors of shapes have no common type
        raise ValueError(more_than_one_step(source.name, None, reason_of(error))) from None
    if not noted.calls:
        raise ValueError(
            f"Target 'stream' carries the states of recurrent layers over the series; {WORKS}. Received: {source.name}, no "
            "layer of which runs along the series"
        )
    every = [
        _has_time(tensor.shape, out.shape, lengths) for tensor, out in zip(source.network.outputs, traced.outputs, strict=True)
    ]
    states = {name: shape for call in noted.calls for name, shape in call.states.items()}
    return StepPlan(tuple(series), noted.begins, states, tuple(noted.calls), tuple(every), {})


def step_function(source, plan, batch_size):
    """(a tf.function of one step with an input signature, which gives a dict; names of inputs, outputs and states)."""
    if batch_size in plan.made:
        return plan.made[batch_size]
    began = {name: state for state, name in reversed(plan.begins.items())}  # of several states the first
    given = [(name, dtype, shape) for name, dtype, shape in source.inputs if name not in began]
    after_names = [f"next_{state}" for state in plan.states]
    inner = signature_names([name for name, *_ in given] + [*plan.states, *source.outputs, *after_names])
    specs = [
        tf.TensorSpec([batch_size, *(shape[1:] if name in plan.series else shape)], dtype, name=inner[name])
        for name, dtype, shape in given
    ]
    specs += [tf.TensorSpec([batch_size, *shape[1:]], tf.float32, name=inner[state]) for state, shape in plan.states.items()]

    @tf.function(input_signature=specs, autograph=False)
    def serve(*values):
        named = dict(zip([name for name, *_ in given] + [*plan.states], values, strict=True))
        after, order = {}, iter(plan.calls)

        def run(layer, sequences, states, mask):
            if sequences.shape[1] != 1:
                return _inner(layer, sequences, states, mask)
            output, new = _step_once(call := next(order), sequences[:, 0], named, mask)
            after.update(new)
            carried = [after[name] for name in call.states if name != call.output]
            return output, output[:, None], keras.tree.pack_sequence_as(call.first, carried)

        with retraced(source.network, run):
            ordered = [named[began.get(name, name)] for name, *_ in source.inputs]
            outputs = keras.tree.flatten(source.call(with_time(source, plan.series, ordered)))
        outputs = [output[:, 0] if has_time else output for output, has_time in zip(outputs, plan.every, strict=True)]
        results = {inner[name]: output for name, output in zip(source.outputs, outputs, strict=True)}
        return results | {inner[f"next_{state}"]: after[state] for state in plan.states}

    names = {
        "inputs": [*(name for name, *_ in given), *plan.states],
        "outputs": [*source.outputs, *after_names],
        "states": list(plan.states),
    }
    plan.made[batch_size] = serve, names
    return serve, names


def with_time(source, series, values):
    """A step's values in the inputs' order, as the network takes them: those of series with a time of one step."""
    return [value[:, None] if name in series else value for (name, *_), value in zip(source.inputs, values, strict=True)]


def more_than_one_step(name, layer, reason=None):
    """The message for a network that does not go step by step; `layer` is the first that does not, if it is known."""
    where = f"layer `{layer}` of {name}" if layer else name
    return (
        "Target 'stream' gives every layer but the recurrent ones one step of the series at a time, so none may look along it, "
        f"as attention, pooling and convolutions do; {WORKS}. Received: {where}, which needs more than this step"
        + (f" ({reason})" if reason else "")
    )


class _StepError(ValueError):
    """Says already what would work."""


class _Noted:
    """What a trace of one step finds of the calls of recurrent layers."""

    def __init__(self, batch_size, inputs, outputs):
        """`inputs`, `outputs`: the network's names of them, which states do not take."""
        self.batch_size, self.given, self.outputs = batch_size, inputs, outputs

    def begin(self, inputs):
        """`inputs`: {id of a traced tensor: the input's name}, of those that may be first states."""
        self.inputs, self.calls, self.begins, self.earlier, self.taken = inputs, [], {}, Counter(), set()

    def run(self, layer, sequences, states, mask):
        if sequences.shape[1] != 1:
            return _inner(layer, sequences, states, mask)
        if layer.go_backwards:
            raise _StepError(
                f"Layer `{layer.name}` runs backwards, so it needs the end of the series; {WORKS}. Received: 'stream'"
            )
        output, after = step(layer, sequences[:, 0], states)
        output = head(layer, output[:, None])[:, 0]
        self.calls.append(self._call(layer, states, output, mask is not None))
        return output, output[:, None], after

    def _call(self, layer, first, output, masked):
        self.earlier[id(layer)] += 1
        earlier = self.earlier[id(layer)]  # a shared layer has states for every call
        owner = layer.name if earlier == 1 else f"{layer.name}_{earlier}"
        flat = keras.tree.flatten(first)
        letters = "hcxyz" if len(flat) <= len("hcxyz") else range(len(flat))
        states = {}
        for letter, state in zip(letters, flat, strict=False):
            states[self._name(layer, state, f"{owner}_{letter}")] = [self.batch_size, *state.shape[1:]]
        kept = None
        repeats = masked and not layer.zero_output_for_mask
        if repeats and (type(layer.cell) not in HIDDEN_IS_OUTPUT or has_head(layer.cell)):
            kept = self._free(f"{owner}_output")
            states[kept] = list(output.shape)
        return _Call(layer, first, states, kept)

    def _name(self, layer, state, plain):
        if name := self.inputs.get(id(state)):
            again = sum(name == other for other in self.begins.values())  # an input may begin several states
            state = self._free(f"{name}_{again + 1}" if again else name, own=name)
            self.begins[state] = name
            return state
        value = tf.get_static_value(state)
        if value is None or value.any():
            raise _StepError(
                f"`{layer.name}` must start from zero or from inputs of the model: in a file of target 'stream' the first states "
                f"are given to the first step, so make each a keras.Input of its own; {WORKS}. Received: a layer called with an "
                "initial_state that the model computes"
            )
        return self._free(plain)

    def _free(self, name, own=None):
        """A name that nothing else has: layers of two models inside may be called alike, and an output `next_h`."""
        taken = self.taken | set(self.given) - {own}
        while name in taken or f"next_{name}" in self.outputs:
            name += "_state"
        self.taken.add(name)
        return name


def _inner(layer, sequences, states, mask):
    """A layer over something else than the series, such as the words of this step's sentence: it begins anew at each step."""
    if sequences.shape[1] is None or sequences.shape[1] > LONGEST_UNROLLED:
        raise _StepError(
            f"A layer inside a step of target 'stream' may take at most {LONGEST_UNROLLED} steps of its own; {WORKS}. Received: "
            f"`{layer.name}` with {sequences.shape[1] or 'any number of'} steps"
        )
    return lower("unrolled")[0](layer, sequences, states, mask)


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


def _series(source):
    """(names of the inputs with a time axis, the lengths that this axis may have in the network's own shapes)."""
    open_ones = [name for name, _, shape in source.inputs if shape and shape[0] is None]
    if open_ones:
        return open_ones, {None}
    found = set()

    def note(layer, sequences, states, mask):
        if sequences.shape[0] == 1:  # in a TimeDistributed the steps outside are a part of the batch
            found.add(sequences.shape[1])
        output, after = step(layer, sequences[:, 0], states)
        output = head(layer, output[:, None])
        return output[:, 0], tf.repeat(output, sequences.shape[1], axis=1), after

    specs = [tf.TensorSpec([1, *shape], dtype) for _, dtype, shape in source.inputs]
    if recurrent_layers(source.network):
        with retraced(source.network, note):
            tf.function(lambda *values: source.call(list(values)), autograph=False).get_concrete_function(*specs)
    lengths = found & {shape[0] for *_, shape in source.inputs if shape}
    return [name for name, _, shape in source.inputs if shape and shape[0] in lengths], lengths


def _has_time(shape, step_shape, lengths):
    """Whether an output `[batch, time, ...]` has time: known from what it is in the network and in a step."""
    if len(shape) < 2 or shape[1] not in lengths or step_shape[1] != 1:
        return False
    return shape[1] != 1 or len(shape) > 2
