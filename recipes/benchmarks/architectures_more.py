"""More networks as people build them: sound and pictures, sensors, masks, states, cells of one's own, precisions."""

import keras
import numpy as np

import seqzoo

from . import own_cells
from .architectures import L, architecture, ids, stack

# Pictures, sound, sensors


@architecture("OCR: convolutions, bidirectional LSTMs (CRNN)")
def _():
    x = keras.Input((32, 16, 1), name="picture")
    y = L.MaxPooling2D(2)(L.Conv2D(6, 3, padding="same", activation="relu")(x))
    y = L.Dense(8, activation="relu")(L.Reshape((16, 8 * 6))(y))
    y = L.Bidirectional(L.LSTM(6, return_sequences=True, dropout=0.25))(y)
    return keras.Model(x, L.Dense(11, activation="softmax")(L.Bidirectional(L.LSTM(6, return_sequences=True))(y)))


@architecture("handwriting: Permute, GRU")
def _():
    x = keras.Input((12, 24, 1), name="picture")
    y = L.Reshape((12, 2 * 4))(L.Permute((2, 1, 3))(L.MaxPooling2D((6, 2))(L.Conv2D(4, 3, padding="same")(x))))
    return keras.Model(x, L.Dense(7)(L.GRU(6, return_sequences=True)(y)))


@architecture("video: TimeDistributed(Conv2D), GRU")
def _():
    x = keras.Input((5, 8, 8, 3), name="frames")
    y = L.TimeDistributed(L.GlobalAveragePooling2D())(L.TimeDistributed(L.Conv2D(6, 3, activation="relu"))(x))
    return keras.Model(x, L.Dense(3, activation="softmax")(L.GRU(6)(y)))


@architecture("video: features and a mask as inputs, GRU")
def _():
    x, mask = keras.Input((10, 6), name="x"), keras.Input((10,), dtype="bool", name="mask")
    y = L.GRU(5)(L.GRU(6, return_sequences=True)(x, mask=mask))
    return keras.Model([x, mask], L.Dense(3, activation="softmax")(y))


@architecture("ConvLSTM2D, next frame")
def _():
    return stack(L.ConvLSTM2D(3, 3, padding="same", return_sequences=True), L.Conv3D(1, 3, padding="same"), shape=(5, 6, 6, 1))


@architecture("ConvLSTM1D")
def _():
    return stack(L.ConvLSTM1D(4, 3, padding="same"), L.Flatten(), L.Dense(2), shape=(6, 8, 2))


@architecture("keyword spotting: LSTM")
def _():
    return stack(L.LSTM(20), L.Dense(5, activation="softmax"), shape=(49, 10))


@architecture("keyword spotting: convolution, GRU (CRNN)")
def _():
    x = keras.Input((48, 10, 1), name="x")
    y = L.Conv2D(4, (10, 4), strides=(4, 2), activation="relu")(x)
    return keras.Model(x, L.Dense(5)(L.GRU(24)(L.Reshape((10, 4 * 4))(y))))


@architecture("keyword spotting: depthwise convolutions, LSTM")
def _():
    return stack(
        L.SeparableConv1D(8, 5, strides=2, activation="relu"), L.BatchNormalization(), L.LSTM(20), L.Dense(4), shape=(49, 10)
    )


@architecture("keyword spotting: attention from the last step")
def _():
    x = keras.Input((20, 8), name="x")
    y = L.Bidirectional(L.LSTM(5, return_sequences=True))(x)
    query = L.Dense(10)(y[:, -1])
    weights = L.Softmax()(L.Dot(axes=[1, 2])([query, y]))
    return keras.Model(x, L.Dense(4)(L.Dot(axes=[1, 1])([weights, y])))


@architecture("speech: Conv2D, bidirectional GRUs, every frame")
def _():
    x = keras.Input((None, 12), name="x")
    y = L.Conv1D(8, 3, strides=2, padding="same", activation="relu")(x)
    for _ in range(2):
        y = L.Bidirectional(L.GRU(5, return_sequences=True))(y)
    return keras.Model(x, L.Dense(9, activation="softmax")(y))


@architecture("activity: stacked LSTMs")
def _():
    return stack(L.LSTM(20, return_sequences=True), L.LSTM(20), L.Dropout(0.5), L.Dense(6, activation="softmax"), shape=(64, 9))


@architecture("activity: TimeDistributed(Conv1D), LSTM")
def _():
    parts = [L.Conv1D(6, 3, activation="relu"), L.MaxPooling1D(2), L.Flatten()]
    return stack(*map(L.TimeDistributed, parts), L.LSTM(20), L.Dense(6, activation="softmax"), shape=(4, 16, 3))


@architecture("activity: four convolutions, two LSTMs")
def _():
    front = [L.Conv1D(6, 5, activation="relu") for _ in range(4)]
    return stack(*front, L.LSTM(20, return_sequences=True), L.LSTM(20), L.Dense(6, activation="softmax"), shape=(40, 3))


@architecture("activity: convolution alone")
def _():
    layers = [L.Conv1D(8, 5, activation="relu"), L.MaxPooling1D(2), L.Conv1D(8, 3, activation="relu"), L.GlobalAveragePooling1D()]
    return stack(*layers, L.Dense(6, activation="softmax"), shape=(64, 3))


@architecture("bytes of a sensor (uint8), Rescaling, LSTM")
def _():
    return stack(L.Rescaling(1 / 128, offset=-1), L.LSTM(20), L.Dense(3), shape=(20, 4), dtype="uint8")


@architecture("the class alone: argmax")
def _():
    x = keras.Input((20, 4), name="x")
    return keras.Model(x, keras.ops.argmax(L.Dense(5)(L.LSTM(20)(x)), axis=-1))


# Masks and directions


