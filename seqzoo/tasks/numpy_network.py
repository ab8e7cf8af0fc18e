"""Recurrent layers over one sequence in NumPy: an answer to one text before TensorFlow would have been imported.

Equations and layout of the weights as in the docstrings of `seqzoo.cells`. For many rows the Keras network is faster.
"""

import numpy as np

CELLS = {"lstm": "lstm_cell", "rnn": "simple_rnn_cell", "gru": "gru_cell"}  # and where the names of their weights stand


def run_layers(x, tensors, config, states=None):
    """All recurrent layers of a config (`cell`, `layers`, perhaps `bidirectional`), one after the other.

    Args:
        x: float32 `[time, features]`.
        tensors: weights by name, float32, as in a model's folder.
        config: dict.
        states: for forward layers, h (and c) of every layer before the first step; zeros if None.

    Returns:
        float32 `[time, units]` (twice as many for both directions), and the states after the last step.
    """
    cell, after = config["cell"], []
    for layer in range(config["layers"]):
        if config.get("bidirectional"):
            forward, _ = _run(x, cell, _weights(tensors, f"bidirectional_{layer}/forward_{cell}_{layer}", cell), None)
            backward, _ = _run(x[::-1], cell, _weights(tensors, f"bidirectional_{layer}/backward_{cell}_{layer}", cell), None)
            x = np.concatenate([forward, backward[::-1]], axis=1)
        else:
            before = states and states[layer]
            x, last = _run(x, cell, _weights(tensors, f"{cell}_{layer}", cell), before)
            after.append(last)
    return x, after


def sigmoid(x):
    """1 / (1 + exp(-x)), by tanh, which does not overflow."""
    return np.tanh(x / 2) / 2 + np.float32(0.5)


def _weights(tensors, path, cell):
    return [tensors[f"{path}/{CELLS[cell]}/{part}"] for part in ("kernel", "recurrent_kernel", "bias")]


def _run(x, cell, weights, states):
    kernel, recurrent, bias = weights
    z = x @ kernel + (bias[0] if cell == "gru" else bias)  # [time, gates * units]
    units = recurrent.shape[0]
    hidden = np.empty((len(x), units), np.float32)
    h, c = states or (np.zeros(units, np.float32), np.zeros(units, np.float32))
    for t in range(len(x)):
        step = h @ recurrent
        if cell == "gru":  # the reset gate enters after the product, which has a bias of its own
            step += bias[1]
            gates = sigmoid(z[t, : 2 * units] + step[: 2 * units])
            keep, reset = gates[:units], gates[units:]
            h = keep * h + (1 - keep) * np.tanh(z[t, 2 * units :] + reset * step[2 * units :])
        elif cell == "lstm":
            step += z[t]
            i, f, o = sigmoid(step[:units]), sigmoid(step[units : 2 * units]), sigmoid(step[3 * units :])
            c = f * c + i * np.tanh(step[2 * units : 3 * units])
            h = o * np.tanh(c)
        else:
            h = np.tanh(step + z[t])
        hidden[t] = h
    return hidden, (h, c)
