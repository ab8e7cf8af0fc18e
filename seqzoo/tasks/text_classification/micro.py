"""A text classifier in operators that TensorFlow Lite Micro has: ids and their number in, a probability out."""

import tensorflow as tf

LOWEST = -3e38


def micro_program(source, batch_size, time_steps, run_fused):
    """See `seqzoo.tasks.task.Task.micro_program`; the input `length` is the number of valid ids.

    Raises:
        ValueError: if the model is no forward LSTM text classifier of words alone, or the batch is not 1.
    """
    config = _checked_config(source.model, batch_size)
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
        parts = []  # each [1, units]
        wanted = config["pooling"].split("_")
        if "last" in wanted:
            parts.append(tf.gather(sequences[0], tf.maximum(length - 1, 0)))
        if "max" in wanted:
            parts.append(tf.reduce_max(tf.where(steps < length, sequences, LOWEST), axis=1))
        if "mean" in wanted:
            total = tf.reduce_sum(tf.where(steps < length, sequences, 0.0), axis=1)
            parts.append(total / tf.cast(tf.maximum(length, 1), tf.float32)[:, None])
        pooled = tf.concat(parts, axis=-1)
        pooled = tf.where(length[:, None] > 0, pooled, 0.0)  # an empty text
        return {"probability": tf.sigmoid(pooled @ kernel + bias)[:, 0]}

    return serve, {"inputs": ["ids", "length"], "outputs": ["probability"]}


def _checked_config(classifier, batch_size):
    config, classes = classifier.config, classifier.classes
    pairs = config.get("bigrams", 0)
    if config["cell"] != "lstm" or config["bidirectional"] or len(classes) > 2 or pairs or batch_size != 1:
        received = {key: config[key] for key in ("cell", "bidirectional")}
        if len(classes) > 2:
            received["classes"] = list(classes)
        if pairs:
            received["bigrams"] = pairs
        raise _not_for_micro(received, batch_size)
    return config


def _not_for_micro(received, batch_size):
    """The ValueError for a model that has no form in the operators of TensorFlow Lite Micro."""
    return ValueError(
        "Target 'micro' takes a TextClassifier with cell 'lstm', bidirectional False, two classes and no bigrams, one "
        f"text a call; other models run on target 'interpreter'. Received: {received}, batch_size {batch_size}"
    )
