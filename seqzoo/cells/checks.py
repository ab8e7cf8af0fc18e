"""Refusals with a reason: what a cell or a layer was given against what it can take."""

import numbers

import numpy as np
from keras import tree


def positive_units(name, value):
    """Return `value` as an int. Raises ValueError unless it is a whole number above zero."""
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or value <= 0:
        raise ValueError(f"`{name}` must be a positive integer. Received: {name}={value!r}")
    return int(value)


def dropout_rate(name, value):
    """Return `value` as a float. Raises ValueError outside [0, 1): at 1 nothing would be left to scale."""
    if not isinstance(value, numbers.Real) or not 0 <= value < 1:
        raise ValueError(f"`{name}` must be a number at least 0 and below 1. Received: {name}={value!r}")
    return float(value)


def one_of(name, value, choices):
    """Return `value`. Raises ValueError unless it is one of `choices`."""
    if value not in choices:
        listed = ", ".join(map(repr, choices))
        raise ValueError(f"`{name}` must be one of {listed}. Received: {name}={value!r}")
    return value


def real_tensor(layer, tensor, axes, features=None):
    """Raise unless `tensor` holds real numbers on the named axes, the last one of the size `features`."""
    shape = tuple(tensor.shape)
    if len(shape) != len(axes):
        raise ValueError(
            f"{_label(layer)} takes inputs of shape [{', '.join(axes)}], {len(axes)} dimensions. "
            f"Received: {len(shape)} dimensions, shape {shape}"
        )
    dtype = str(getattr(tensor.dtype, "name", tensor.dtype)).removeprefix("torch.")
    if not dtype.startswith(("float", "bfloat", "int", "uint", "bool")):
        raise TypeError(f"{_label(layer)} takes inputs of a float, int or bool dtype. Received: dtype {dtype}")
    if not _same(shape[-1:], (features,)):
        raise ValueError(f"{_label(layer)} was built for {features} features. Received: shape {shape}")


def matching_states(layer, states, sizes, batch=None):
    """Raise ValueError unless `states`, nested or not, are tensors of the shapes [batch, sizes[k]]."""
    expected = [(batch, size) for size in tree.flatten(sizes)]
    shapes = [tuple(getattr(state, "shape", ())) for state in tree.flatten(states)]
    if len(shapes) != len(expected) or not all(map(_same, shapes, expected)):
        wanted = " and ".join(f"[{'batch' if n is None else n}, {size}]" for n, size in expected)
        raise ValueError(f"{_label(layer)} takes states of the shapes {wanted}. Received: shapes {shapes}")


def matching_mask(layer, mask, sequences):
    """Raise ValueError unless `mask` is [batch, time], as `sequences` are."""
    expected, shape = tuple(sequences.shape[:2]), tuple(mask.shape)
    if not _same(shape, expected):
        raise ValueError(
            f"{_label(layer)} takes a mask [batch, time], here {expected}, True where a step counts. Received: shape {shape}"
        )


def usable_weights(layer, weights):
    """Raise ValueError unless `weights` fit the layer's own in number and shape and are all finite."""
    own = layer.weights
    shapes, expected = [np.shape(value) for value in weights], [tuple(variable.shape) for variable in own]
    if shapes != expected:
        wanted = ", ".join(f"{variable.name} {tuple(variable.shape)}" for variable in own)
        wanted = wanted or "none before it is built"
        raise ValueError(f"{_label(layer)} takes the weights: {wanted}. Received: shapes {shapes}")
    for variable, value in zip(own, weights, strict=True):
        bad = np.size(value) - np.count_nonzero(np.isfinite(value))
        if bad:
            raise ValueError(f"Weights must be finite. Received: {variable.name} with {bad} NaN or infinite")


def _same(shape, expected):
    """Whether two shapes agree, None standing for a size not known yet."""
    pairs = zip(shape, expected, strict=True)
    return len(shape) == len(expected) and all(None in (a, b) or a == b for a, b in pairs)


def _label(layer):
    return f"{type(layer).__name__} '{layer.name}'"
