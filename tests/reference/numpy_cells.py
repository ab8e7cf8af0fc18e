"""The cells in float64 NumPy, one gate at a time: each gate cuts its own columns out of the weights."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gate(x, h, weights, index, units):
    """The pre-activation of the gate whose columns come at `index`: x W_k + h U_k + b_k."""
    kernel, recurrent_kernel, bias = weights
    columns = slice(index * units, (index + 1) * units)
    return x @ kernel[:, columns] + h @ recurrent_kernel[:, columns] + bias[columns]


def rnn_step(x, states, weights):
    (h,) = states
    return {"hidden": np.tanh(gate(x, h, weights, 0, h.shape[1]))}


def lstm_step(x, states, weights):
    h, c_before = states
    units = h.shape[1]
    i = sigmoid(gate(x, h, weights, 0, units))
    f = sigmoid(gate(x, h, weights, 1, units))
    g = np.tanh(gate(x, h, weights, 2, units))
    o = sigmoid(gate(x, h, weights, 3, units))
    c = c_before * f + g * i
    return {"input": i, "forget": f, "candidate": g, "output": o, "cell": c, "hidden": np.tanh(c) * o}


def gru_step(x, states, weights):
    """The reset gate acts after the product where the bias has two rows, before it where it has one."""
    (h,) = states
    units = h.shape[1]
    kernel, recurrent_kernel, bias = weights
    after = bias.ndim == 2
    summed = kernel, recurrent_kernel, bias.sum(axis=0) if after else bias
    z = sigmoid(gate(x, h, summed, 0, units))
    r = sigmoid(gate(x, h, summed, 1, units))
    last = slice(2 * units, None)
    if after:
        from_hidden = r * (h @ recurrent_kernel[:, last] + bias[1, last])
        g = np.tanh(x @ kernel[:, last] + bias[0, last] + from_hidden)
    else:
        g = np.tanh(x @ kernel[:, last] + bias[last] + (r * h) @ recurrent_kernel[:, last])
    return {"update": z, "reset": r, "candidate": g, "hidden": h * z + g * (1 - z)}


STATES = {rnn_step: ["hidden"], lstm_step: ["hidden", "cell"], gru_step: ["hidden"]}


def run(step, sequences, weights, states=None, mask=None, backwards=False):
    """Every field of `step` over time, [batch, time, units] each, in the order in which the steps are taken.

    Row by row, so that a masked step is one that is not there: its states are those before, its gates zero.
    """
    sequences = np.asarray(sequences, "float64")
    weights = [np.asarray(w, "float64") for w in weights]
    batch, time, _ = sequences.shape
    units = weights[1].shape[0]
    names = STATES[step]
    states = [np.zeros((batch, units)) for _ in names] if states is None else states
    mask = np.ones((batch, time), bool) if mask is None else np.asarray(mask, bool)
    order = range(time)[::-1] if backwards else range(time)
    rows = []
    for row in range(batch):
        current = {name: np.asarray(state, "float64")[row : row + 1] for name, state in zip(names, states, strict=True)}
        steps = []
        for t in order:
            new = step(sequences[row : row + 1, t], [current[name] for name in names], weights)
            if not mask[row, t]:
                new = {name: current.get(name, np.zeros_like(value)) for name, value in new.items()}
            current = {name: new[name] for name in names}
            steps.append(new)
        rows.append({name: np.concatenate([s[name] for s in steps]) for name in steps[0]})
    return {name: np.stack([r[name] for r in rows]) for name in rows[0]}


def outputs(hidden, mask=None, backwards=False, zero=False):
    """What a layer answers from the states [batch, time, units]: nothing before the first valid step."""
    if mask is None:
        return hidden
    mask = np.asarray(mask, bool)[:, ::-1] if backwards else np.asarray(mask, bool)
    shown = mask if zero else np.maximum.accumulate(mask, axis=1)
    return hidden * shown[:, :, None]
