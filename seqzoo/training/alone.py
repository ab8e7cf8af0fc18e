"""A process that trains by itself, in the form of `seqzoo.training.distributed.Workers`."""

import contextlib

from seqzoo.training.checkpoint import restore_checkpoint, save_checkpoint
from seqzoo.training.run_folder import RunFolder


class Alone:
    """What several workers would have to agree on, exchange and share is all its own."""

    strategy, count, index, replicas, chief, several = None, 1, 0, 1, True, False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def scope(self):
        return contextlib.nullcontext()

    def agree(self, arguments, data=None):
        pass

    def over_all(self, function, rows):
        return function(rows)

    def on_chief(self, function):
        return function()

    def run_folder(self, path, arguments):
        return RunFolder(path, arguments)

    def training(self, model):
        return AloneTraining(model)


class AloneTraining:
    """The steps and checkpoints of `seqzoo.training.fit.fit` in one process."""

    speaks = True

    def __init__(self, model):
        self.model = model
        # Keras builds optimizer slots at the first step; a checkpoint can only be restored into built ones
        # (keras-team/keras#19389).
        model.optimizer.build(model.trainable_variables)

    def restore(self, run):
        """The progress of the run's last checkpoint, None without one."""
        progress = restore_checkpoint(run.checkpoints, self.model) if run else None
        if progress is not None:
            progress.pop("replicas", None)  # of a run that several workers began
        return progress

    def save(self, run, progress):
        """A checkpoint of the run, if there is one."""
        if run:
            save_checkpoint(run.checkpoints, self.model, progress)

    def step(self, batches, rows, epoch, asked):
        """The loss of a step, float, and whether `asked()` says that it shall be the last."""
        inputs, targets = batches.batch(rows, epoch)
        self.model.reset_metrics()  # Keras would report the mean over all steps so far
        return float(self.model.train_on_batch(inputs, targets, return_dict=True)["loss"]), asked()
