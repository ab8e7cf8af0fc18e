"""Training on the embeddings that would mislead the network most."""

import keras
from keras import ops


class AdversarialTraining(keras.Model):
    """Adds to the loss of a batch that of the same batch with its embeddings moved against it.

    Each row's embeddings move by `strength` times their mean length per word, along the gradient of the loss
    (Miyato, Dai & Goodfellow 2017, arXiv:1605.07725, equations 5 and 6; there the move has a fixed norm and embeddings
    are normalized, here the norm follows the embeddings). Dropout is drawn anew for the second pass. A step takes
    about twice as long.

    Args:
        network: functional `keras.Model` from ids int32 `[batch, time]` (0 is padding) with a layer named "embedding", and
            perhaps one "words_and_bigrams" that puts the vectors of pairs beside its output, which stay; its weights are
            trained, and it is what is used afterwards.
        strength: number > 0.

    Raises:
        ValueError: a strength that is not above 0. NotImplementedError: another backend than TensorFlow.
    """

    def __init__(self, network, strength, **kwargs):
        super().__init__(**kwargs)
        if keras.backend.backend() != "tensorflow":
            raise NotImplementedError(f"Adversarial training needs the TensorFlow backend. Received: {keras.backend.backend()}")
        if isinstance(strength, bool) or not isinstance(strength, (int, float)) or not 0 < strength < float("inf"):
            raise ValueError(f"`strength` must be a finite number above 0. Received: {strength!r}")
        self.network, self.strength = network, strength
        embedding = network.get_layer("embedding")
        self.width = embedding.output.shape[-1]
        if any(layer.name == "words_and_bigrams" for layer in network.layers):
            embedding = network.get_layer("words_and_bigrams")
        # From the ids (which say what is padding) and the embeddings to the answer.
        self.rest = keras.Model([network.inputs[0], embedding.output], network.output, name="rest")
        self.before = keras.Model(network.inputs[0], embedding.output, name="before")
        self.built = True

    def call(self, ids, training=False):
        return self.network(ids, training=training)

    def train_step(self, data):
        import tensorflow as tf

        ids, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
        ids, weights = tf.convert_to_tensor(ids), self.trainable_variables
        with tf.GradientTape() as tape:
            embedded = self.before(ids, training=True)
            tape.watch(embedded)
            loss = self.compute_loss(ids, labels, self.rest([ids, embedded], training=True), training=True)
        towards, *gradients = tape.gradient(loss, [embedded, *weights])
        move = ops.stop_gradient(self._move(ids, embedded, tf.convert_to_tensor(towards)))
        with tf.GradientTape() as tape:
            embedded = self.before(ids, training=True) + move
            misled = self.compute_loss(ids, labels, self.rest([ids, embedded], training=True), training=True)
        gradients = [_sum(*pair) for pair in zip(gradients, tape.gradient(misled, weights), strict=True)]
        self.optimizer.apply(gradients, weights)
        # Under tf.distribute Keras's loss is a replica's part of the mean over all.
        self._loss_tracker.update_state(loss * tf.distribute.get_strategy().num_replicas_in_sync)
        return {"loss": self._loss_tracker.result()}

    def _move(self, ids, embedded, towards):
        valid = ops.cast(ids != 0, "float32")[:, :, None]  # [batch, time, 1]
        length = ops.sqrt(ops.sum(ops.square(ops.cast(embedded, "float32")), -1, keepdims=True))
        mean = ops.sum(valid * length, 1, keepdims=True) / ops.maximum(ops.sum(valid, 1, keepdims=True), 1)
        of_words = ops.cast(ops.arange(embedded.shape[-1]) < self.width, "float32")  # what pairs say was counted
        towards = valid * of_words * ops.cast(towards, "float32")
        norm = ops.sqrt(ops.sum(ops.square(towards), (1, 2), keepdims=True))
        return ops.cast(self.strength * mean * towards / ops.maximum(norm, 1e-20), embedded.dtype)


def _sum(first, second):
    """Of two gradients, each perhaps sparse."""
    import tensorflow as tf

    return tf.convert_to_tensor(first) + tf.convert_to_tensor(second)
