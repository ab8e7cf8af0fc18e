"""Networks as people build and export them, small: forecasting, text, attention, one layer for two."""

import keras
import numpy as np

from . import own_cells

L = keras.layers
EVERY = {}


def architecture(name):
    """Registers a builder under what the table calls it."""

    def register(build):
        EVERY[name] = build
        return build

    return register


def build(name, seed=3):
    """A network with weights large enough that a wrong step shows."""
    keras.utils.set_random_seed(seed)
    network = EVERY[name]()
    random = np.random.default_rng(seed)
    for variable in network.trainable_variables:
        if variable.name in ("bias", "beta"):
            variable.assign(0.3 * random.normal(size=variable.shape))
        elif "kernel" in variable.name:
            variable.assign(1.3 * np.asarray(variable))
    return network


def stack(*layers, shape=(None, 4), dtype=None, name="x"):
    return keras.Sequential([keras.Input(shape, dtype=dtype, name=name), *layers])


def ids(*layers, length=None, words=30, size=6, masked=False):
    return stack(L.Embedding(words, size, mask_zero=masked), *layers, shape=(length,), dtype="int32", name="ids")


# Forecasting: TensorFlow's tutorial of time series, Keras's weather example, and what is built after them


@architecture("tutorial: LSTM, one answer a step")
def _():
    return stack(L.LSTM(20, return_sequences=True), L.Dense(1), shape=(24, 5))


@architecture("tutorial: LSTM, all hours at once")
def _():
    return stack(L.LSTM(20), L.Dense(24 * 3, kernel_initializer="glorot_uniform"), L.Reshape((24, 3)), shape=(24, 5))


@architecture("tutorial: residual LSTM")
def _():
    x = keras.Input((24, 5), name="x")
    return keras.Model(x, L.Add()([x, L.Dense(5)(L.LSTM(20, return_sequences=True)(x))]))


@architecture("tutorial: convolution")
def _():
    return stack(L.Conv1D(8, 3, activation="relu"), L.Dense(8, activation="relu"), L.Dense(1), shape=(None, 5))


@architecture("tutorial: feedback, one step after the other")
def _():
    model = own_cells.Feedback(units=6, ahead=4, features=3)
    model(np.zeros((1, 8, 3), "float32"))
    return model


@architecture("weather: LSTM, one number")
def _():
    return stack(L.LSTM(20), L.Dense(1), shape=(120, 7))


@architecture("GRU, any length")
def _():
    return stack(L.GRU(24), L.Dense(1))


@architecture("stacked LSTM, dropout")
def _():
    layers = [L.LSTM(20, return_sequences=True, dropout=0.2, recurrent_dropout=0.2), L.Dropout(0.3), L.LSTM(6, dropout=0.2)]
    return stack(*layers, L.Dense(1))


@architecture("static features beside a sequence")
def _():
    static, x = keras.Input((3,), name="static"), keras.Input((None, 4), name="x")
    return keras.Model([static, x], L.Dense(1)(L.Concatenate()([L.Dense(4, activation="relu")(static), L.LSTM(20)(x)])))


@architecture("three quantiles, an output each")
def _():
    x = keras.Input((30, 4), name="x")
    y = L.GRU(24)(x)
    return keras.Model(x, [L.Dense(1, name=f"q{level}")(y) for level in (5, 50, 95)])


@architecture("outputs by name")
def _():
    x = keras.Input((None, 4), name="x")
    y = L.LSTM(20)(x)
    return keras.Model(x, {"level": L.Dense(1)(y), "direction": L.Dense(1, activation="sigmoid")(y)})


@architecture("dilated convolutions, then LSTM")
def _():
    x = keras.Input((None, 4), name="x")
    y = L.Conv1D(8, 2, padding="causal", dilation_rate=2, activation="relu")(L.Conv1D(8, 2, padding="causal")(x))
    return keras.Model(x, L.Dense(1)(L.LSTM(6)(L.Add()([y, L.Conv1D(8, 1)(x)]))))


