"""What is the same on every replica of a `tf.distribute` strategy, differentiated once."""

import tensorflow as tf


def same_on_all_replicas(tensor):
    """The tensor; its gradient on the first replica is the sum over all of them, and zero on the others.

    For rows that every replica takes from an embedding: the gradients of the replicas are then, one after the other, the rows
    that one process has with the whole batch. Keras clips by a norm that counts rows with the same number apart, so sums in parts
    would be clipped otherwise. Outside of a strategy's replicas, or with one, it is the tensor and nothing else.
    """
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return tensor

    # Registered for as long as the process lives, as TensorFlow does it; few graphs train on several replicas.
    @tf.custom_gradient
    def shared(inner):
        def gradient(of_output):
            total = context.all_reduce("SUM", tf.identity(of_output))
            return tf.where(tf.equal(context.replica_id_in_sync_group, 0), total, tf.zeros_like(total))

        return tf.identity(inner), gradient

    return shared(tensor)
