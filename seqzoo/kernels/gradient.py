"""A gradient by hand that keeps no caller's graph, and derivatives of higher order.

For each graph that it meets `tf.custom_gradient` registers a closure over the graph's tensors, and TensorFlow forgets
no registration: the graph stays, and with it the model that it was traced for. Here one registration serves all
graphs. What it needs, it finds at the operation that asks for its gradient.
"""

import functools

import tensorflow as tf
from tensorflow.python.eager import record  # what tf.custom_gradient is made of; none of it has a public name

from seqzoo.kernels.tracing import traced

_GRAPHS = 32  # of second derivatives, kept from the latest calls


def with_derivatives(name, count, forward, backward, plain, specs):
    """A fast function of tensors with a gradient by hand. Derivatives of higher order are those of a plain function.

    Args:
        name: not taken yet in this process.
        count: of the outputs.
        forward: tensors -> (outputs, kept), sequences of tensors.
        backward: (tensors, kept, d_outputs) -> gradients by the floating ones among `tensors`.
        plain: tensors -> outputs, the same numbers from operations that TensorFlow can differentiate.
        specs: tensors and gradients by outputs -> a tf.TensorSpec for each, as wide as one graph should serve.

    Returns:
        (*tensors) -> outputs.
    """

    def run_first(given, kept):
        return backward(given[:-count], kept, given[-count:]), ()

    def gradient_first(given, _, d_found):
        return _spread(given, _second(plain, count, tuple(specs(given)))(*given, *d_found))

    def gradient(tensors, kept, d_outputs):
        return _spread(tensors, first(*tensors, *d_outputs, aside=kept))

    first = with_gradient(f"{name}, first derivative", run_first, gradient_first)
    return with_gradient(name, lambda tensors, _: forward(tensors), gradient)


def with_gradient(name, forward, gradient):
    """A function of tensors with a gradient by hand.

    Args:
        name: not taken yet in this process.
        forward: (tensors, aside) -> (outputs, kept), sequences of tensors. `aside` are tensors that `gradient` does
            without.
        gradient: (tensors, kept, d_outputs) -> a gradient, or None, for each of `tensors`. It may be differentiable.

    Returns:
        (*tensors, aside=()) -> outputs.
    """

    def whole(outputs, tensors, kept, d_outputs):
        # Forward mode leaves out those that are zero.
        pairs = zip(outputs, d_outputs, strict=True)
        return gradient(tensors, kept, [tf.zeros_like(o) if d is None else tf.convert_to_tensor(d) for o, d in pairs])

    @functools.cache
    def registered(outputs, tensors):
        key = f"{name}, {outputs} of {tensors}"

        @tf.RegisterGradient(key)
        def of_operation(operation, *d):
            given = list(operation.inputs)[outputs:]
            found = whole(operation.outputs[:outputs], given[:tensors], given[tensors:], d[:outputs])
            return [None] * outputs + list(found) + [None] * (len(given) - tensors)

        return key

    def call(*tensors, aside=()):
        eager = tf.executing_eagerly()
        if not eager:  # a shape that the caller makes more precise later must not change ours
            tensors = [tf.identity(tensor) for tensor in tensors]
        with record.stop_recording():
            outputs, kept = forward(tensors, aside)
            if not eager:
                key = registered(len(outputs), len(tensors))
                with tf.compat.v1.get_default_graph().gradient_override_map({"IdentityN": key}):
                    outputs = tf.identity_n([*outputs, *tensors, *kept])[: len(outputs)]
        record.record_operation(name, outputs, tensors, lambda *d: whole(outputs, tensors, kept, d))
        return outputs

    return call


@functools.lru_cache(_GRAPHS)
def _second(plain, count, specs):
    """The gradient of `plain`'s gradient: from tensors, d_outputs and d_found those by all floating ones of the former."""

    def run(*given):
        given, d_found = given[: len(specs)], given[len(specs) :]
        sources = _floating(given)
        with tf.GradientTape() as second:
            second.watch(sources)
            tensors, d_outputs = given[:-count], given[-count:]
            with tf.GradientTape() as first:
                first.watch(sources)
                outputs = plain(tensors)
            found = first.gradient(outputs, _floating(tensors), d_outputs, unconnected_gradients="zero")
        return second.gradient(found, sources, d_found, unconnected_gradients="zero")

    d_found = [spec for spec in specs[:-count] if spec.dtype.is_floating]
    return traced(run, *specs, *d_found)


def _floating(tensors):
    return [tensor for tensor in tensors if tensor.dtype.is_floating]


def _spread(tensors, found):
    """`found`, which is of the floating ones among `tensors`, and None for the others."""
    found = iter(found)
    return [next(found) if tensor.dtype.is_floating else None for tensor in tensors]
