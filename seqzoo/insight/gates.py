"""Every gate and state of every recurrent layer, step by step."""

from typing import Any

import keras
import numpy as np

from seqzoo.cells import GRUCell, LSTMCell
from seqzoo.insight.inputs import prepare
from seqzoo.insight.observe import ByLayer, answers, observed
from seqzoo.layers.gru import GRUTrace
from seqzoo.layers.lstm import LSTMTrace
from seqzoo.layers.rnn import RNNTrace
from seqzoo.layers.trace import trace_steps


def trace_gates(model: Any, inputs: Any) -> ByLayer:
    """The gates and states of each recurrent layer of a model while it works on `inputs`, as in inference.

    Args:
        model: a task model such as `load_pretrained` gives, or any Keras model built from seqzoo's recurrent
            layers: Sequential, functional or subclassed, stacked, inside `Bidirectional`, stateful.
        inputs: what the model takes: a list of texts for a text classifier, a DataFrame of at least 310 daily
            prices for a forecaster of stock series (its last window is looked at), arrays for a Keras model.

    Returns:
        `ByLayer`, a dict from layer name to `LSTMTrace`, `GRUTrace` or `RNNTrace`, whose fields are float arrays
        `[batch, time, units]`. Step t belongs to input t also where a layer runs backwards. Its `.steps` holds
        the words of each text or the days of the window, its `.valid` where padding begins. Where a layer's mask is False
        its gates are zero and its states those of the step that it took before.

    Raises:
        ValueError: for a model without recurrent layers or with one that is not seqzoo's, or an empty text.
        TypeError: for something that is no model.

    A text over the model's limit is cut as in `predict`; a warning says what was cut.
    """
    prepared = prepare(model, inputs)
    traces = ByLayer(prepared.steps, prepared.valid)

    def loop(layer, sequences, states, mask):
        kind = _trace_type(layer.cell)
        steps = kind(*trace_steps(layer.cell, sequences, states, mask, layer.go_backwards))
        fields = [keras.ops.convert_to_numpy(field) for field in steps]
        if layer.go_backwards:  # from the order of the steps to the order of the inputs
            fields = [np.flip(field, axis=1) for field in fields]
        traces.add(layer.name, kind(*fields))
        if traces.valid is None and mask is not None:
            traces.valid = keras.ops.convert_to_numpy(mask)
        states = [getattr(steps, name)[:, -1] for name in layer.cell.state_names]
        return *answers(layer, steps.hidden, mask), states

    with observed(prepared.network, loop):
        prepared.network(prepared.inputs, training=False)
    return traces


def _trace_type(cell):
    for kind, trace in ((LSTMCell, LSTMTrace), (GRUCell, GRUTrace)):
        if isinstance(cell, kind):
            return trace
    return RNNTrace
