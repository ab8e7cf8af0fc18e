"""Samples of a network that masks: the same steps with padding behind, in front and in between."""

import keras
import numpy as np

SHARE = 0.4  # of the steps that padding takes


def padded(source, samples, seed=0):
    """Copies of a sample with padding wherever a mask can hide steps; none where the network makes no mask.

    Padding is id 0 under an `Embedding(mask_zero=True)` and the `mask_value` of a `Masking` layer in numbers: where the layer
    takes an input of the network, this input's; where it stands behind another layer, every input is filled with it in turn.

    Args:
        source: `Source`.
        samples: list of dicts of arrays with a batch of one; the longest is taken.
        seed: decides where the gaps are.
    """
    fillers = _fillers(source)
    if not fillers or not samples:
        return []
    sample = max(samples, key=lambda sample: max(sample[name].shape[1] for name in fillers))
    if all(sample[name].shape[1] <= 2 for name in fillers):
        return []
    return [
        sample | {name: _pad(sample[name], place, values[turn % len(values)], seed) for name, values in fillers.items()}
        for turn in range(max(map(len, fillers.values())))
        for place in ("behind", "in front", "between")
    ]


def _fillers(source):
    """{input: values that a mask may hide in it}."""
    layers = source.network._flatten_layers()
    zero_is_padding = any(getattr(layer, "mask_zero", False) for layer in layers)
    masking = [layer for layer in layers if isinstance(layer, keras.layers.Masking)]
    places = {id(x): place for place, x in enumerate(source.network.inputs)}
    own, anywhere = {}, []
    for layer in masking:
        value = float(np.asarray(layer.mask_value))
        found = {places.get(id(x)) for node in layer._inbound_nodes for x in node.input_tensors}
        for place in found - {None}:
            own.setdefault(source.inputs[place][0], []).append(value)
        if None in found or not found:
            anywhere.append(value)
    fillers = {}
    for name, dtype, shape in source.inputs:
        if np.issubdtype(np.dtype(dtype), np.integer) and len(shape) == 1 and zero_is_padding:
            fillers[name] = [0]
        elif np.issubdtype(np.dtype(dtype), np.floating) and len(shape) == 2 and (own.get(name) or anywhere):
            fillers[name] = list(dict.fromkeys(own.get(name, []) + anywhere))
    return fillers


def _pad(values, place, filler, seed):
    time = values.shape[1]
    count = int(np.ceil(SHARE * time)) if time > 2 else 0
    steps = {
        "behind": range(time - count, time),
        "in front": range(count),
        "between": np.random.default_rng(seed).choice(time, count, replace=False),
    }[place]
    values = values.copy()
    values[:, list(steps)] = filler
    return values
