"""Training on several devices and machines: `tf.distribute` with a step of our own, the loop and the run folders that one has."""

from seqzoo.training.distributed.start import KINDS, distribute, mirrored, multiworker
from seqzoo.training.distributed.watch import WorkerLost

__all__ = ["KINDS", "WorkerLost", "distribute", "mirrored", "multiworker"]
