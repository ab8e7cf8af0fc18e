"""Cells, layers and models of one's own, as people write them."""

import keras

L = keras.layers


@keras.saving.register_keras_serializable("export_table")
class MinimalCell(L.Layer):
    """h' = tanh(W x + U h): the cell of Keras's guide."""

    def __init__(self, units, **options):
        super().__init__(**options)
        self.units = self.state_size = units

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], self.units), name="kernel")
        self.recurrent_kernel = self.add_weight(shape=(self.units, self.units), name="recurrent_kernel", initializer="orthogonal")

    def call(self, inputs, states):
        hidden = keras.ops.tanh(keras.ops.matmul(inputs, self.kernel) + keras.ops.matmul(states[0], self.recurrent_kernel))
        return hidden, [hidden]


@keras.saving.register_keras_serializable("export_table")
class ProjectedCell(L.Layer):
    """An LSTM whose output is a projection: its first state is not its output."""

    def __init__(self, units, size, **options):
        super().__init__(**options)
        self.cell, self.project = L.LSTMCell(units), L.Dense(size, use_bias=False)
        self.state_size, self.output_size = self.cell.state_size, size

    def build(self, shape):
        self.cell.build(shape)
        self.project.build((None, self.cell.units))

    def call(self, inputs, states):
        hidden, states = self.cell(inputs, states)
        return self.project(hidden), states


@keras.saving.register_keras_serializable("export_table")
class NormedCell(L.Layer):
    """An RNN with LayerNormalization of its state."""

    def __init__(self, units, **options):
        super().__init__(**options)
        self.cell, self.norm, self.state_size = L.SimpleRNNCell(units, activation=None), L.LayerNormalization(), units

    def build(self, shape):
        self.cell.build(shape)
        self.norm.build((None, self.state_size))

    def call(self, inputs, states):
        hidden = keras.ops.tanh(self.norm(self.cell(inputs, states)[0]))
        return hidden, [hidden]


class Sampling(L.Layer):
    """A draw from a normal distribution, in inference too."""

    def call(self, x):
        return x + keras.random.normal(keras.ops.shape(x))


class Feedback(keras.Model):
    """Reads a sequence, then feeds every answer back: TensorFlow's tutorial of time series."""

    def __init__(self, units, ahead, features):
        super().__init__()
        self.ahead, self.cell = ahead, L.LSTMCell(units)
        self.warm_up, self.dense = L.RNN(self.cell, return_state=True), L.Dense(features)

    def call(self, inputs, training=None):
        x, *states = self.warm_up(inputs)
        answers = [self.dense(x)]
        for _ in range(1, self.ahead):
            x, states = self.cell(answers[-1], states)
            answers.append(self.dense(x))
        return keras.ops.stack(answers, axis=1)


class Classifier(keras.Model):
    """A subclassed model of one input."""

    def __init__(self, answers=None):
        super().__init__()
        self.embedding, self.over, self.dense = L.Embedding(30, 6, mask_zero=True), L.LSTM(6), L.Dense(2)
        self.answers = answers

    def call(self, ids):
        y = self.dense(self.over(self.embedding(ids)))
        return {name: y for name in self.answers} if self.answers else y
