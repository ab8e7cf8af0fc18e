"""What the SavedModels of several tasks share: a network that takes arrays, and asking a signature batch by batch."""

import numpy as np
import tensorflow as tf

from seqzoo.tasks.served_network import ServedNetwork
from seqzoo.tasks.source import network_source

ROWS = 512  # a call


class NetworkModule(tf.Module):
    """A network's own inputs and outputs as `serve`; nothing of Keras has to be there when it is loaded.

    Args:
        network: built functional `keras.Model`.
    """

    def __init__(self, network):
        super().__init__(name="network")
        served = ServedNetwork(network)
        self.weights = served.kept
        specs = [tf.TensorSpec(x.shape, x.dtype, name=x.name) for x in network.inputs]
        names = network_source(network).outputs

        @tf.function(input_signature=specs, autograph=False)
        def serve(*inputs):
            outputs = tf.nest.flatten(served(list(inputs) if len(inputs) > 1 else inputs[0]))
            return dict(zip(names, outputs, strict=True))

        self.serve = serve


def ask_network(signature, inputs, network):
    """The first output, as a float array without a last axis of one, for a list of the network's one input."""
    (name,) = (x.name for x in network.inputs)
    inputs = np.asarray(inputs, network.inputs[0].dtype)
    first = network_source(network).outputs[0]
    answers = in_batches(inputs, lambda rows: signature(**{name: tf.constant(rows)})[first].numpy())
    return answers[..., 0] if answers.ndim > 1 and answers.shape[-1] == 1 else answers


def in_batches(inputs, ask):
    """`ask` of every `ROWS` of `inputs`, joined."""
    return np.concatenate([ask(inputs[start : start + ROWS]) for start in range(0, len(inputs), ROWS)])


def ask_texts(signature, texts, batch=64):
    """The one output of a signature with the input `text`; texts of like length are asked together, as they are padded."""
    encoded = [text.encode("utf-8", errors="surrogatepass") for text in texts]
    order = sorted(range(len(encoded)), key=lambda row: len(encoded[row]))
    found = {}
    for start in range(0, len(order), batch):
        rows = order[start : start + batch]
        (answers,) = signature(text=tf.constant([encoded[row] for row in rows])).values()
        found.update(zip(rows, answers.numpy(), strict=True))
    return np.stack([found[row] for row in range(len(encoded))])
