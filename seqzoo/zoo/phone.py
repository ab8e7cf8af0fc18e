"""The .tflite files in a model's folder: their answers, compared with the golden ones."""

import numpy as np

from seqzoo.tasks.phone import need_runtime
from seqzoo.zoo.integrity import ModelIntegrityError


def check_answers(path, golden):
    """(True, how far a phone file's answers are from the golden ones).

    Forecasts are compared as shares of each column's greatest value.

    Raises:
        ModelIntegrityError: if that is more than its sidecar allows.
        NotMadeError: where .tflite files cannot be run.
    """
    need_runtime()
    from seqzoo.export import TFLiteRunner

    runner = TFLiteRunner(path)
    answers, expected, scale = runner(golden["inputs"]), np.asarray(golden["outputs"]), 1.0
    if isinstance(answers, dict):
        answers, scale = np.stack(list(answers.values()), axis=1), np.abs(expected).max(axis=0)
    difference = float((np.abs(answers - expected) / scale).max())
    if not difference <= runner.sidecar["tolerance"]:
        raise ModelIntegrityError(
            f"{path.name} must answer within {runner.sidecar['tolerance']:g} of golden.json. "
            f"Received: a difference of {difference:.2g}"
        )
    return True, f"differ by {difference:.1e}"
