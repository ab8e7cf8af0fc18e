"""What `seqzoo.training.fit.fit` does otherwise where several workers train: its steps and its checkpoints."""

import warnings

import numpy as np
from keras import ops

from seqzoo.training.checkpoint import restore_checkpoint, save_checkpoint
from seqzoo.training.distributed.step import DistributedStep


class DistributedTraining:
    """The steps and the state of a model that several workers train; the chief alone reads and writes checkpoints.

    A checkpoint is that of one process with the whole batch, row variables with the rows of all replicas one after the other: a
    run may go on with another number of workers, and then ends with the same weights unless it has dropout.

    Args:
        model: compiled `keras.Model`, made within `workers.scope()`.
        workers: `seqzoo.training.distributed.Workers`.
    """

    def __init__(self, model, workers):
        self.model, self.workers = model, workers
        with workers.scope():
            model.optimizer.build(model.trainable_variables)
        self._step = DistributedStep(model, workers)
        self.speaks = workers.chief

    @property
    def traffic(self):
        """Bytes that a replica gives to the reductions of a step, `{"dense", "sparse"}`; after the first step."""
        return self._step.traffic

    def step(self, batches, rows, epoch, asked):
        """See `DistributedStep.step`."""
        return self._step.step(batches, rows, epoch, asked)

    def save(self, run, progress):
        """A checkpoint of the run, if there is one."""
        if run:
            held, state = self._step.whole_rows(), progress | {"replicas": self.workers.replicas}
            # The others wait: whoever ended before it is written would be missed in the midst of it.
            self.workers.on_chief(lambda: save_checkpoint(run.checkpoints, self.model, state, held))

    def restore(self, run):
        """Every worker takes over what the chief has: its last checkpoint, or where it begins. The progress, or None."""
        held = self._step.whole_rows()
        progress = self.workers.on_chief(lambda: run and restore_checkpoint(run.checkpoints, self.model, held))
        variables = [v for v in (*self.model.variables, *self.model.optimizer.variables) if id(v) not in held]
        # Not np.ascontiguousarray, which makes a vector of a scalar.
        values = [np.asarray(ops.convert_to_numpy(v.value), order="C") for v in variables]
        values += [held[id(v)] for v in self._step.row_variables]
        given = np.frombuffer(self.workers.broadcast(b"".join(value.tobytes() for value in values)), np.uint8)
        at = 0
        for n, value in enumerate(values):
            values[n] = given[at : at + value.nbytes].view(value.dtype).reshape(value.shape)
            at += value.nbytes
        if not self.workers.chief:
            for variable, value in zip(variables, values, strict=False):
                variable.assign(value)
        self._step.take_rows({id(v): value for v, value in zip(self._step.row_variables, values[len(variables) :], strict=True)})
        return self._checked(progress)

    def _checked(self, progress):
        before = (progress or {}).pop("replicas", None if progress is None else 1)
        if before not in (None, self.workers.replicas) and self._step.seeds and self.workers.chief:
            warnings.warn(
                f"The run goes on with another number of replicas, {self.workers.replicas} instead of {before}: dropout draws "
                f"other masks from step {progress['step']} on",
                stacklevel=4,
            )
        return progress
