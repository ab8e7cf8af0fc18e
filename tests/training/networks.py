"""Small networks and data for the training tests."""

import keras
import numpy as np

from seqzoo.layers.word_dropout import WordDropout
from seqzoo.training.batches import LengthBatches

WORDS = 12


def batches(count=18, batch_size=4, seed=5):
    """4 batches an epoch, of 16 steps; the label says whether the last word is an even one."""
    random = np.random.default_rng(0)
    sequences = [random.integers(2, WORDS, random.integers(1, 16)).astype(np.int32) for _ in range(count)]
    labels = [sequence[-1] % 2 for sequence in sequences]
    return LengthBatches(sequences, labels, batch_size, seed, multiple=16, pool=2)


def network(seed=0, units=3, steps=8):
    """A compiled classifier with every kind of state: dropouts, a warm-up, a decay, moments.

    Eager, because tracing takes longer than its few steps.
    """
    inputs = keras.Input((None,), dtype="int32")
    x = WordDropout(0.2, seed=seed)(inputs)
    uniform = keras.initializers.RandomUniform(-1, 1, seed=seed)
    x = keras.layers.Embedding(WORDS, units, embeddings_initializer=uniform)(x)
    x = keras.layers.SpatialDropout1D(0.2, seed=seed)(x)
    x = keras.layers.Dropout(0.2, seed=seed)(keras.ops.tanh(keras.ops.sum(x, axis=1)))
    model = keras.Model(inputs, keras.layers.Dense(1, "sigmoid", kernel_initializer=uniform)(x))
    rate = keras.optimizers.schedules.CosineDecay(0.0, steps - 2, warmup_target=0.1, warmup_steps=2)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=0.01, global_clipnorm=0.1)
    model.compile(optimizer, loss="binary_crossentropy", run_eagerly=True)
    return model


def state(model):
    """Every variable that decides what comes next: weights, seeds of dropout, moments, step count."""
    return [np.array(variable.value) for variable in (*model.variables, *model.optimizer.variables)]


def assert_same_state(one, other):
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


class Silent:
    """A `Progress` that notes what it is told, and stops the run after a step or an epoch as a signal would."""

    def __init__(self, stop_after_step=None):
        self.steps, self.epochs, self.stop_after_step = [], [], stop_after_step

    def step(self, epoch, epochs, step, steps, loss):
        self.steps.append((epoch, epochs, step, steps, loss))
        if len(self.steps) == self.stop_after_step:
            raise KeyboardInterrupt

    def epoch(self, epoch, epochs, figures):
        self.epochs.append((epoch, epochs, dict(figures)))
