"""A training loop whose every step is a function of the step number, so that it can go on exactly."""

import contextlib
import math

from seqzoo.training.checkpoint import restore_checkpoint, save_checkpoint
from seqzoo.training.progress import Progress


def fit(model, batches, epochs, run=None, validate=None, checkpoint_every=200, progress=None):
    """Train a compiled model; continue exactly where `run` stopped.

    A run that is killed and started again ends with the same weights as one that was not: the checkpoint
    holds weights, optimizer (with its step count, which decides the learning rate), dropout's seed states
    and the history; the order of the data is a function of the seed and the epoch.

    Args:
        model: compiled `keras.Model`.
        batches: has `len()`, `rows(epoch)` and `batch(rows, epoch)` like `LengthBatches`.
        epochs: number of passes.
        run: `RunFolder` for checkpoints, or None to keep nothing.
        validate: function of the model giving a dict of figures, called after every epoch.
        checkpoint_every: steps between checkpoints.
        progress: `Progress`, made when None.

    Returns:
        history: a list with one dict of figures per epoch.

    Raises:
        FloatingPointError: when the loss is no longer finite; the last checkpoint is from before.
        ValueError: for steps between checkpoints below 1.
    """
    if checkpoint_every < 1:
        raise ValueError(f"`checkpoint_every` must be at least 1. Received: {checkpoint_every!r}")
    # Keras builds optimizer slots at the first step; a checkpoint can only be restored into built ones
    # (keras-team/keras#19389).
    model.optimizer.build(model.trainable_variables)
    state = restore_checkpoint(run.checkpoints, model) if run else None
    state = state or {"step": 0, "loss": 0.0, "history": []}
    steps = len(batches)
    with contextlib.nullcontext(progress) if progress else Progress() as progress:
        while state["step"] < epochs * steps:
            epoch, first = divmod(state["step"], steps)
            rows = batches.rows(epoch)
            for index in range(first, steps):
                loss = _train_step(model, *batches.batch(rows[index], epoch))
                if not math.isfinite(loss):
                    raise FloatingPointError(
                        "The loss must stay finite: a lower learning rate or a smaller clipping norm may help. "
                        f"Received: {loss} at step {state['step'] + 1}"
                    )
                state["loss"] += loss
                state["step"] += 1
                progress.step(epoch + 1, epochs, index + 1, steps, state["loss"] / (index + 1))
                if index + 1 == steps:
                    figures = {"epoch": epoch + 1, "loss": state["loss"] / steps}
                    figures.update(validate(model) if validate else {})
                    state["history"].append(figures)
                    state["loss"] = 0.0
                    progress.epoch(epoch + 1, epochs, figures)
                if run and (state["step"] % checkpoint_every == 0 or index + 1 == steps):
                    save_checkpoint(run.checkpoints, model, state)
    return state["history"]


def _train_step(model, inputs, targets):
    model.reset_metrics()  # Keras would report the mean over all steps so far
    return float(model.train_on_batch(inputs, targets, return_dict=True)["loss"])
