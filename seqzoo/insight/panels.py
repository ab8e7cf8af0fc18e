"""What the report shows of one model, as plain values: its steps, its running answer, its gates and states."""

import base64

import numpy as np

from seqzoo.insight.fields import FIELDS, ordered, unit_order, value_range
from seqzoo.insight.gates import trace_gates


def panel_of(model, reading):
    """The panel of a model from its `seqzoo.tasks.parts.Reading`."""
    return {
        "name": getattr(model, "name", None) or f"{model.config.get('cell', model.task)} model",
        "parameters": model.count_parameters(),
        "quantity": reading.quantity._asdict(),
        "verdicts": [float(answer) for answer in reading.answers],
        "answer": float(reading.answers[-1] if reading.answer is None else reading.answer),
        "layers": [_map(of) for of in reading.maps]
        + [_layer(name, trace) for name, trace in trace_gates(model, reading.inputs).items()],
        "words": reading.steps,
        "known": reading.known,
        "cut": reading.cut,
        "label": reading.label,
        "beside": reading.beside and {"name": reading.beside[0], "values": [float(value) for value in reading.beside[1]]},
    }


def _layer(name, trace):
    order = unit_order(trace, 0, trace.hidden.shape[1] - 1)
    maps = []
    for field in ordered(trace):
        values = getattr(trace, field)[0][:, order].T  # [units, time]
        low, high = value_range(field, values)
        about = {"title": FIELDS[field].title, "meaning": FIELDS[field].meaning, "signed": FIELDS[field].signed}
        maps.append({**about, "low": low, "high": high, "data": _packed(values, low, high)})
    return {"name": name, "units": len(order), "rows": "units", "order": order.tolist(), "maps": maps}


def _map(of):
    """A `seqzoo.tasks.parts.Map` as a layer of one map, its rows in their order."""
    values = np.asarray(of.values, np.float64)
    low, high = float(values.min()), float(values.max())
    high = high if high > low else low + 1
    about = {"title": of.name, "meaning": of.meaning, "signed": False, "low": low, "high": high}
    maps = [{**about, "data": _packed(values, low, high)}]
    return {"name": None, "units": len(values), "rows": of.rows, "order": list(range(len(values))), "maps": maps}


def _packed(values, low, high):
    scaled = np.rint((values - low) / (high - low) * 65535).clip(0, 65535).astype("<u2")
    return base64.b64encode(scaled.tobytes()).decode()
