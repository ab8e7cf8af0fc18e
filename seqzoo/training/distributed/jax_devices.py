"""Training with the JAX backend on several devices: `keras.distribution.DataParallel`, JAX's way of `tf.distribute`."""

import os

import keras

from seqzoo.training.alone import Alone, AloneTraining
from seqzoo.training.batches import share_of


def data_parallel(several=False, devices=None):
    """Share the rows of every batch out among devices; variables are the same on all.

    JAX computes as if there was one device with the whole batch: dropout, states and losses are those of one.

    Args:
        several: whether several processes train; `keras.distribution.initialize` finds them by KERAS_DISTRIBUTION_JOB_ADDRESSES,
            KERAS_DISTRIBUTION_NUM_PROCESSES and KERAS_DISTRIBUTION_PROCESS_ID.
        devices: list of names such as "cpu:0"; None for all there are.

    Returns:
        `JaxWorkers`, a context manager.

    Raises:
        NotImplementedError: another backend. ValueError: `several` without these variables.
    """
    if keras.backend.backend() != "jax":
        raise NotImplementedError(f"`data_parallel` needs KERAS_BACKEND=jax. Received: {keras.backend.backend()}")
    if several:
        names = [f"KERAS_DISTRIBUTION_{name}" for name in ("JOB_ADDRESSES", "NUM_PROCESSES", "PROCESS_ID")]
        missing = [name for name in names if not os.environ.get(name)]
        if missing:
            raise ValueError(f"With JAX the workers are named by {', '.join(names)}. Received: no {', '.join(missing)}")
        keras.distribution.initialize()
    return JaxWorkers(keras.distribution.DataParallel(devices=devices, auto_shard_dataset=False))


class JaxWorkers(Alone):
    """`Alone` on several devices, and where `keras.distribution.initialize` was called, on those of several processes.

    Workers do not compare packages, arguments and data, and JAX's own service ends a process whose fellow is gone.
    """

    def __init__(self, distribution):
        import jax

        self.distribution = distribution
        self.count, self.index = jax.process_count(), jax.process_index()
        self.chief = self.index == 0

    def __enter__(self):
        self._before = keras.distribution.distribution()
        keras.distribution.set_distribution(self.distribution)
        return self

    def __exit__(self, *_):
        keras.distribution.set_distribution(self._before)

    def run_folder(self, path, arguments):
        """As `Alone.run_folder`; raises ValueError for several processes, whose checkpoints nobody keeps in step."""
        if self.count > 1:
            raise ValueError(
                f"With JAX a run folder needs one process; see docs, Several machines. Received: {self.count} processes"
            )
        return super().run_folder(path, arguments)

    def training(self, model):
        return _JaxTraining(model, self)


class _JaxTraining(AloneTraining):
    def __init__(self, model, workers):
        super().__init__(model)
        self.workers, self.speaks = workers, workers.chief

    def step(self, batches, rows, epoch, asked):
        if self.workers.count == 1:
            return super().step(batches, rows, epoch, asked)
        inputs, targets = share_of(batches, rows, epoch, self.workers.index, self.workers.count)
        self.model.reset_metrics()
        return float(self.model.train_on_batch(inputs, targets, return_dict=True)["loss"]), asked()
