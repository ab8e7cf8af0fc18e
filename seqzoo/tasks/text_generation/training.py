"""What trains a language model: the losses of a stream's batches."""

import keras
from keras import ops

from seqzoo.layers.sampled_softmax import SampledSoftmax


class NextWordTraining(keras.Model):
    """What is trained: the losses of a batch of a stream, with the states carried over from the batch before.

    Args:
        model: `LanguageModel`; its weights are trained.
        batch_size: rows of the stream, those of one replica when several train (`row_variables` are each one's own).
        head: see `SampledSoftmax`.

    Call arguments:
        inputs: `(ids, targets, drawn, log_expected)` as `seqzoo.data.word_stream.WordStream` gives them.

    Returns:
        float32 `[batch, time]`, -log p of every target; compile with `loss=mean_loss`.
    """

    def __init__(self, model, batch_size, head):
        super().__init__(name="next_word_training")
        self.parts = [model.embedding, *model.recurrent, model.projection, model.word_bias]
        self.dropouts = [model.embedding_dropout, model.output_dropout]  # their seeds belong to a checkpoint
        self.loss_layer = SampledSoftmax(head, name="sampled_softmax")
        self._advance, self._embedding, self._bias = model.advance, model.embedding, model.word_bias
        shape = (batch_size, model.config["units"])
        self.carried = [
            self.add_weight(name=f"carried_{n}", shape=shape, initializer="zeros", trainable=False)
            for n in range(2 * model.config["layers"])
        ]
        self.built = True

    @property
    def row_variables(self):
        """What holds something of each row from step to step, see `seqzoo.training.distributed`."""
        return self.carried

    def call(self, inputs, training=False):
        ids, targets, drawn, log_expected = inputs
        projected, *states = self._advance(ids, [ops.convert_to_tensor(state) for state in self.carried], training)
        for carried, state in zip(self.carried, states, strict=True):
            carried.assign(ops.stop_gradient(ops.cast(state, carried.dtype)))
        embedding, bias = self._embedding.embeddings, self._bias.bias
        return self.loss_layer(projected, targets, drawn, log_expected, embedding, bias)


def mean_loss(_, losses):
    """The mean of what `NextWordTraining` gives; the first argument, Keras's targets, is in it already."""
    return ops.mean(losses)
