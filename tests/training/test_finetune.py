"""Fine-tuning: rates by depth, thawing, misleading embeddings."""

import keras
import numpy as np
import pytest

from seqzoo.training.adversarial import AdversarialTraining
from seqzoo.training.discriminative import DiscriminativeAdamW, depths_of
from seqzoo.training.finetune import prepare
from tests import tiny
from tests.training.networks import WORDS, batches


def network(classes=2, dropout=0.0):
    ids = keras.Input((None,), dtype="int32")
    uniform = keras.initializers.RandomUniform(-1, 1, seed=1)
    x = keras.layers.Embedding(WORDS, 4, embeddings_initializer=uniform, name="embedding")(ids)
    x = keras.layers.Dropout(dropout, seed=1)(x)
    x = keras.layers.Dense(3, "tanh", kernel_initializer=uniform, name="middle")(x)
    x = keras.ops.sum(x * keras.ops.cast(ids != 0, "float32")[..., None], axis=1)
    several = classes > 2
    last = keras.layers.Dense(
        classes if several else 1, "softmax" if several else "sigmoid", kernel_initializer=uniform, name="last"
    )
    return keras.Model(ids, last(x))


def moved(model, trained, steps):
    """How far each layer's first weight moved, the largest entry, in each of some steps."""
    found = []
    for step in range(steps):
        before = {name: model.get_layer(name).get_weights()[0] for name in ("embedding", "middle", "last")}
        trained.train_on_batch(*batches().batch([step % 4, 5, 6, 7]))
        found.append({n: np.abs(model.get_layer(n).get_weights()[0] - w).max() for n, w in before.items()})
    return found


def compiled(model, **options):
    optimizer = DiscriminativeAdamW(0.01, depths_of(model), weight_decay=0.0, **options)
    model.compile(optimizer, "binary_crossentropy", run_eagerly=True)
    return model


def test_depths_count_from_the_output():
    assert depths_of(network()) == {"last": 0, "middle": 1, "embedding": 2}


def test_deeper_layers_learn_slower():
    for depth, name in enumerate(("last", "middle", "embedding")):
        plain, decayed = network(), network()
        plain.compile(keras.optimizers.AdamW(0.01 / 2**depth, weight_decay=0.0), "binary_crossentropy", run_eagerly=True)
        (expected,), (found,) = moved(plain, plain, 1), moved(decayed, compiled(decayed, decay=2.0), 1)
        assert found[name] == pytest.approx(expected[name], rel=1e-3) and found[name] > 0


def test_deeper_layers_rest_longer():
    model = network()
    steps = moved(model, compiled(model, thaw_steps=2), 5)
    rests = {name: [step[name] == 0 for step in steps] for name in steps[0]}
    assert rests == {"last": [False] * 5, "middle": [True] * 2 + [False] * 3, "embedding": [True] * 4 + [False]}


def test_bad_rates_and_unknown_layers():
    with pytest.raises(ValueError, match="`decay` must be at least 1 .*Received: 0.5 and 0"):
        DiscriminativeAdamW(depths={}, decay=0.5)
    with pytest.raises(ValueError, match="must name every layer with weights. Received: none for embedding, middle"):
        DiscriminativeAdamW(depths={"last": 0}).build(network().trainable_variables)


def test_optimizer_config_comes_back():
    one = DiscriminativeAdamW(0.5, {"last": 0}, 2.0, 3, clipnorm=1.0)
    again = DiscriminativeAdamW.from_config(one.get_config())
    assert (again.depths, again.decay, again.thaw_steps, again.clipnorm) == ({"last": 0}, 2.0, 3, 1.0)


def test_embeddings_move_where_the_loss_grows_and_so_far():
    model = network()
    training = AdversarialTraining(model, 0.5)
    training.compile(keras.optimizers.SGD(0.0), "binary_crossentropy", run_eagerly=True)
    ids, labels = batches().batch([0, 1, 2, 3])
    embedded = keras.ops.convert_to_numpy(training.before(ids))
    towards = np.random.default_rng(0).normal(size=embedded.shape).astype("float32")
    move = keras.ops.convert_to_numpy(training._move(ids, embedded, towards))
    assert not move[ids == 0].any()  # padding stays
    for row, (words, step) in enumerate(zip(ids, move, strict=True)):
        mean = np.linalg.norm(embedded[row][words != 0], axis=-1).mean()
        assert np.linalg.norm(step) == pytest.approx(0.5 * mean, rel=1e-5)
        along = towards[row] * (words != 0)[:, None]
        assert np.vdot(step, along) == pytest.approx(np.linalg.norm(step) * np.linalg.norm(along), rel=1e-5)