@architecture("Normalization in front")
def _():
    layer = L.Normalization()
    layer.adapt(np.random.default_rng(0).normal(2, 3, (200, 4)).astype("float32"))
    return stack(layer, L.LSTM(20), L.Dense(1))


@architecture("BatchNormalization between GRUs")
def _():
    return stack(L.GRU(24, return_sequences=True), L.BatchNormalization(), L.GRU(6), L.Dense(1))


@architecture("residual blocks, LayerNormalization")
def _():
    x = keras.Input((None, 6), name="x")
    y = x
    for _ in range(2):
        y = L.LayerNormalization()(L.Add()([y, L.LSTM(6, return_sequences=True)(y)]))
    return keras.Model(x, L.Dense(1)(L.GlobalAveragePooling1D()(y)))


@architecture("autoencoder: RepeatVector, TimeDistributed")
def _():
    return stack(L.LSTM(20), L.RepeatVector(12), L.LSTM(20, return_sequences=True), L.TimeDistributed(L.Dense(4)), shape=(12, 4))


@architecture("variational autoencoder: chance inside")
def _():
    x = keras.Input((12, 4), name="x")
    return keras.Model(x, L.Dense(4)(own_cells.Sampling()(L.LSTM(6)(x))))


# Text


@architecture("IMDB: two bidirectional LSTMs")
def _():
    layers = [L.Bidirectional(L.LSTM(6, return_sequences=True)), L.Bidirectional(L.LSTM(6))]
    return ids(*layers, L.Dense(1, activation="sigmoid"))


@architecture("Embedding(mask_zero), LSTM")
def _():
    return ids(L.LSTM(20), L.Dense(1, activation="sigmoid"), masked=True)


@architecture("Embedding(mask_zero), bidirectional GRU")
def _():
    return ids(L.Bidirectional(L.GRU(6)), L.Dense(3, activation="softmax"), masked=True)


@architecture("Embedding(mask_zero), mean over time")
def _():
    return ids(L.LSTM(20, return_sequences=True), L.GlobalAveragePooling1D(), L.Dense(2), masked=True)


@architecture("Embedding, LSTM, maximum over time")
def _():
    return ids(L.SpatialDropout1D(0.2), L.LSTM(20, return_sequences=True), L.GlobalMaxPooling1D(), L.Dense(1), length=40)


@architecture("Embedding, Conv1D, pooling, LSTM")
def _():
    return ids(L.Conv1D(8, 5, activation="relu"), L.MaxPooling1D(4), L.LSTM(6), L.Dense(1, activation="sigmoid"))


@architecture("text generation: one-hot letters, LSTM")
def _():
    return stack(L.LSTM(20), L.Dense(20, activation="softmax"), shape=(40, 20))


@architecture("text generation: Embedding, GRU, every step")
def _():
    return ids(L.GRU(24, return_sequences=True), L.Dense(30))


@architecture("text generation: a step with its states")
def _():
    word, h = keras.Input((1,), dtype="int32", name="word"), keras.Input((24,), name="h")
    y, state = L.GRU(24, return_sequences=True, return_state=True)(L.Embedding(30, 6)(word), initial_state=h)
    return keras.Model([word, h], [L.Dense(30, name="scores")(y), L.Identity(name="next_h")(state)])


@architecture("tagger: bidirectional LSTM, TimeDistributed")
def _():
    layers = [L.Bidirectional(L.LSTM(6, return_sequences=True)), L.TimeDistributed(L.Dense(5, activation="softmax"))]
    return ids(*layers, masked=True)


@architecture("documents: TimeDistributed(LSTM) over sentences")
def _():
    x = keras.Input((4, 9, 5), name="x")
    return keras.Model(x, L.Dense(2)(L.LSTM(6)(L.TimeDistributed(L.LSTM(6))(x))))


@architecture("positions beside words, GRU")
def _():
    words = keras.Input((20,), dtype="int32", name="ids")
    y = L.Embedding(30, 6)(words) + L.Embedding(20, 6)(np.arange(20, dtype="int32")[None])
    return keras.Model(words, L.Dense(1)(L.GRU(6)(y)))


