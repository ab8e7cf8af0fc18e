"""What the report shows of one model, as plain values: its steps, its running answer, its gates and states."""

import base64
from typing import NamedTuple

import numpy as np

from seqzoo.insight.fields import FIELDS, ordered, unit_order, value_range
from seqzoo.insight.gates import trace_gates
from seqzoo.insight.inputs import describe_cut, price_days, split_words
from seqzoo.insight.verdicts import running_forecast, running_verdict


class Quantity(NamedTuple):
    """What a running answer is. A probability moves in log-odds, anything else in its logarithm."""

    name: str
    step: str
    digits: int = 3
    probability: bool = True


VERDICT = Quantity("P(positive)", "word")
VOLATILITY = Quantity("expected volatility, % a year", "day", 1, False)
SPREAD = Quantity("from the lowest to the highest quantile of tomorrow's return, %", "day", 2, False)


def text_panel(model, text):
    """Of a text classifier: its words, and the verdict after each."""
    words, cut = split_words(model, text)
    if not words:
        raise ValueError(f"A text must have at least one word to look at. Received: {text!r:.80}")
    kept = " ".join(words)  # tokens joined by spaces are the same tokens again
    ids = model.encode([kept])[0]
    return _panel(model, [kept], VERDICT, running_verdict(model, ids)) | {
        "words": words,
        "known": [bool(i != 1) for i in ids],
        "cut": describe_cut(words, cut) if cut else None,
    }


def price_panel(model, frame):
    """Of a forecaster of stock series: the days that its network reads, and the forecast after each."""
    days = price_days(frame)
    volatility = "volatility" in model.outputs
    answers = running_forecast(model, frame, len(days))
    answers = answers[:, model.outputs.index("volatility")] if volatility else 100 * (answers[:, -1] - answers[:, 0])
    return _panel(model, frame, VOLATILITY if volatility else SPREAD, answers) | {
        "words": days,
        "known": [True] * len(days),
        "cut": None,
    }


def _panel(model, inputs, quantity, answers):
    return {
        "name": getattr(model, "name", None) or f"{model.config['cell']} model",
        "parameters": model.count_parameters(),
        "quantity": quantity._asdict(),
        "verdicts": [float(answer) for answer in answers],
        "layers": [_layer(name, trace) for name, trace in trace_gates(model, inputs).items()],
    }


def _layer(name, trace):
    order = unit_order(trace, 0, trace.hidden.shape[1] - 1)
    maps = []
    for field in ordered(trace):
        values = getattr(trace, field)[0][:, order].T  # [units, time]
        low, high = value_range(field, values)
        scaled = np.rint((values - low) / (high - low) * 65535).clip(0, 65535).astype("<u2")
        about = {"title": FIELDS[field].title, "meaning": FIELDS[field].meaning, "signed": FIELDS[field].signed}
        maps.append({**about, "low": low, "high": high, "data": base64.b64encode(scaled.tobytes()).decode()})
    return {"name": name, "units": len(order), "order": order.tolist(), "maps": maps}
