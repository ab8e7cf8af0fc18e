import os

import keras
import numpy as np
import pytest

from seqzoo.training.fit import fit
from seqzoo.training.run_folder import RunFolder
from tests.training.networks import Silent, assert_same_state, batches, network, state

EPOCHS, EVERY = 2, 3  # 8 steps; checkpoints after 3, 4 (end of an epoch), 6, 8


def validate(model):
    return {"validation_loss": float(np.mean(model.predict_on_batch(batches().batch([0, 1, 2])[0])))}


@pytest.fixture(scope="module")
def whole():
    """State and history of a run that nothing interrupted."""
    model = network(seed=1)
    history = fit(model, batches(), EPOCHS, validate=validate, progress=Silent())
    return state(model), history


def test_history(whole):
    _, history = whole
    assert [list(figures) for figures in history] == [["epoch", "loss", "validation_loss"]] * EPOCHS
    assert [figures["epoch"] for figures in history] == [1, 2]
    assert len({figures["validation_loss"] for figures in history}) == EPOCHS


def test_checkpoints_change_nothing(whole, tmp_path):
    model = network(seed=1)
    history = fit(model, batches(), EPOCHS, RunFolder(tmp_path, {}), validate, EVERY, Silent())
    assert_same_state(state(model), whole[0])
    assert history == whole[1]
    assert sorted(os.listdir(tmp_path / "checkpoints")) == ["step-00000006.safetensors", "step-00000008.safetensors"]


@pytest.mark.parametrize("stops", [[1], [4], [5], [7], [4, 2, 2]])
def test_a_run_that_was_stopped_ends_as_if_it_was_not(whole, tmp_path, stops):
    for stop in stops:
        with pytest.raises(KeyboardInterrupt):
            fit(network(seed=1), batches(), EPOCHS, RunFolder(tmp_path, {}), validate, EVERY, Silent(stop))
    # Begun from another seed, where there is a checkpoint: all of it must come from there.
    model = network(seed=2 if max(stops) > EVERY else 1)
    progress = Silent()
    history = fit(model, batches(), EPOCHS, RunFolder(tmp_path, {}), validate, EVERY, progress)
    assert len(progress.steps) < 8 or max(stops) <= EVERY
    assert_same_state(state(model), whole[0])
    assert history == whole[1]


def test_a_run_stopped_while_it_validates_validates_again(whole, tmp_path):
    def interrupted(model):
        validate(model)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(network(seed=1), batches(), EPOCHS, RunFolder(tmp_path, {}), interrupted, EVERY, Silent())
    model = network(seed=2)
    assert fit(model, batches(), EPOCHS, RunFolder(tmp_path, {}), validate, EVERY, Silent()) == whole[1]
    assert_same_state(state(model), whole[0])


def test_a_finished_run_takes_no_further_step(whole, tmp_path):
    run = RunFolder(tmp_path, {})
    fit(network(seed=1), batches(), EPOCHS, run, validate, EVERY, Silent())
    model, progress = network(seed=2), Silent()
    assert fit(model, batches(), EPOCHS, run, validate, EVERY, progress) == whole[1]
    assert not progress.steps and not progress.epochs
    assert_same_state(state(model), whole[0])


def test_progress_is_told_every_step_and_epoch(whole):
    progress = Silent()
    history = fit(network(seed=1), batches(), EPOCHS, validate=validate, progress=progress)
    assert [step[:4] for step in progress.steps] == [(e, 2, s, 4) for e in (1, 2) for s in (1, 2, 3, 4)]
    assert progress.epochs == [(figures["epoch"], 2, figures) for figures in history]
    for epoch, figures in enumerate(history):
        assert progress.steps[4 * epoch + 3][4] == pytest.approx(figures["loss"], rel=1e-12)


def test_plain_gradient_descent_equals_numpy():
    """Logistic regression on two features, whose every step NumPy can take."""

    class Points:
        random = np.random.default_rng(0)
        x = random.normal(size=(6, 2)).astype(np.float32)
        y = np.array([0, 1, 1, 0, 1, 0], np.float32)[:, None]

        def __len__(self):
            return 3

        def rows(self, epoch):
            return np.roll(np.arange(6), epoch).reshape(3, 2)

        def batch(self, rows, epoch):
            return self.x[rows], self.y[rows]

    data = Points()
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
    weights, bias = (value.astype(np.float64) for value in model.get_weights())
    model.compile(keras.optimizers.SGD(0.5), loss="binary_crossentropy")
    history = fit(model, data, 2, progress=Silent())
    for epoch in range(2):
        losses = []
        for rows in data.rows(epoch):
            x, y = data.batch(rows, epoch)
            p = 1 / (1 + np.exp(-(x @ weights + bias)))
            losses.append(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))
            weights, bias = weights - 0.5 * x.T @ (p - y) / 2, bias - 0.5 * np.mean(p - y)
        assert history[epoch]["loss"] == pytest.approx(np.mean(losses), abs=1e-5)
    np.testing.assert_allclose(model.get_weights()[0], weights, atol=1e-5)
    np.testing.assert_allclose(model.get_weights()[1], [bias.item()], atol=1e-5)


def test_a_loss_that_is_not_finite_ends_the_run_and_reaches_no_checkpoint(tmp_path):
    model, data = network(seed=1), batches()
    data.labels[data.rows(0)[3]] = np.nan
    with pytest.raises(FloatingPointError, match="lower learning rate or a smaller clipping .* Received: nan at step 4"):
        fit(model, data, EPOCHS, RunFolder(tmp_path, {}), None, EVERY, Silent())
    assert sorted(os.listdir(tmp_path / "checkpoints")) == ["step-00000003.safetensors"]


@pytest.mark.parametrize("every", [0, -5])
def test_steps_between_checkpoints(every):
    with pytest.raises(ValueError, match=f"`checkpoint_every` must be at least 1. Received: {every}"):
        fit(network(), batches(), 1, checkpoint_every=every, progress=Silent())
