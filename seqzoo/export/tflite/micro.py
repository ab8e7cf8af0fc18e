"""A text classifier in operators that TensorFlow Lite Micro has: ids and their number in, an 8-bit file
out.
"""

import tensorflow as tf

from seqzoo.export.tflite.loops import run_fused
from seqzoo.export.tflite.trace import convert_function

POOLINGS = ("last", "max")
LOWEST = -3e38


def convert_micro(source, form, batch_size, time_steps):
    """(bytes of the .tflite file, names of its inputs and outputs); the input `length` is the number of
    valid ids.

    Raises:
        ValueError: if the model is no forward LSTM text classifier with `last` or `max` pooling, or the
        batch is not 1.
    """
    config = _checked_config(source, batch_size)
    network = source.network
    recurrent = [network.get_layer(f"lstm_{index}") for index in range(config["layers"])]
    kernel, bias = (tf.constant(value) for value in network.get_layer("probability").get_weights())
    embeddings = tf.constant(network.get_layer("embedding").get_weights()[0])
    steps = tf.range(time_steps)[None, :, None]  # [1, time, 1]
    specs = [
        tf.TensorSpec([1, time_steps], tf.int32, name="ids"),
        tf.TensorSpec([1], tf.int32, name="length"),
    ]

    @tf.function(input_signature=specs, autograph=False)
    def serve(ids, length):
        sequences = tf.gather(embeddings, ids)  # [1, time, embedding]
        for layer in recurrent:
            sequences = run_fused(layer, sequences)
        if config["pooling"] == "max":
            pooled = tf.reduce_max(tf.where(steps < length, sequences, LOWEST), axis=1)  # [1, units]
        else:
            pooled = tf.gather(sequences[0], tf.maximum(length - 1, 0))  # [1, units]
        pooled = tf.where(length[:, None] > 0, pooled, 0.0)  # an empty text
        return {"probability": tf.sigmoid(pooled @ kernel + bias)[:, 0]}

    return convert_function(serve, network), {"inputs": ["ids", "length"], "outputs": ["probability"]}


def _checked_config(source, batch_size):
    config = source.text.config if source.text is not None else {}
    fits = config.get("cell") == "lstm" and not config["bidirectional"] and config["pooling"] in POOLINGS
    if not fits or batch_size != 1:
        received = (
            {key: config.get(key) for key in ("cell", "bidirectional", "pooling")} if config else source.name
        )
        raise ValueError(
            "Target 'micro' takes a TextClassifier with cell 'lstm', bidirectional False, pooling "
            f"{' or '.join(map(repr, POOLINGS))}, one text a call; other models run on target 'interpreter'. "
            f"Received: {received}, batch_size {batch_size}"
        )
    return config
