"""A caller's own figure for a file, beside that of its model."""

import keras
import numpy as np

from seqzoo.export.tflite.checks import _answer_in_steps
from seqzoo.export.tflite.runner import TFLiteRunner


def check_metric(metric, data):
    """Raises ValueError or TypeError unless both are None, or a function and a pair."""
    if metric is None and data is None:
        return
    if metric is None or data is None:
        raise ValueError(f"`metric` and `data` go together. Received: only `{'data' if metric is None else 'metric'}`")
    if not callable(metric):
        raise TypeError(f"`metric` must be a function of (targets, answers). Received: {type(metric).__name__}")
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise TypeError(f"`data` must be (inputs, targets). Received: {type(data).__name__}")
    if not len(data[1]):
        raise ValueError("`data` must hold at least one example. Received: none")


def measure_metric(source, path, metric, data):
    """The sidecar's `metric`: name, its value for the file and for the model, number of examples.

    Args:
        source: `Source`.
        path: the .tflite file, its sidecar beside it.
        metric, data: as `check_metric` takes them.

    Raises:
        ValueError: if the metric gives no finite number.
    """
    inputs, targets = data
    quiet = {"verbose": 0} if isinstance(source.model, keras.Model) else {}
    expected = source.model.predict(inputs, **quiet)
    received = _like(_answers(TFLiteRunner(path), inputs, expected), expected)
    return {
        "name": _name(metric),
        "file": _value(metric, targets, received),
        "model": _value(metric, targets, expected),
        "examples": len(targets),
    }


def _answers(runner, inputs, expected):
    if runner.sidecar["form"] != "step":
        return runner(inputs)
    sequences, found = np.asarray(inputs), []
    name = next(spec["name"] for spec in runner.sidecar["inputs"] if spec["name"] not in runner.sidecar["states"])
    every = np.ndim(expected) > 2
    for row in sequences:
        steps = list(range(len(row))) if every else [len(row) - 1]
        (answers,) = _answer_in_steps(runner, {name: row[None]}, steps).values()
        found.append(answers if every else answers[0])
    return np.stack(found)


def _like(answers, expected):
    """The answers of a file nested as the model's are."""
    if not isinstance(answers, dict):
        return answers
    values = list(answers.values())
    if keras.tree.is_nested(expected):
        return keras.tree.pack_sequence_as(expected, values)
    return np.stack(values, axis=-1)  # a forecaster answers with columns


def _value(metric, targets, answers):
    if hasattr(metric, "reset_state"):
        metric.reset_state()  # of `keras.metrics`, which add up over calls
    value = np.asarray(metric(targets, answers))
    if value.dtype.kind not in "biuf" or not value.size or not np.isfinite(value.mean()):
        raise ValueError(f"`metric` must give finite numbers. Received: {value!r:.200}")
    return float(value.mean())


def _name(metric):
    return getattr(metric, "__name__", None) or getattr(metric, "name", None) or type(metric).__name__
