"""The Keras network of a text classifier."""

import keras
from keras import ops

from seqzoo.layers.bigram_embedding import BigramEmbedding
from seqzoo.layers.lstm import LSTM
from seqzoo.layers.pooling import MaskedPooling
from seqzoo.layers.rnn import RNN
from seqzoo.layers.word_dropout import WordDropout
from seqzoo.tasks.weights import cell_shapes

CELLS = {"rnn": RNN, "lstm": LSTM}


def build_network(config, dtype="float32"):
    """The Keras model of a text classifier.

    Args:
        config: `TextClassifierConfig`.
        dtype: Keras dtype policy of all layers but the last, which computes in float32.

    Returns:
        `keras.Model` from token ids int32 `[batch, time]` (0 = padding, on the right) to float32: `[batch, 1]`, the
        probability of the second of two classes, or `[batch, classes]`, that of each of more. Its output does not
        depend on how much padding a row has.
    """
    ids = keras.Input((None,), dtype="int32", name="ids")
    valid = ops.not_equal(ids, 0)
    # Padding is on the right and pooling skips it, so a forward layer may run over it unmasked, which is
    # faster and is what fused mobile operators do. A backward layer would start in the padding: mask it.
    mask = valid if config.bidirectional else None
    words = WordDropout(config.word_dropout, seed=config.seed + 1, name="word_dropout")(ids)
    x = keras.layers.Embedding(
        config.vocabulary_size,
        config.embedding_size,
        embeddings_initializer=keras.initializers.RandomUniform(-0.05, 0.05, seed=config.seed + 2),
        name="embedding",
        dtype=dtype,
    )(words)
    if config.bigrams:
        bigrams = BigramEmbedding(
            config.bigrams,
            config.bigram_size,
            config.vocabulary_size,
            embeddings_initializer=keras.initializers.RandomUniform(-0.05, 0.05, seed=config.seed + 6),
            name="bigrams",
            dtype=dtype,
        )(words)
        x = keras.layers.Concatenate(name="words_and_bigrams", dtype=dtype)([x, bigrams])
    x = keras.layers.SpatialDropout1D(config.embedding_dropout, seed=config.seed + 3, name="embedding_dropout", dtype=dtype)(x)
    for index in range(config.layers):
        layer = _recurrent_layer(config, index, dtype)
        if config.bidirectional:
            backward = _recurrent_layer(config, index, dtype, go_backwards=True)
            name = f"bidirectional_{index}"
            layer = keras.layers.Bidirectional(layer, backward_layer=backward, name=name, dtype=dtype)
        x = layer(x, mask=mask)
    x = MaskedPooling(config.pooling, name="pooling", dtype=dtype)(x, valid)
    x = keras.layers.Dropout(config.dropout, seed=config.seed + 4, name="dropout", dtype=dtype)(x)
    several = len(config.classes) > 2
    probability = keras.layers.Dense(
        len(config.classes) if several else 1,
        activation="softmax" if several else "sigmoid",
        kernel_initializer=keras.initializers.GlorotUniform(seed=config.seed + 5),
        dtype="float32",
        name="probability",
    )(x)
    return keras.Model(ids, probability, name="text_classifier")


def weight_shapes(config):
    """(name, shape) of every tensor of `build_network(config)`, one after the other."""
    yield "embedding/embeddings", (config.vocabulary_size, config.embedding_size)
    features = config.embedding_size
    if config.bigrams:
        yield "bigrams/embeddings", (config.bigrams + 1, config.bigram_size)
        features += config.bigram_size
    for index in range(config.layers):
        name = f"{config.cell}_{index}"
        paths = [f"bidirectional_{index}/{way}_{name}" for way in ("forward", "backward")] if config.bidirectional else [name]
        for path in paths:
            yield from cell_shapes(path, config.cell, features, config.units)
        features = len(paths) * config.units
    answers = len(config.classes) if len(config.classes) > 2 else 1
    yield "probability/kernel", (len(config.pooling.split("_")) * features, answers)
    yield "probability/bias", (answers,)


def _recurrent_layer(config, index, dtype, go_backwards=False):
    seed = config.seed + 10 * (index + 1) + 2 * go_backwards  # two directions that begin alike would learn alike
    return CELLS[config.cell](
        config.units,
        return_sequences=True,
        go_backwards=go_backwards,
        kernel_initializer=keras.initializers.GlorotUniform(seed=seed),
        recurrent_initializer=keras.initializers.Orthogonal(seed=seed + 1),
        seed=seed,  # its dropouts are off, but an unset seed is drawn, and two runs' checkpoints differ
        dtype=dtype,
        name=f"{'backward_' if go_backwards else ''}{config.cell}_{index}",
    )
