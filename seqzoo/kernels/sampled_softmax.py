"""Cross-entropy over candidate words, element by element in one compiled pass there and one back."""

import functools

import tensorflow as tf

from seqzoo.kernels.gradient import with_derivatives
from seqzoo.kernels.tracing import traced

_NEVER = -1e9  # a logit


def candidate_losses(logits, shift, own, wanted, candidates, common):
    """-log p of a target among candidates.

    Args:
        logits: `[n, candidates]`, of any float dtype; the rest is float32.
        shift: `[candidates]`, added to every row of the logits.
        own: `[n]`, the target's own logit.
        wanted: int32 `[n]`, the targets; candidates: int32 `[candidates]`.
        common: bool `[n]`, whether the target is among the candidates that always compete. If not, `own` competes
            beside them, and candidates equal to the target don't.

    Returns:
        float32 `[n]`, differentiable by the first three.
    """
    given = (logits, shift, own, wanted, candidates, common)
    (losses,) = _candidate_losses(*map(tf.convert_to_tensor, given))
    return losses


def _shifted(logits, shift, wanted, candidates, common):
    z = tf.cast(logits, tf.float32) + shift
    return tf.where((wanted[:, None] == candidates) & ~common[:, None], _NEVER, z)


def _losses(logits, shift, own, wanted, candidates, common):
    z = _shifted(logits, shift, wanted, candidates, common)
    extra = tf.where(common, _NEVER, own)
    top = tf.maximum(tf.reduce_max(z, -1), extra)
    log_total = top + tf.math.log(tf.reduce_sum(tf.exp(z - top[:, None]), -1) + tf.exp(extra - top))
    return log_total - own, log_total


def _backward(logits, shift, own, wanted, candidates, common, log_total, d_losses):
    z = _shifted(logits, shift, wanted, candidates, common)
    d_z = d_losses[:, None] * tf.exp(z - log_total[:, None])
    extra = tf.where(common, 0.0, tf.exp(own - log_total))
    return tf.cast(d_z, logits.dtype), tf.reduce_sum(d_z, 0), d_losses * (extra - 1)


def _specs(tensors):
    return [tf.TensorSpec([None] * len(tensor.shape), tensor.dtype) for tensor in tensors]


@functools.cache  # of a function and float dtypes, which are few
def _compiled(function, *specs):
    return traced(function, *specs, jit_compile=True)


def _call(function, *tensors):
    return _compiled(function, *_specs(tensors))(*tensors)


def _forward(tensors):
    losses, log_total = _call(_losses, *tensors)
    return (losses,), (log_total,)


_candidate_losses = with_derivatives(
    __name__,
    1,
    _forward,
    lambda tensors, kept, d_losses: _call(_backward, *tensors, *kept, *d_losses),
    lambda tensors: _losses(*tensors)[:1],
    _specs,
)
