"""The suite of short texts by phenomenon, `suite.txt`, and how a model does on it.

Forty texts to each of twenty phenomena, written by hand before anything was trained, and never trained on. A line begins
with what the text says of its subject: + praise, - blame, 0 neither; beside most stands its mirror.

`tried.txt` has the same form: texts that may be looked at while frames are written, so that the suite can be left alone.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

PATH = Path(__file__).with_name("suite.txt")
TRIED = Path(__file__).with_name("tried.txt")  # in the same form, for choices while the suite is left alone
NEITHER = (0.25, 0.75)  # between these a probability takes no side


class Saying(NamedTuple):
    """One text: its phenomenon, what it says (1 praise, 0 blame, None neither)."""

    phenomenon: str
    verdict: int | None
    text: str


def read_suite(path=PATH):
    """The list of `Saying` of a file: lines "# phenomenon", then "+ text", "- text" or "0 text".

    Raises:
        ValueError: for any other line.
    """
    found, phenomenon = [], None
    for number, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), 1):
        mark, _, text = line.partition(" ")
        if mark == "#" and text:
            phenomenon = text
        elif mark in ("+", "-", "0") and text and phenomenon:
            found.append(Saying(phenomenon, {"+": 1, "-": 0, "0": None}[mark], text))
        else:
            raise ValueError(f'A line is "# phenomenon", "+ text", "- text" or "0 text". Received: {line!r}, line {number}')
    return found


def judged(sayings, probabilities):
    """Whether each answer is right: on the text's side of one half; of a text without a verdict, between 1/4 and 3/4.

    Args:
        sayings: list of `Saying`.
        probabilities: of positive, `[n]`.

    Returns:
        bool `[n]`.
    """
    low, high = NEITHER
    right = [
        low <= p <= high if saying.verdict is None else (p > 0.5) == bool(saying.verdict)
        for saying, p in zip(sayings, np.asarray(probabilities, float), strict=True)
    ]
    return np.array(right)


def by_phenomenon(sayings, right):
    """Share of right answers: a dict, phenomenon -> accuracy, in the suite's order."""
    names = dict.fromkeys(saying.phenomenon for saying in sayings)
    of = np.array([saying.phenomenon for saying in sayings])
    return {name: float(right[of == name].mean()) for name in names}
