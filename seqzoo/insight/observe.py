"""Watch the recurrent layers of a model at work, wherever in it they are."""

import contextlib
from typing import Any

import keras
from keras import ops

from seqzoo.cells.base import RecurrentCell


def recurrent_layers(network):
    """Every recurrent layer in a Keras model or layer, at any depth.

    Raises:
        ValueError: when there is none, or one whose cell is not seqzoo's.
    """
    layers = [layer for layer in network._flatten_layers() if isinstance(layer, keras.layers.RNN)]
    layers = [layer for layer in layers if getattr(layer, "loops", True)]  # others have no gates
    for layer in layers:
        if not isinstance(layer.cell, RecurrentCell):
            raise ValueError(_how_to_replace(layer))
    if not layers:
        kinds = ", ".join(sorted({type(layer).__name__ for layer in network._flatten_layers()}))
        raise ValueError(
            "There is nothing to see in a model without recurrent layers: it needs a seqzoo RNN, LSTM or GRU. "
            f"Received: a model of {kinds}"
        )
    return layers


@contextlib.contextmanager
def observed(network, loop):
    """Within the block every recurrent layer of `network` runs `loop` in place of its own loop over time.

    `loop(layer, sequences, states, mask)` takes tensors `[batch, time, features]`, a list of `[batch, units]`
    and a bool `[batch, time]` or None, and returns what `keras.layers.RNN.inner_loop` does. States of stateful
    layers are put back at the end: looking must not change what is looked at.
    """
    layers = recurrent_layers(network)
    stored = [(state, ops.copy(state.value)) for layer in layers if layer.stateful for state in layer.states or []]
    try:
        for layer in layers:
            # Past Keras's own __setattr__, so that nothing of this is ever tracked or saved.
            object.__setattr__(layer, "inner_loop", _bind(loop, layer))
        yield
    finally:
        for layer in layers:
            object.__delattr__(layer, "inner_loop")
        for variable, value in stored:
            variable.assign(value)


def _bind(loop, layer):
    def inner_loop(sequences, initial_state, mask, training=False):
        return loop(layer, sequences, list(initial_state), mask)

    return inner_loop


def answers(layer, hidden, mask):
    """What a layer answers, from h of every step in the order of the steps, [batch, time, units].

    Returns the last answer [batch, units] and all of them [batch, time, units], as `inner_loop` does.
    """
    outputs = hidden if getattr(layer.cell, "output_units", None) is None else layer.cell.head(hidden)
    if mask is not None:
        shown = ops.flip(mask, axis=1) if layer.go_backwards else mask
        if not layer.zero_output_for_mask:
            shown = ops.cumsum(ops.cast(shown, "int32"), axis=1) > 0  # an answer stays until the next one
        outputs = ops.where(shown[:, :, None], outputs, ops.zeros_like(outputs))
    last = outputs[:, -1]
    return last, outputs if layer.return_sequences else last[:, None]


class ByLayer(dict[str, Any]):
    """Results by layer name, in the order in which the layers ran.

    A layer that ran a second time in one call stands there again as `NAME#2`.

    Attributes:
        steps: for each row of the batch a tuple with the names of its steps (a text's words), or None.
        valid: bool `[batch, time]`, False in the padding, or None when the model masks nothing.
    """

    def __init__(self, steps=None, valid=None):
        super().__init__()
        self.steps, self.valid = steps, valid

    def __repr__(self):
        """One line a layer, with shapes in place of numbers."""
        lines = [f"  {name}: {_outline(value)}" for name, value in self.items()]
        rows = "" if self.steps is None else f", {len(self.steps)} row{'s' * (len(self.steps) != 1)}"
        return "\n".join([f"{len(self)} layer{'s' * (len(self) != 1)}{rows}", *lines])

    def add(self, name, value):
        unique, times = name, 1
        while unique in self:
            times += 1
            unique = f"{name}#{times}"
        self[unique] = value


def _outline(value):
    if hasattr(value, "_fields"):
        fields = ", ".join(f"{field} {_outline(getattr(value, field))}" for field in value._fields)
        return f"{type(value).__name__}({fields})"
    return str([*value.shape]) if hasattr(value, "shape") else f"{value!r:.80}"


def _how_to_replace(layer):
    name = type(layer).__name__
    ours = {"SimpleRNN": "RNN", "LSTM": "LSTM", "GRU": "GRU"}.get(name)
    advice = (
        f"put seqzoo.{ours} with the same arguments in its place and give it `layer.get_weights()`"
        if ours
        else "build it from seqzoo's RNN, LSTM or GRU (in place of stacked cells, stack layers)"
    )
    return f"Only seqzoo's recurrent layers show their gates: {advice}. Received: keras {name} {layer.name!r}"
