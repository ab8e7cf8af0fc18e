"""The loss of a next-word model whose vocabulary is too large to be scored whole at every step."""

import keras
from keras import ops

_NEVER = -1e9  # a logit


@keras.saving.register_keras_serializable(package="seqzoo")
class SampledSoftmax(keras.layers.Layer):
    """Cross-entropy of the next word over the frequent words and a sample of the others.

    Words 0 to `head - 1` always compete; of the rest only those drawn for the batch do, each weighted by how often
    it was to be expected in the draw (importance sampling: Bengio & Senecal 2008; the correction of the logits as in
    Jean et al. 2015, arXiv:1412.2007, section 3). The expected gradient approaches the full softmax's as the sample
    grows.

    Args:
        head: int, number of words that always compete.

    Call arguments:
        hidden: float `[batch, time, size]`.
        targets: int32 `[batch, time]`.
        drawn: int32 `[draws]`, ids >= `head`, with replacement.
        log_expected: float32 `[draws]`, log of the number of times that the word was to be expected.
        embedding: `[vocabulary, size]`, the output vectors; bias: `[vocabulary]`.

    Returns:
        float32 `[batch, time]`, -log p of each target (an estimate).
    """

    def __init__(self, head, **kwargs):
        super().__init__(autocast=False, **kwargs)  # products in the dtype of `hidden`, sums in float32
        self.head = head

    def call(self, hidden, targets, drawn, log_expected, embedding, bias):
        rows = ops.reshape(hidden, (-1, hidden.shape[-1]))  # [n, size]
        wanted = ops.reshape(targets, (-1,))  # [n]
        words = ops.concatenate([ops.arange(self.head, dtype="int32"), drawn, wanted])
        vectors = ops.cast(ops.take(embedding, words, axis=0), rows.dtype)
        shift = ops.take(bias, words)
        some = self.head + drawn.shape[0]
        logits = ops.matmul(rows, ops.transpose(_of_all_replicas(vectors[:some])))  # [n, head+draws]
        expected = ops.concatenate([ops.zeros_like(shift[: self.head]), log_expected])
        own = ops.sum(ops.cast(rows, "float32") * ops.cast(vectors[some:], "float32"), -1) + shift[some:]  # [n]
        losses = _candidate_losses(logits, shift[:some] - expected, own, wanted, words[:some], wanted < self.head)
        return ops.reshape(losses, ops.shape(targets))

    def compute_output_spec(self, hidden, targets, drawn, log_expected, embedding, bias):
        return keras.KerasTensor(targets.shape, dtype="float32")

    def get_config(self):
        return {**super().get_config(), "head": self.head}


def _of_all_replicas(vectors):
    """The candidates are the same on all replicas that train together."""
    if keras.backend.backend() != "tensorflow":
        return vectors
    from seqzoo.kernels.replicas import same_on_all_replicas

    return same_on_all_replicas(vectors)


def _candidate_losses(logits, shift, own, wanted, candidates, common):
    """See `seqzoo.kernels.sampled_softmax`, which is the same in TensorFlow, faster."""
    if keras.backend.backend() == "tensorflow":
        from seqzoo.kernels.sampled_softmax import candidate_losses

        return candidate_losses(logits, shift, own, wanted, candidates, common)
    z = ops.cast(logits, "float32") + shift
    drawn_too = ops.logical_and(wanted[:, None] == candidates[None], ops.logical_not(common)[:, None])
    z = ops.where(drawn_too, _NEVER, z)
    extra = ops.where(common, _NEVER, own)
    return ops.logaddexp(ops.logsumexp(z, axis=-1), extra) - own
