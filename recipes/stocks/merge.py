"""Forecasters trained apart, made one whose raw outputs are the mean of theirs."""

import numpy as np

GATES = {"rnn": 1, "lstm": 4, "gru": 3}


def merge(models):
    """One forecaster from several of one form that differ in their weights.

    Side by side in one recurrent layer their states do not touch: outside its own block a recurrent kernel is 0. The head
    takes of each its share. Of a volatility forecaster the raw output is a log variance, so a merged forecast is the
    geometric mean of theirs.

    Args:
        models: list of forecasters with the same config but for `seed`.

    Returns:
        a forecaster with as many times the units.

    Raises:
        ValueError: for models of several forms.
    """
    first, count = models[0], len(models)
    config = first.config
    if any({**model.config, "seed": 0} != {**config, "seed": 0} or type(model) is not type(first) for model in models):
        raise ValueError(f"Models that are merged must differ in their seed alone. Received: {[m.config for m in models]}")
    every, gates = [model.tensors() for model in models], GATES[config["cell"]]
    merged = type(first)({**config, "units": count * config["units"]})
    found = {}
    for name in merged.tensors():
        values = [of[name] for of in every]
        if name.endswith("/recurrent_kernel") or (name.endswith("_cell/kernel") and not name.startswith(f"{config['cell']}_0/")):
            found[name] = _beside(values, gates, blocks=True)
        elif "_cell/" in name:
            found[name] = _beside(values, gates, blocks=False)
        elif name == "head/kernel":
            states = [value[: config["units"]] / count for value in values]
            found[name] = np.concatenate([*states, np.mean([value[config["units"] :] for value in values], axis=0)])
        else:
            found[name] = np.mean(values, axis=0)
    merged.load_tensors(found)
    return merged


def _beside(values, gates, blocks):
    """Weights `[..., gates * units]` gate by gate side by side; with `blocks` each sees its own rows alone."""
    split = [value.reshape(-1, gates, value.shape[-1] // gates) for value in values]
    rows, _, units = split[0].shape
    found = np.zeros((rows * (len(split) if blocks else 1), gates, len(split) * units), values[0].dtype)
    for place, value in enumerate(split):
        first = place * rows if blocks else 0
        found[first : first + rows, :, place * units : (place + 1) * units] = value
    found = found.reshape(len(found), -1)
    return found[0] if values[0].ndim == 1 else found
