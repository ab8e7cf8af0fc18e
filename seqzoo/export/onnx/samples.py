"""Inputs that a file is checked with: dicts of arrays by name, of several batches and lengths."""

import numpy as np

from seqzoo.export.tflite.padding import padded
from seqzoo.export.tflite.samples import given_inputs, sample_inputs
from seqzoo.tasks.task import Task

ROWS = 3  # a batch of it is among the samples


def samples_for(source, samples=None):
    """Made-up inputs, with padding where the network makes a mask, and those that the caller gave; some in a batch.

    Raises:
        TypeError, ValueError: for samples that do not fit the model's inputs, or none where they are needed.
    """
    plain = source._replace(task=Task())  # arrays, not the raw input of a task
    if samples is not None:
        found = given_inputs(plain, samples, None)
    else:
        try:
            found = sample_inputs(plain, None)
        except ValueError as error:
            raise ValueError(str(error).replace("`calibration` samples", "`samples`")) from None
    found += padded(plain, found)
    return found + [_rows(found[0]), _rows(found[-1])]


def _rows(sample):
    """A batch of rows that differ: the sample, and the sample read from behind."""
    return {
        name: np.concatenate([value, value[:, ::-1] if value.ndim > 1 else value, value][:ROWS]) for name, value in sample.items()
    }
