"""A finished file against the model's answers, by what a phone has. Imports no TensorFlow."""

import numpy as np

from seqzoo.export.tflite.runner import TFLiteRunner
from seqzoo.export.tflite.targets import ExportError


def too_far(error, tolerance, quantization, instead=""):
    """The text of an error that is above the tolerance."""
    return (
        f"The file must answer as the model within {tolerance:g} of the greatest output, for quantization {quantization!r}"
        f"{instead and f'; {instead}'}. Received: a difference of {error:.2g}"
    )


def measure(path, inputs, expected, steps=None, counted=None):
    """Run a file on samples, in one order and then in the other without a pause, against the Keras model's answers.

    Args:
        path: the .tflite file, its sidecar beside it.
        inputs, expected: as `build.read_samples` gives them.
        steps: for a file of target `stream`, a list for each sample: the steps whose answers are compared.
        counted: places of the samples whose error is the second that is given back; None is all.

    Returns:
        The greatest difference of all, and of the counted ones, as a share of the greatest answer (at least 1).

    Raises:
        ExportError: if an answer is no number, of another shape, or depends on the calls before it.
    """
    runner = TFLiteRunner(path)
    samples = list(zip(inputs, steps or [None] * len(inputs), strict=True))
    first = [_answer(runner, *sample) for sample in samples]
    again = [_answer(runner, *sample) for sample in reversed(samples)][::-1]
    if any(not np.array_equal(a[name], b[name], equal_nan=True) for a, b in zip(first, again, strict=True) for name in a):
        raise ExportError("Every call must start afresh. Received: an answer that depends on the call before it")
    differences = [
        np.max([_difference(answer[name], of[name]) for name in of]) for answer, of in zip(first, expected, strict=True)
    ]
    if not np.isfinite(differences).all():
        raise ExportError("The file must answer with finite numbers where the model does. Received: NaN or infinity")
    counted = range(len(differences)) if counted is None else counted
    return float(np.max(differences)), float(np.max([differences[place] for place in counted]))


def _answer(runner, sample, steps):
    if steps is not None:
        return _answer_in_steps(runner, sample, steps)
    result = runner(sample if isinstance(sample, dict) else [sample])
    return result if isinstance(result, dict) else {runner.sidecar["outputs"][0]["name"]: result}


def _answer_in_steps(runner, sample, steps):
    carried = runner.sidecar["states"]
    states, answers = runner.start(first_states(sample, runner.sidecar)), []
    for inputs in steps_of(sample, runner.sidecar):
        answer, states = runner.step(inputs, states)
        answers.append(answer)
    names = [spec["name"] for spec in runner.sidecar["outputs"] if spec["name"] not in {f"next_{name}" for name in carried}]
    answers = [answer if isinstance(answer, dict) else {names[0]: answer} for answer in answers]
    return {name: np.stack([answers[step][name][0] for step in steps]) for name in names}


def first_states(sample, sidecar):
    """Those of a sample's arrays that are states of the file before the first step, as often as the file has rows."""
    return {name: _rows(value, sidecar) for name, value in sample.items() if name in sidecar["states"]}


def steps_of(sample, sidecar):
    """A sample's inputs step by step, dicts of arrays: of a series [1, time, ...] the step's part, of others all."""
    ranks = {spec["name"]: len(spec["shape"]) for spec in sidecar["inputs"] if spec["name"] not in sidecar["states"]}
    series = [name for name, rank in ranks.items() if sample[name].ndim > rank]
    for step in range(sample[series[0]].shape[1]):
        yield {name: _rows(sample[name][:, step] if name in series else sample[name], sidecar) for name in ranks}


def _rows(value, sidecar):
    return np.repeat(value, sidecar["batch_size"], axis=0)


def _difference(received, expected):
    if received.shape != expected.shape:
        raise ExportError(f"The file must answer with shape {expected.shape}. Received: shape {received.shape}")
    if not np.isfinite(received).all():
        return float("nan")
    return share_off(received, expected)


def share_off(received, expected):
    """The greatest difference of two arrays of one shape, of any kind of number, as a share of the greatest expected (at
    least 1).
    """
    received, expected = (np.asarray(value).astype(np.float64) for value in (received, expected))  # bools have no minus
    return float(np.abs(received - expected).max(initial=0) / max(1.0, np.abs(expected).max(initial=0)))