def test_vectors_of_pairs_stay():
    model = tiny.model(pairs=["it became", "boring at"])
    training = AdversarialTraining(model.network, 0.5)
    ids = np.array([model.vocabulary.encode("it became boring at the end")])
    vectors = [model.tensors()[f"{name}/embeddings"] for name in ("embedding", "bigrams")]
    expected = np.concatenate([vectors[0][ids], vectors[1][[[0, 2, 0, 1, 0, 0]]]], axis=-1)
    np.testing.assert_array_equal(training.before(ids), expected)
    move = np.asarray(training._move(ids, expected, np.ones_like(expected)))
    assert move[..., :4].all() and not move[..., 4:].any()
    np.testing.assert_allclose(training.rest([ids, expected])[:, 0], model.predict(["it became boring at the end"]), atol=1e-6)


def test_a_step_follows_the_gradients_of_both_losses():
    import tensorflow as tf

    model, reference = network(), network()
    training = AdversarialTraining(model, 0.5)
    training.compile(keras.optimizers.SGD(1.0), "binary_crossentropy", run_eagerly=True)
    ids, labels = batches().batch([0, 1, 2, 3])
    binary = keras.losses.BinaryCrossentropy()
    table = reference.get_layer("embedding").embeddings

    def tail(embedded):
        x = reference.get_layer("middle")(embedded)
        x = keras.ops.sum(x * keras.ops.cast(ids != 0, "float32")[..., None], axis=1)
        return reference.get_layer("last")(x)

    with tf.GradientTape(persistent=True) as tape:
        embedded = tf.gather(tf.convert_to_tensor(table), ids)
        tape.watch(embedded)
        loss = binary(labels, tail(embedded))
    towards = tape.gradient(loss, embedded).numpy() * (ids != 0)[..., None]
    lengths = np.linalg.norm(embedded.numpy(), axis=-1) * (ids != 0)
    mean = lengths.sum(1) / (ids != 0).sum(1)
    move = 0.5 * mean[:, None, None] * towards / np.sqrt((towards**2).sum((1, 2), keepdims=True))
    with tf.GradientTape() as second:
        misled = binary(labels, tail(tf.gather(tf.convert_to_tensor(table), ids) + move))
    kernel = reference.get_layer("middle").kernel
    expected = kernel.numpy() - tape.gradient(loss, kernel.value).numpy() - second.gradient(misled, kernel.value).numpy()
    assert misled > loss
    training.train_on_batch(ids, labels)
    np.testing.assert_allclose(model.get_layer("middle").get_weights()[0], expected, atol=1e-5)


@pytest.mark.parametrize("classes, adversarial", [(2, 0.3), (3, 0.0)])
def test_prepared_networks_learn(classes, adversarial):
    model, data = network(classes), batches()
    trained = prepare(model, 60, 0.1, decay=1.5, thaw_steps=2, adversarial=adversarial)
    labels = data.labels.astype(int) + (classes - 2) * (np.arange(len(data.labels)) % 2)
    losses = []
    for _ in range(60):
        ids, _ = data.batch([0, 1, 2, 3])
        losses.append(float(trained.train_on_batch(ids, labels[:4, None], return_dict=True)["loss"]))
        trained.reset_metrics()
    assert losses[-1] < 0.5 * losses[0]
    assert trained.optimizer.learning_rate < 1e-3  # the cosine has come down


@pytest.mark.parametrize("strength", [0, -1, True, "1", float("inf")])
def test_bad_strength(strength):
    with pytest.raises(ValueError, match="`strength` must be a finite number above 0. Received: "):
        AdversarialTraining(network(), strength)


def test_adversarial_training_says_which_backend_it_needs(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(NotImplementedError, match="needs the TensorFlow backend. Received: jax"):
        AdversarialTraining(network(), 0.5)
