"""The estimated loss against its definition, one word at a time."""

import keras
import numpy as np
import pytest
from keras import ops

from seqzoo.layers.sampled_softmax import SampledSoftmax

tf = pytest.importorskip("tensorflow")
HEAD, VOCABULARY, SIZE = 5, 20, 4


@pytest.fixture
def given():
    random = np.random.default_rng(0)
    return {
        "hidden": random.normal(size=(2, 6, SIZE)).astype("float32"),
        "targets": np.array([[0, 4, 5, 9, 9, 19], [12, 3, 5, 7, 7, 1]], "int32"),
        "drawn": np.array([5, 9, 9, 17, 12, 6], "int32"),  # some are targets, one is drawn twice
        "log_expected": random.normal(size=6).astype("float32"),
        "embedding": random.normal(size=(VOCABULARY, SIZE)).astype("float32"),
        "bias": random.normal(size=VOCABULARY).astype("float32"),
    }


def by_definition(hidden, targets, drawn, log_expected, embedding, bias):
    losses = np.zeros(targets.shape)
    for place, target in np.ndenumerate(targets):
        logits = embedding.astype(float) @ hidden[place] + bias
        rivals = [logits[word] for word in range(HEAD)]
        rivals += [logits[w] - log_expected[n] for n, w in enumerate(drawn) if w != target or target < HEAD]
        if target >= HEAD:
            rivals.append(logits[target])
        losses[place] = np.log(np.exp(rivals).sum()) - logits[target]
    return losses


def test_loss_is_its_definition(given):
    np.testing.assert_allclose(SampledSoftmax(HEAD)(**given), by_definition(**given), atol=1e-5)


def test_portable_form_gives_the_same(given, monkeypatch):
    compiled = ops.convert_to_numpy(SampledSoftmax(HEAD)(**given))
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    np.testing.assert_allclose(SampledSoftmax(HEAD)(**given), compiled, atol=1e-5)


@pytest.mark.parametrize("name", ["hidden", "embedding", "bias"])
def test_gradient_is_the_finite_difference(given, name):
    weights = np.random.default_rng(1).normal(size=given["targets"].shape)
    tensors = {key: tf.constant(value) for key, value in given.items()}
    with tf.GradientTape() as tape:
        tape.watch(tensors[name])
        total = tf.reduce_sum(SampledSoftmax(HEAD)(**tensors) * weights)
    gradient = tf.convert_to_tensor(tape.gradient(total, tensors[name])).numpy()

    def at(place, step):
        moved = given[name].astype(float)
        moved[place] += step
        return (by_definition(**{**given, name: moved}) * weights).sum()

    expected = np.array([(at(p, 1e-5) - at(p, -1e-5)) / 2e-5 for p in np.ndindex(gradient.shape)])
    np.testing.assert_allclose(gradient.ravel(), expected, atol=1e-4)


def test_estimate_meets_the_full_softmax_when_enough_is_drawn():
    random = np.random.default_rng(2)
    hidden = random.normal(size=(1, 50, SIZE)).astype("float32")
    targets = random.integers(0, VOCABULARY, (1, 50)).astype("int32")
    embedding, bias = random.normal(size=(VOCABULARY, SIZE)).astype("float32"), np.zeros(VOCABULARY, "float32")
    share = np.full(VOCABULARY - HEAD, 1 / (VOCABULARY - HEAD))
    drawn = random.integers(HEAD, VOCABULARY, 60000).astype("int32")
    log_expected = np.log(60000 * share)[drawn - HEAD].astype("float32")
    estimate = SampledSoftmax(HEAD)(hidden, targets, drawn, log_expected, embedding, bias)
    logits = hidden[0] @ embedding.T
    full = np.log(np.exp(logits).sum(-1)) - logits[np.arange(50), targets[0]]
    # A draw that is the target doesn't count, its own column does: so the estimate is unbiased but for noise.
    np.testing.assert_allclose(ops.convert_to_numpy(estimate)[0], full, atol=0.05)