@architecture("TextVectorization in front")
def _():
    text = keras.Input((), dtype="string", name="text")
    return keras.Model(text, L.LSTM(4)(L.Embedding(4, 3)(L.TextVectorization(vocabulary=["a", "b"])(text))))


# From one sequence to another


@architecture("addition: LSTM, RepeatVector, LSTM")
def _():
    return stack(
        L.LSTM(20), L.RepeatVector(4), L.LSTM(20, return_sequences=True), L.Dense(12, activation="softmax"), shape=(7, 12)
    )


@architecture("translation: encoder, gives its states")
def _():
    x = keras.Input((None, 5), name="x")
    _, h, c = L.LSTM(6, return_state=True)(x)
    return keras.Model(x, [L.Identity(name="h")(h), L.Identity(name="c")(c)])


@architecture("translation: decoder, states in and out")
def _():
    x, h, c = keras.Input((1, 5), name="x"), keras.Input((6,), name="h"), keras.Input((6,), name="c")
    y, *states = L.LSTM(6, return_sequences=True, return_state=True)(x, initial_state=[h, c])
    after = [L.Identity(name=f"next_{name}")(state) for name, state in zip("hc", states, strict=True)]
    return keras.Model([x, h, c], [L.Dense(5, name="y")(y), *after])


@architecture("translation: both in one")
def _():
    source, target = keras.Input((None,), dtype="int32", name="source"), keras.Input((None,), dtype="int32", name="target")
    _, h, c = L.LSTM(6, return_state=True)(L.Embedding(20, 5)(source))
    y = L.LSTM(6, return_sequences=True)(L.Embedding(20, 5)(target), initial_state=[h, c])
    return keras.Model([source, target], L.Dense(20)(y))


@architecture("translation: both, with masks and attention")
def _():
    source, target = keras.Input((10,), dtype="int32", name="source"), keras.Input((8,), dtype="int32", name="target")
    memory = L.GRU(6, return_sequences=True)(L.Embedding(20, 5, mask_zero=True)(source))
    query = L.GRU(6, return_sequences=True)(L.Embedding(20, 5, mask_zero=True)(target))
    return keras.Model([source, target], L.Dense(20)(L.Concatenate()([query, L.Attention()([query, memory])])))


# Attention


@architecture("additive attention over a bidirectional LSTM")
def _():
    x = keras.Input((15, 4), name="x")
    y = L.Bidirectional(L.LSTM(5, return_sequences=True))(x)
    return keras.Model(x, L.Dense(2)(L.GlobalAveragePooling1D()(L.AdditiveAttention()([y, y]))))


@architecture("MultiHeadAttention after an LSTM")
def _():
    x = keras.Input((None, 4), name="x")
    y = L.LSTM(6, return_sequences=True)(x)
    return keras.Model(x, L.Dense(2)(L.GlobalMaxPooling1D()(L.MultiHeadAttention(2, 3)(y, y))))


@architecture("pooling by learned weights of the steps")
def _():
    x = keras.Input((None, 4), name="x")
    y = L.GRU(6, return_sequences=True)(x)
    return keras.Model(x, L.Dense(2)(L.Flatten()(L.Dot(axes=1)([L.Softmax(axis=1)(L.Dense(1)(y)), y]))))


# One layer for two


@architecture("siamese LSTM")
def _():
    a, b = keras.Input((12, 4), name="a"), keras.Input((12, 4), name="b")
    shared = L.LSTM(6)
    return keras.Model([a, b], L.Dense(1, activation="sigmoid")(L.Subtract()([shared(a), shared(b)])))


@architecture("siamese, ids with masks, cosine")
def _():
    a, b = (keras.Input((None,), dtype="int32", name=name) for name in "ab")
    shared = ids(L.Bidirectional(L.LSTM(5)), masked=True)
    return keras.Model([a, b], L.Dot(axes=-1, normalize=True)([shared(a), shared(b)]))


@architecture("one LSTM twice in a row")
def _():
    x, layer = keras.Input((None, 6), name="x"), L.LSTM(6, return_sequences=True)
    return keras.Model(x, L.Dense(1)(layer(layer(x))))
