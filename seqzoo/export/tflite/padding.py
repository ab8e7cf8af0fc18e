"""Samples of a network that masks: the same steps with padding behind, in front and in between."""

import keras
import numpy as np

SHARE = 0.4  # of the steps that padding takes


def padded(source, samples, seed=0):
    """Copies of a sample with padding wherever a mask can hide steps; none where the network makes no mask.

    Padding is id 0 under an `Embedding(mask_zero=True)` and the `mask_value` of a `Masking` layer in numbers.

    Args:
        source: `Source`.
        samples: list of dicts of arrays with a batch of one; the longest is taken.
        seed: decides where the gaps are.
    """
    layers = source.network._flatten_layers()
    masking = [layer for layer in layers if isinstance(layer, keras.layers.Masking)]
    zero_is_padding = any(getattr(layer, "mask_zero", False) for layer in source.network._flatten_layers())
    fillers = {}
    for name, dtype, shape in source.inputs:
        if np.issubdtype(np.dtype(dtype), np.integer) and len(shape) == 1 and zero_is_padding:
            fillers[name] = 0
        elif np.issubdtype(np.dtype(dtype), np.floating) and len(shape) == 2 and masking:
            fillers[name] = float(np.asarray(masking[0].mask_value))
    if not fillers or not samples:
        return []
    sample = max(samples, key=lambda sample: max(sample[name].shape[1] for name in fillers))
    places = ("behind", "in front", "between")
    return [
        {name: _pad(value, place, fillers[name], seed) if name in fillers else value for name, value in sample.items()}
        for place in places
        if any(sample[name].shape[1] > 2 for name in fillers)
    ]


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
