"""A recurrence with its derivatives: the first by hand, those of higher order from its steps."""

import functools

import tensorflow as tf

from seqzoo.kernels.gradient import with_derivatives
from seqzoo.kernels.recurrence import forward, narrowed, widened


def run(engine, options, inputs, mask, states, weights, training, inside):
    """Outputs (None without `return_sequences`) and last states of a recurrence, differentiable.

    `engine` is a module with the two functions
        forward(options, inside, keep, inputs, mask, states, weights) -> (returned, residuals): flat; returned are the
            outputs, if there are, and the last states; residuals are empty unless `keep`;
        backward(options, inside, inputs, mask, states, weights, residuals, d_returned) -> gradients by inputs, states
            and weights: flat.
    `inside` says whether the caller's graph is XLA's. With `training=False` nothing is kept for a gradient; one is to
    be had all the same, for the price of a second forward pass.
    """
    call = _differentiable(engine, options, mask is not None, len(states), len(weights), bool(training), inside)
    returned = call(inputs, *(() if mask is None else (mask,)), *states, *weights)
    return (returned[0], tuple(returned[1:])) if options.return_sequences else (None, tuple(returned))


def plain(options, inputs, mask, states, weights):
    """The same as plain TensorFlow operations: outputs or None, last states."""
    wide = widened((inputs, states, weights))
    outputs, last, _ = forward(options, wide[0], mask, *wide[1:], tf.shape(inputs)[1], hoist=True, bound=inputs.shape[1])
    last = narrowed(last, inputs.dtype)
    return None if outputs is None else tf.cast(outputs, inputs.dtype), last


@functools.cache  # no size is among the arguments, so there are few
def _differentiable(engine, options, masked, states, weights, keep, inside):
    step = options.recurrence.step
    flags = {"masked": masked, "keep": keep, "XLA": inside, **options._asdict()}
    name = f"{engine.__name__} {step.__module__}.{step.__name__} {' '.join(n for n, of in flags.items() if of is True)}"

    def apart(tensors):
        inputs, *rest = tensors
        mask = rest.pop(0) if masked else None
        return inputs, mask, tuple(rest[:states]), tuple(rest[states:])

    def run(tensors):
        return engine.forward(options, inside, keep, *apart(tensors))

    def backward(tensors, kept, d_returned):
        given = apart(tensors)
        residuals = kept if keep else engine.forward(options, inside, True, *given)[1]
        return engine.backward(options, inside, *given, tuple(residuals), tuple(d_returned))

    def stepped(tensors):
        outputs, last = plain(options, *apart(tensors))
        return [*last] if outputs is None else [outputs, *last]

    def specs(tensors):
        first = 1 + masked + states
        exact = range(first, first + weights)
        return [_spec(tensor, k in exact or tf.is_symbolic_tensor(tensor)) for k, tensor in enumerate(tensors)]

    return with_derivatives(name, options.return_sequences + states, run, backward, stepped, specs)


def _spec(tensor, exact):
    """Of a weight, or of a tensor [batch, time, ...] or [batch, units], of which an eager caller may bring any size."""
    if exact:
        return tf.TensorSpec(tensor.shape, tensor.dtype)
    last = [] if tensor.dtype.is_bool else [tensor.shape[-1]]
    return tf.TensorSpec([None] * (len(tensor.shape) - len(last)) + last, tensor.dtype)
