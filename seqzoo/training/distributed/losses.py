"""The mean of a loss over the batch of all replicas, whatever part of it each one counts."""

import contextlib

import tensorflow as tf
from keras.src.losses import loss as keras_losses  # what every keras.losses.Loss and every function of compile() goes through

MEANS = ("sum_over_batch_size", "mean", "mean_with_sample_weight")


@contextlib.contextmanager
def swapped(owner, name, value):
    """`owner.name` is `value` within; an instance's own attribute goes again where it had none."""
    own = name in vars(owner)
    before = getattr(owner, name)  # raises where Keras has renamed it: better than numbers that are wrong
    setattr(owner, name, value)
    try:
        yield before
    finally:
        if own:
            setattr(owner, name, before)
        else:
            delattr(owner, name)


@contextlib.contextmanager
def over_all_replicas():
    """Within it compiled losses, summed over the replicas, are those that one process has on the whole batch.

    Keras divides each replica's mean by the number of replicas. That is the mean over all only if every replica counts as many
    steps: with a mask, or weights with "mean_with_sample_weight", it does not. Nor does Keras divide what a loss function has
    reduced to one number itself, which counts as a mean here.
    """
    inner = keras_losses.reduce_weighted_values

    def reduced(values, sample_weight=None, mask=None, reduction="sum_over_batch_size", dtype=None):
        context = tf.distribute.get_replica_context()
        replicas = context.num_replicas_in_sync
        loss = inner(values, sample_weight, mask, reduction, dtype)
        if replicas == 1 or reduction not in MEANS:
            return loss
        if len(values.shape) == 0:
            return loss / replicas
        counted = _counted(sample_weight, mask, reduction, loss.dtype)
        if counted is None:
            return loss
        return loss * tf.stop_gradient(replicas * counted / tf.maximum(context.all_reduce("SUM", tf.identity(counted)), 1e-20))

    with swapped(keras_losses, "reduce_weighted_values", reduced):
        yield


def _counted(sample_weight, mask, reduction, dtype):
    """What this replica's mean was divided by, as far as it may differ from another's; None when it cannot."""
    if reduction == "mean_with_sample_weight" and sample_weight is not None:
        weight = tf.cast(sample_weight, dtype)
        if mask is None:
            return tf.reduce_sum(weight)
        mask = tf.cast(mask, dtype)
        if len(mask.shape) == len(weight.shape) + 1:
            weight = weight[..., None]
        return tf.reduce_sum(weight * mask)
    return None if mask is None else tf.reduce_sum(tf.cast(mask, dtype))
