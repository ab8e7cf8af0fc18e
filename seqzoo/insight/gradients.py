"""Backpropagation through time, looked at: how much of the loss reaches each step."""

from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from seqzoo.insight.inputs import prepare
from seqzoo.insight.observe import ByLayer, answers, observed


class GradientFlow(NamedTuple):
    """Norms of dL/dh_t and dL/dc_t, each `[batch, time]`; `cell` is None for cells without a cell state."""

    hidden: Any
    cell: Any = None


class GradientFlows(ByLayer):
    """`ByLayer` of `GradientFlow`, and `loss`, the float L that was differentiated."""

    loss: float | None = None


def gradient_flow(model: Any, inputs: Any, targets: Any, loss: Any = None) -> GradientFlows:
    """The norm of the gradient of the loss with respect to every state of each recurrent layer.

    These are total derivatives by backpropagation through time (Werbos 1990): a state acts on the loss through
    the layer's output at its own step and through every later step. c_t acts through h_t too. Of the batch's loss
    L, most often a mean over its rows, row b's share is given as the Euclidean norm over units of dL/dh_t[b].

    Args:
        model, inputs: as in `trace_gates`.
        targets: what the model should have answered: whole numbers `[batch]` for a text classifier, else as in `fit` (a
            forecaster's are those of its `targets`).
        loss: a Keras loss, its name, or a function of (targets, outputs). Left out: the loss that a Keras model was
            compiled with, and the one that a task's model is trained on (cross-entropy; QLIKE or pinball).

    Returns:
        `GradientFlows`, a dict from layer name to `GradientFlow(hidden, cell)`, float arrays `[batch, time]`.
        Step t belongs to input t also where a layer runs backwards.

    Raises:
        ValueError: as `trace_gates`, and when no loss is known or targets and outputs differ in their rows.
        TypeError: for something that is no model.
    """
    prepared = prepare(model, inputs)
    flows = GradientFlows(prepared.steps, prepared.valid)
    if loss is None and prepared.network is not model:
        loss = prepared.loss
    with tf.GradientTape(persistent=False) as tape:
        shifts = []

        def loop(layer, sequences, states, mask):
            shift = {
                name: tf.zeros((*sequences.shape[:2], layer.cell.units), layer.compute_dtype) for name in layer.cell.state_names
            }
            tape.watch(shift)
            shifts.append((layer.name, shift))
            if flows.valid is None and mask is not None:
                flows.valid = ops.convert_to_numpy(mask)
            return shifted_loop(layer, sequences, states, mask, shift)

        with observed(prepared.network, loop):
            outputs = prepared.network(prepared.inputs, training=False)
        total = _loss(prepared.network, loss, targets, outputs)
    gradients = tape.gradient(total, [shift for _, shift in shifts], unconnected_gradients=tf.UnconnectedGradients.ZERO)
    flows.loss = float(total)
    for (name, _), gradient in zip(shifts, gradients, strict=True):
        norms = {state: np.linalg.norm(ops.convert_to_numpy(g), axis=-1) for state, g in gradient.items()}
        flows.add(name, GradientFlow(**norms))
    return flows


def shifted_loop(layer, sequences, states, mask, shift):
    """The layer's loop with `shift[name][:, t]` added to its state `name` right after step t.

    With shifts of zero the results are the layer's own, and the derivative with respect to a shift is the
    derivative with respect to that state. Arguments and results as in `keras.layers.RNN.inner_loop`.
    """
    cell, names = layer.cell, layer.cell.state_names
    time = range(sequences.shape[1])
    hidden = []
    for t in reversed(time) if layer.go_backwards else time:
        gates = cell.gates(sequences[:, t], states)
        new = {name: getattr(gates, name) + shift[name][:, t] for name in names}
        if "cell" in new:  # the shifted c_t shows in h_t
            new["hidden"] = gates.output * cell.activation(new["cell"]) + shift["hidden"][:, t]
        if mask is not None:
            kept = {name: state + shift[name][:, t] for name, state in zip(names, states, strict=True)}
            new = {name: ops.where(mask[:, t, None], new[name], kept[name]) for name in names}
        states = [new[name] for name in names]
        hidden.append(new["hidden"])
    return *answers(layer, ops.stack(hidden, axis=1), mask), states


def _loss(network, loss, targets, outputs):
    flat = keras.tree.flatten(outputs)
    if len(flat) == 1:
        targets = ops.convert_to_tensor(targets)
    rows = {int(np.shape(target)[0]) if np.ndim(target) else 1 for target in keras.tree.flatten(targets)}
    if rows != {flat[0].shape[0]}:
        raise ValueError(f"`targets` must have a row for each of the {flat[0].shape[0]} inputs. Received: {sorted(rows)} rows")
    if loss is None:
        if not getattr(network, "compiled", False):
            raise ValueError("Give `loss`, such as 'mse', or compile the model with one. Received: loss=None")
        return network.compute_loss(y=targets, y_pred=outputs, training=False)
    if len(flat) == 1 and len(targets.shape) < len(flat[0].shape) and flat[0].shape[-1] == 1:
        targets = ops.expand_dims(targets, -1)  # [batch] of 0/1 against [batch, 1] of probabilities
    return ops.mean(keras.losses.get(loss)(targets, outputs))
