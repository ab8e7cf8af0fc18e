"""A training loop whose every step is a function of the step number, so that it can go on exactly."""

import contextlib
import io
import math

from seqzoo.training.alone import Alone
from seqzoo.training.interrupt import Interrupt
from seqzoo.training.progress import Progress


def fit(model, batches, epochs, run=None, validate=None, checkpoint_every=200, progress=None, workers=None):
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
        workers: `seqzoo.training.distributed.Workers` that train together; None for this process alone. They take equal shares
            of every batch; all of them call `validate`, the chief alone writes.

    Returns:
        history: a list with one dict of figures per epoch.

    Raises:
        KeyboardInterrupt: after Ctrl-C, once the step at hand has ended and its checkpoint is written.
        FloatingPointError: when the loss is no longer finite; the last checkpoint is from before.
        ValueError: for steps between checkpoints below 1.
    """
    if checkpoint_every < 1:
        raise ValueError(f"`checkpoint_every` must be at least 1. Received: {checkpoint_every!r}")
    workers = workers or Alone()
    training = workers.training(model)
    state = training.restore(run) or {"step": 0, "loss": 0.0, "history": []}
    steps = len(batches)
    interrupt, alone = Interrupt(), not workers.several
    interrupt.safe = alone  # several workers stop together, after the same step
    shown = contextlib.nullcontext(progress) if progress else Progress(None if training.speaks else io.StringIO())
    with shown as progress, interrupt:

        def keep():
            training.save(run, state)
            interrupt.safe, interrupt.keep = alone, None

        while True:
            epoch, first = divmod(state["step"], steps)
            if epoch > len(state["history"]):  # its steps are done, its figures are not
                if workers.several:  # an interrupt of one could not wait for the others to keep it
                    keep()
                try:
                    interrupt.safe, interrupt.keep = alone, keep if alone else None
                    figures = {"epoch": epoch, "loss": state["loss"] / steps} | (validate(model) if validate else {})
                except KeyboardInterrupt:
                    if alone:
                        keep()
                    raise
                interrupt.safe, interrupt.keep = False, None
                state["history"].append(figures)
                state["loss"] = 0.0
                progress.epoch(epoch, epochs, figures)
                keep()
                if alone and interrupt.asked:
                    raise KeyboardInterrupt
            if epoch >= epochs:
                return state["history"]
            rows = batches.rows(epoch)
            for index in range(first, steps):
                interrupt.safe = interrupt.safe and index == first  # the first step compiles, which can take long
                loss, asked = training.step(batches, rows[index], epoch, lambda: interrupt.asked)
                interrupt.safe = False
                if not math.isfinite(loss):
                    raise FloatingPointError(
                        "The loss must stay finite: a lower learning rate or a smaller clipping norm may help. "
                        f"Received: {loss} at step {state['step'] + 1}"
                    )
                state["loss"] += loss
                state["step"] += 1
                progress.step(epoch + 1, epochs, index + 1, steps, state["loss"] / (index + 1))
                asked = asked or (alone and interrupt.asked)
                if asked or (run and state["step"] % checkpoint_every == 0 and index + 1 < steps):
                    keep()
                if asked:
                    raise KeyboardInterrupt
