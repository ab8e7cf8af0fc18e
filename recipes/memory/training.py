"""Small networks on tasks that need a long memory: equal parameter counts, and training as fast as XLA makes it."""

import math

import keras
import numpy as np
import tensorflow as tf

from seqzoo import GRU, LSTM, RNN

LAYERS = {"rnn": RNN, "lstm": LSTM, "gru": GRU}
COMPILED = True  # by XLA: the tests, of a few steps, do without
CHUNK = 50  # steps in one call: at this size the way from Python to XLA costs more than the step


def count_parameters(cell, units, task):
    """Trained values of `build_network`."""
    gates, biases = {"rnn": (1, 1), "lstm": (4, 1), "gru": (3, 2)}[cell]
    return gates * units * (task.features + units + biases) + (units + 1) * task.outputs


def units_for(cell, parameters, task):
    """The number of units with which a network has as close to `parameters` values as can be."""
    return min(range(1, math.isqrt(parameters) + 2), key=lambda units: abs(count_parameters(cell, units, task) - parameters))


def build_network(cell, units, task, seed, **options):
    """One recurrent layer and one linear one, read at the task's last steps; logits for classes."""
    inputs = keras.Input((None, task.features))
    layer = LAYERS[cell](
        units,
        return_sequences=task.answers > 1,
        kernel_initializer=keras.initializers.GlorotUniform(seed),
        recurrent_initializer=options.pop("recurrent_initializer", None) or keras.initializers.Orthogonal(seed=seed + 1),
        name=cell,
        **options,
    )
    hidden = layer(inputs)
    hidden = hidden[:, -task.answers :] if task.answers > 1 else hidden
    head = keras.layers.Dense(task.outputs, kernel_initializer=keras.initializers.GlorotUniform(seed + 2))
    return keras.Model(inputs, head(hidden))


def loss_of(task):
    """The Keras loss of (targets, outputs)."""
    if task.measure == "accuracy":
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return keras.losses.MeanSquaredError()


class Trainer:
    """Trains a network on ever new sequences, so that what a step measures is what a test would.

    Args:
        network: from `build_network`.
        task: `MemoryTask`.
        span, batch: of the sequences.
        clip: greatest norm of the whole gradient, or None.
        optimizer: Keras optimizer; Adam when None.
    """

    def __init__(self, network, task, span, batch=32, clip=1.0, optimizer=None):
        self.network, self.task, self.span, self.batch = network, task, span, batch
        self.optimizer = optimizer or keras.optimizers.Adam()
        self.optimizer.build(network.trainable_variables)
        self.clip = clip
        self.loss = loss_of(task)
        self._run = tf.function(self._steps, jit_compile=COMPILED)

    def start(self, weights, learning_rate, seed):
        """Begin anew from these weights; the compiled step is kept."""
        self.network.set_weights(weights)
        for variable in self.optimizer.variables:
            variable.assign(tf.zeros_like(variable.value))
        self.optimizer.learning_rate = learning_rate
        self.rng = np.random.default_rng(seed)

    def chunk(self):
        """Train `CHUNK` steps; gives loss, measure and norm of the gradient of each, float32 `[CHUNK]`."""
        made = [self.task.make(self.rng, self.batch, self.span) for _ in range(CHUNK)]
        inputs, targets = (np.stack(part) for part in zip(*made, strict=True))
        return [figures.numpy() for figures in self._run(inputs, targets)]

    def _steps(self, inputs, targets):
        return tf.scan(lambda _, batch: self._step(*batch), (inputs, targets), initializer=3 * (tf.zeros(()),))

    def _step(self, inputs, targets):
        with tf.GradientTape() as tape:
            outputs = self.network(inputs, training=True)
            loss = self.loss(targets, outputs)
        variables = self.network.trainable_variables
        gradients = tape.gradient(loss, [variable.value for variable in variables])
        norm = tf.linalg.global_norm(gradients)
        if self.clip is not None:
            gradients, _ = tf.clip_by_global_norm(gradients, self.clip, norm)
        self.optimizer.apply(gradients, variables)
        if self.task.measure == "accuracy":
            right = tf.argmax(outputs, axis=-1, output_type=tf.int32) == targets
            return loss, tf.reduce_mean(tf.cast(right, tf.float32)), norm
        return loss, loss, norm


def is_solved(task, measures):
    """Whether the mean of these measures reaches what the task asks for."""
    mean = float(np.mean(measures))
    return mean >= task.solved if task.measure == "accuracy" else mean <= task.solved