@architecture("Masking, LSTM")
def _():
    return stack(L.Masking(-1.0), L.LSTM(20), L.Dense(1))


@architecture("Masking, LSTM, every step, zeros where masked")
def _():
    return stack(L.Masking(-1.0), L.LSTM(6, return_sequences=True, zero_output_for_mask=True), L.Dense(2))


@architecture("Masking, bidirectional LSTM, every step")
def _():
    return stack(L.Masking(-1.0), L.Bidirectional(L.LSTM(5, return_sequences=True)), L.Dense(2))


@architecture("Masking, LSTM backwards, stacked GRU")
def _():
    return stack(L.Masking(-1.0), L.LSTM(6, return_sequences=True, go_backwards=True), L.GRU(5), L.Dense(1))


@architecture("bidirectional, another layer backwards, summed")
def _():
    return stack(L.Bidirectional(L.LSTM(6), backward_layer=L.GRU(6, go_backwards=True), merge_mode="sum"), L.Dense(1))


# States kept, given and returned


@architecture("stateful LSTM")
def _():
    return keras.Sequential([keras.Input(batch_shape=(1, 6, 4), name="x"), L.LSTM(20, stateful=True), L.Dense(1)])


@architecture("stateful GRU, every step")
def _():
    layers = [L.GRU(24, stateful=True, return_sequences=True), L.Dense(3)]
    return keras.Sequential([keras.Input(batch_shape=(1, None, 4), name="x"), *layers])


@architecture("LSTMCell called as a layer")
def _():
    x, h, c = keras.Input((4,), name="x"), keras.Input((6,), name="h"), keras.Input((6,), name="c")
    y, (next_h, next_c) = L.LSTMCell(6)(x, [h, c])
    return keras.Model([x, h, c], [L.Dense(1, name="y")(y), L.Identity(name="next_h")(next_h), L.Identity(name="next_c")(next_c)])


@architecture("first state from static features")
def _():
    static, x = keras.Input((3,), name="static"), keras.Input((10, 4), name="x")
    return keras.Model([static, x], L.Dense(1)(L.GRU(6)(x, initial_state=L.Dense(6, activation="tanh")(static))))


# Cells


@architecture("a cell of one's own")
def _():
    return stack(L.RNN(own_cells.MinimalCell(8)), L.Dense(1))


@architecture("stacked cells: RNN([LSTMCell, LSTMCell])")
def _():
    return stack(L.RNN([L.LSTMCell(6), L.LSTMCell(5)]), L.Dense(1))


@architecture("an LSTM with a projection")
def _():
    return stack(L.RNN(own_cells.ProjectedCell(8, 3), return_sequences=True), L.Dense(1))


@architecture("a cell with LayerNormalization")
def _():
    return stack(L.RNN(own_cells.NormedCell(6)), L.Dense(1))


@architecture("SimpleRNN, relu")
def _():
    return stack(L.SimpleRNN(8, activation="relu", kernel_initializer=keras.initializers.RandomNormal(stddev=0.1)), L.Dense(1))


@architecture("GRU, reset before the product")
def _():
    return stack(L.GRU(24, reset_after=False), L.Dense(1))


@architecture("LSTM, softsign and hard_sigmoid")
def _():
    return stack(L.LSTM(20, activation="softsign", recurrent_activation="hard_sigmoid"), L.Dense(1))


@architecture("LSTM without bias, written out (unroll)")
def _():
    return stack(L.LSTM(6, use_bias=False, unroll=True), L.Dense(1), shape=(8, 4))


@architecture("seqzoo: LSTM, GRU, RNN with a head")
def _():
    layers = [seqzoo.LSTM(6, return_sequences=True), seqzoo.GRU(6, return_sequences=True), seqzoo.RNN(6, output_units=3)]
    return stack(*layers)


# Models and precisions


@architecture("subclassed")
def _():
    model = own_cells.Classifier()
    model(np.ones((1, 12), "int32"))
    return model


@architecture("subclassed, outputs by name")
def _():
    model = own_cells.Classifier(("first", "second"))
    model(np.ones((1, 12), "int32"))
    return model


@architecture("a model inside a model")
def _():
    inner = stack(L.Bidirectional(L.LSTM(5, return_sequences=True)), L.Dense(4))
    return stack(inner, L.GRU(6), L.Dense(1))


def _in_policy(policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        return stack(L.LSTM(20), L.Dense(1, dtype="float32" if "mixed" in policy else None))
    finally:
        keras.config.set_dtype_policy(before)


@architecture("mixed_float16")
def _():
    return _in_policy("mixed_float16")


@architecture("mixed_bfloat16")
def _():
    return _in_policy("mixed_bfloat16")


@architecture("float64")
def _():
    return _in_policy("float64")


@architecture("names with spaces, a dict of inputs")
def _():
    inputs = {"z in": keras.Input((10, 4), name="z in"), "_a": keras.Input((3,), name="_a")}
    y = L.Concatenate()([L.LSTM(6, name="my layer")(inputs["z in"]), inputs["_a"]])
    return keras.Model(inputs, L.Dense(1, name="my answer")(y), name="my model")


@architecture("names of words: ids and counts")
def _():
    words, counts = keras.Input((None,), dtype="int32", name="ids"), keras.Input((4,), name="counts")
    y = L.LSTM(6)(L.Embedding(30, 5, mask_zero=True)(words))
    return keras.Model([words, counts], L.Dense(1, activation="sigmoid")(L.Concatenate()([y, L.Dense(3)(counts)])))


@architecture("Embedding, GaussianNoise, LSTM with dropout")
def _():
    return ids(L.GaussianNoise(0.1), L.LSTM(20, dropout=0.2, recurrent_dropout=0.2), L.Dense(1), length=20)
