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
        "order": unit_orders(
            form, model.tensors(), {t["path"]: v.hidden.shape[-1] for t, v in zip(tracks, traces.values(), strict=True)}
        ),
    }


def unit_orders(form, tensors, units):
    """For each track its units from those that push the answer up most to those that push it down; as subject.js does.

    Args:
        units: number of units of each track, by path.
    """
    kernel = tensors[form["head"]["kernel"]]
    last = [track["path"] for track in form["layers"][-1]]
    width, found = sum(units[path] for path in last), {path: list(range(count)) for path, count in units.items()}
    if kernel.shape[1] > 1:
        return found
    pushes, row = np.zeros(width), 0
    for part in form["pooling"]:
        if part == "input":
            first = form["layers"][0][0]["path"]
            row += tensors[f"{first}/kernel"].shape[0]
        else:
            pushes += kernel[row : row + width, 0].astype(np.float64)
            row += width
    before = 0
    for path in last:
        found[path] = np.argsort(-pushes[before : before + units[path]], kind="stable").tolist()
        before += units[path]
    return found


def _fields(trace):
    return {name: base64.b64encode(np.asarray(getattr(trace, name)[0], "<f2").tobytes()).decode() for name in ordered(trace)}
