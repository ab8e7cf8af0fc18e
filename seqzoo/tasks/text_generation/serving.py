"""A language model as a SavedModel: raw text in, mean log-probability out."""

import tensorflow as tf

from seqzoo.data.text_graph import GraphTokenizer
from seqzoo.data.word_stream import BOUNDARY
from seqzoo.tasks.served_network import ServedNetwork


class TextToLogProbability(tf.Module):
    """`serve`: `text` string `[n]`, UTF-8, to `log_probability` float32 `[n]`, the mean over a text's words and its end."""

    def __init__(self, model):
        super().__init__(name="language_model")
        self.tokenizer = GraphTokenizer(model.vocabulary, None)
        network = ServedNetwork(model.network)
        self.weights, backwards = network.kept, model.config["backwards"]

        def of_one(row):  # one text at a time: its logits are [time, vocabulary]
            words = tf.boolean_mask(row, row != BOUNDARY)
            words = tf.reverse(words, [0]) if backwards else words
            ids, targets = tf.concat([[BOUNDARY], words], 0), tf.concat([words, [BOUNDARY]], 0)
            vectors, bias = network.value(model.embedding.embeddings), network.value(model.word_bias.bias)
            logits = tf.matmul(network(ids[None])[0], vectors, transpose_b=True) + bias
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
            return -tf.reduce_mean(losses)

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
        def serve(text):
            rows = self.tokenizer(text)
            return {"log_probability": tf.map_fn(of_one, rows, fn_output_signature=tf.float32)}

        self.serve = serve
