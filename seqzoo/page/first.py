"""What the package computes of a page's first example, so that the page shows it before weights have arrived."""

import base64

import numpy as np

from seqzoo.insight.fields import ordered
from seqzoo.insight.gates import trace_gates


def first_reading(task, model, form, example):
    """Steps, answers and gates of an example, as plain values; None where the task has none.

    Gates and states are float16 `[time, units]` in base64, by the path of the layer's weights.
    """
    reading = task.browser_first(model, example)
    if reading is None:
        return None
    tracks = [track for layer in form["layers"] for track in layer]
    traces = trace_gates(model, reading.inputs)
    return {
        "steps": list(reading.steps),
        "known": reading.known,
        "answers": [float(answer) for answer in reading.answers],
        "traces": {track["path"]: _fields(trace) for track, trace in zip(tracks, traces.values(), strict=True)},
    }


def _fields(trace):
    return {name: base64.b64encode(np.asarray(getattr(trace, name)[0], "<f2").tobytes()).decode() for name in ordered(trace)}
