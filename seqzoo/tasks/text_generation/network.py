"""The network of a language model from ids to log-probabilities, in one piece, as files for other runtimes want it."""

import keras
import tensorflow as tf


def log_probability_network(model):
    """`keras.Model`: ids int32 `[batch, time]` -> log-probability of each word as the next, float32 `[batch, time, vocabulary]`.

    It shares the weights of `model`, a `LanguageModel`; the words' vectors are the embedding's.
    """
    ids = keras.Input((None,), dtype="int32", name="ids")
    hidden = model.word_bias(model.advance(ids)[0])
    scores = _LogProbability(model.embedding, model.word_bias, name="log_probability", dtype=model.embedding.dtype_policy)(hidden)
    return keras.Model(ids, scores, name="language_model")


class _LogProbability(keras.layers.Layer):
    """log softmax(E x + b) with the embedding E and the bias b of other layers."""

    def __init__(self, embedding, word_bias, **kwargs):
        super().__init__(**kwargs)
        self.embedding, self.word_bias = embedding, word_bias

    def call(self, hidden):
        table = tf.convert_to_tensor(self.embedding.embeddings)  # [vocabulary, size]
        rows = tf.matmul(tf.reshape(hidden, [-1, table.shape[1]]), table, transpose_b=True)  # one table in a file, not two
        rows = tf.nn.log_softmax(rows + tf.cast(tf.convert_to_tensor(self.word_bias.bias), rows.dtype))
        return tf.reshape(rows, [*_sizes(hidden), table.shape[0]])

    def compute_output_spec(self, hidden):
        return keras.KerasTensor((*hidden.shape[:-1], self.embedding.input_dim), self.compute_dtype)


def _sizes(hidden):
    return [tf.shape(hidden)[axis] if size is None else size for axis, size in enumerate(hidden.shape[:-1])]
