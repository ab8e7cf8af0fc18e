"""What a card states of a .tflite file, whatever its task. Imports no TensorFlow."""

import importlib.util

import numpy as np

from seqzoo.tasks.task import NotMadeError

KNOWN = ("target", "quantization", "form", "measured_error", "bytes")  # of a row, from the sidecar
RUNTIME = "ai_edge_litert"


def need_runtime():
    """Raises NotMadeError where .tflite files cannot be run."""
    if importlib.util.find_spec(RUNTIME) is None:
        raise NotMadeError("not run; pip install 'seqzoo[mobile]' for it")


def row_of(runner, seconds, **figures):
    """A file's row on the card: what its sidecar says of it, the median of `seconds` a call, and `figures`."""
    known = {key: runner.sidecar[key] for key in KNOWN}
    return known | {"milliseconds": round(1000 * float(np.median(seconds)), 3)} | figures
