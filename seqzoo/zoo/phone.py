"""The .tflite files in a model's folder: what the card states of them, measured."""

import importlib.util
import time

import numpy as np

from seqzoo.zoo.integrity import ModelIntegrityError

NEAR = 2e-4  # processors round 8-bit sums differently, which may turn a review in five thousand
RUNTIME = "ai_edge_litert"
KNOWN = ("target", "quantization", "form", "measured_error", "bytes")  # of a row, from the sidecar


def measure_file(path, texts, labels):
    """A phone file's row on the card: what it is, median milliseconds from a text to its probability on one
    thread, and accuracy.

    Args:
        path: the .tflite file.
        texts: list of str, answered one by one.
        labels: 0/1 array of the same length.
    """
    from seqzoo.export import TFLiteRunner

    runner = TFLiteRunner(path)
    seconds, probabilities = [], []
    for text in texts:
        start = time.perf_counter()
        probabilities.append(float(runner([text])[0]))
        seconds.append(time.perf_counter() - start)
    right = (np.asarray(probabilities) > 0.5) == (np.asarray(labels) == 1)
    return {key: runner.sidecar[key] for key in KNOWN} | {
        "milliseconds": round(1000 * float(np.median(seconds)), 3),
        "accuracy": float(right.mean()),
        "examples": len(right),
    }


def check_answers(path, golden):
    """(True, how far a phone file's answers are from the golden ones).

    Forecasts are compared as shares of each column's greatest value.

    Raises:
        ModelIntegrityError: if that is more than its sidecar allows.
    """
    if importlib.util.find_spec(RUNTIME) is None:
        return True, "not run; pip install 'seqzoo[mobile]' for it"
    from seqzoo.export import TFLiteRunner

    runner = TFLiteRunner(path)
    answers, expected = runner(golden["inputs"]), np.asarray(golden["outputs"])
    if isinstance(answers, dict):
        answers = np.stack(list(answers.values()), axis=1)
    scale = np.abs(expected).max(axis=0) if expected.ndim > 1 else 1.0
    difference = float((np.abs(answers - expected) / scale).max())
    if not difference <= runner.sidecar["tolerance"]:
        raise ModelIntegrityError(
            f"{path.name} must answer within {runner.sidecar['tolerance']:g} of golden.json. "
            f"Received: a difference of {difference:.2g}"
        )
    return True, f"differ by {difference:.1e}"


def check_figures(path, stated, texts, labels):
    """(True, what was measured again); the time is that of the machine here and is only told.

    Raises:
        ModelIntegrityError: if a figure is not what the card states.
    """
    if importlib.util.find_spec(RUNTIME) is None:
        return True, "not measured; pip install 'seqzoo[mobile]' for it"
    count = stated["examples"]
    received = measure_file(path, texts[:count], labels[:count])
    exact = received.keys() - {"milliseconds", "accuracy"}
    same = all(received[key] == stated.get(key) for key in exact)
    if not same or abs(received["accuracy"] - stated["accuracy"]) > NEAR:
        raise ModelIntegrityError(f"The card states {stated} of {path.name}. Received: {received}")
    return True, f"accuracy {received['accuracy']:.5f}; {received['milliseconds']} ms a text on this machine"
