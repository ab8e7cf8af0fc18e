"""The arguments of the public functions, checked."""

import tensorflow as tf


def standardized(x, states, weights, mask, gates, bias_rows=None):
    """Tensors of x's dtype: x, tuple of states, (kernel, bias, recurrent_kernel), mask.

    A bias of None becomes zeros. `bias_rows` is the size of its first axis, if it has two. Raises ValueError for shapes
    that don't fit together.
    """
    x = tf.convert_to_tensor(x)
    kernel, bias, recurrent_kernel = weights
    units = recurrent_kernel.shape[0]
    bias_shape = [gates * units] if bias_rows is None else [bias_rows, gates * units]
    bias = tf.zeros(bias_shape) if bias is None else bias
    _check("x", x, [None, None, kernel.shape[0]])
    _check("kernel", kernel, [None, gates * units])
    _check("recurrent_kernel", recurrent_kernel, [units, gates * units])
    _check("bias", bias, bias_shape)
    states, weights = _like(x, states), _like(x, (kernel, bias, recurrent_kernel))
    for state in states:
        _check("state", state, [x.shape[0], units])
    if mask is not None:
        mask = tf.cast(mask, tf.bool)
        _check("mask", mask, x.shape[:2])
    return x, states, weights, mask


def _like(x, tensors):
    return tuple(tf.cast(tf.convert_to_tensor(tensor), x.dtype) for tensor in tensors)


def _check(name, tensor, shape):
    if not tf.TensorShape(tensor.shape).is_compatible_with(shape):
        raise ValueError(f"`{name}` must have the shape {list(shape)}. Received: shape {tuple(tensor.shape)}")
