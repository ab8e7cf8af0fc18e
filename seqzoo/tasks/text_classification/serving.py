"""A text classifier as a SavedModel: raw text in, probability out; tokeniser and vocabulary are inside."""

import tensorflow as tf

from seqzoo.data.text_graph import GraphTokenizer
from seqzoo.tasks.served_network import ServedNetwork


class TextToProbability(tf.Module):
    """`serve`: `text` string `[n]`, UTF-8, to `probability` float32 `[n]`, of more than two classes `[n, classes]`."""

    def __init__(self, model):
        super().__init__(name="text_classifier")
        self.tokenizer = GraphTokenizer(model.vocabulary, model.config["max_tokens"])
        # The variables are attributes so that they are saved; the Keras model itself is not, so that nothing
        # of Keras has to be there when the SavedModel is loaded.
        network = ServedNetwork(model.network)
        self.weights = network.kept

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
        def serve(text):
            probability = network(self.tokenizer(text))  # [n, 1] or [n, classes]
            return {"probability": probability if len(model.classes) > 2 else probability[:, 0]}

        self.serve = serve
