"""What the gates and states are called for people, and which values they can take."""

from typing import NamedTuple

import numpy as np


class Field(NamedTuple):
    """A gate or state of a trace. `signed`: it lies around zero; else it is a share from 0 to 1."""

    title: str
    meaning: str
    signed: bool = False


FIELDS = {
    "forget": Field("forget gate f", "1 keeps what the cell remembers, 0 clears it"),
    "input": Field("input gate i", "1 writes the candidate into the cell, 0 keeps it out"),
    "output": Field("output gate o", "1 shows the cell's memory to the outside, 0 hides it"),
    "update": Field("update gate z", "1 keeps the state before, 0 takes the candidate"),
    "reset": Field("reset gate r", "0 lets the candidate ignore the state before"),
    "candidate": Field("candidate g", "what would be written", signed=True),
    "cell": Field("cell state c", "the memory", signed=True),
    "hidden": Field("hidden state h", "what the next step and the next layer see", signed=True),
}


def ordered(trace):
    """The names of a trace's fields in the order of `FIELDS`: gates first, then states."""
    return [name for name in FIELDS if name in trace._fields]


def value_range(name, values):
    """Lowest and highest value to draw: 0 to 1 for a gate, symmetric about zero for the others."""
    if not FIELDS[name].signed:
        return 0.0, 1.0
    top = max(float(np.abs(values).max()), 1e-6)
    return -top, top


def unit_order(trace, row, last):
    """Units from lowest to highest hidden state at step `last`: like behaviour stands together in a picture."""
    return np.argsort(trace.hidden[row, last], kind="stable")
