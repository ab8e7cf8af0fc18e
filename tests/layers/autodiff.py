"""Gradients of a layer by whichever backend Keras runs on."""

import keras
import numpy as np


def gradients(layer, loss, inputs):
    """Return loss(layer, inputs) and its gradients by every weight and then by every one of `inputs`."""
    inputs = [keras.ops.convert_to_tensor(x) for x in inputs]
    value, found = _OF_BACKEND[keras.backend.backend()](layer, loss, inputs)
    return float(value), [np.array(gradient) for gradient in found]


def _tensorflow(layer, loss, inputs):
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(inputs)
        value = loss(layer, inputs)
    return value, tape.gradient(value, [*(w.value for w in layer.weights), *inputs])


def _jax(layer, loss, inputs):
    import jax

    def pure(weights, inputs):
        with keras.StatelessScope(state_mapping=list(zip(layer.weights, weights, strict=True))):
            return loss(layer, inputs)

    value, (by_weights, by_inputs) = jax.value_and_grad(pure, argnums=(0, 1))([w.value for w in layer.weights], inputs)
    return value, [*by_weights, *by_inputs]


def _torch(layer, loss, inputs):
    for x in inputs:
        x.requires_grad_(True)
    layer.zero_grad()
    value = loss(layer, inputs)
    value.backward()
    return value, [*(w.value.grad for w in layer.weights), *(x.grad for x in inputs)]


_OF_BACKEND = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}
