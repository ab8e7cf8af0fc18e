"""Tasks that only a long memory solves: sequences without end, made from a seed. NumPy only.

Each maker takes a NumPy `Generator`, the number of sequences and the span, and returns inputs float32
`[count, time, features]` and targets. What must be remembered is told early and asked late; the span says how far apart.
"""

from typing import Any, NamedTuple

import numpy as np


class MemoryTask(NamedTuple):
    """One of the tasks below.

    make: function of (rng, count, span).
    outputs: width of the answer; for classes, their number.
    answers: number of steps at the end at which an answer is asked.
    chance: what guessing scores, in the task's own measure (see `solved`).
    measure: "mean squared error" or "accuracy".
    solved: the measure's value from which the task counts as solved.
    """

    make: Any
    features: int
    outputs: int
    answers: int
    chance: float
    measure: str
    solved: float


def adding(rng, count, span):
    """The adding problem (Hochreiter & Schmidhuber 1997, experiment 4, as in Le et al. 2015, arXiv:1504.00941).

    Of `span` numbers from [0, 1) one in each half is marked; the target is their sum, float32 `[count, 1]`.
    Always answering 1 has a mean squared error of 1/6.
    """
    _check(span, 2)
    inputs = np.zeros((count, span, 2), np.float32)
    inputs[:, :, 0] = rng.random((count, span))
    half = span // 2
    marked = np.stack([rng.integers(0, half, count), rng.integers(half, span, count)], axis=1)  # [count, 2]
    rows = np.arange(count)[:, None]
    inputs[rows, marked, 1] = 1
    return inputs, inputs[rows, marked, 0].sum(axis=1, keepdims=True)


def temporal_order(rng, count, span):
    """The temporal order problem (Hochreiter & Schmidhuber 1997, experiment 6a; positions as in Pascanu et al. 2013).

    `span` symbols, one-hot: four distractors, and X or Y once in the second tenth and once around the middle. The
    target, int32 `[count]`, is which two they were, in their order: XX, XY, YX or YY.
    """
    _check(span, 10)
    symbols = rng.integers(0, 4, (count, span))
    rows, chosen = np.arange(count), rng.integers(0, 2, (count, 2))
    first = rng.integers(span // 10, span // 5, count)
    second = rng.integers(4 * span // 10, span // 2, count)
    symbols[rows, first], symbols[rows, second] = 4 + chosen[:, 0], 4 + chosen[:, 1]
    return np.eye(6, dtype=np.float32)[symbols], (2 * chosen[:, 0] + chosen[:, 1]).astype(np.int32)


def copy_memory(rng, count, span, items=3, letters=4):
    """Copy memory (Hochreiter & Schmidhuber 1997, experiment 1; in this form Arjovsky et al. 2016, arXiv:1511.06464).

    `items` letters, `span` blanks, then as many steps that ask for the letters in their order; time is
    `span + 2 * items`. The targets, int32 `[count, items]`, are the letters. Arjovsky et al. take 10 of 8.
    """
    _check(span, 1)
    given = rng.integers(0, letters, (count, items))
    symbols = np.full((count, span + 2 * items), letters)
    symbols[:, :items], symbols[:, items + span :] = given, letters + 1
    return np.eye(letters + 2, dtype=np.float32)[symbols], given.astype(np.int32)


TASKS = {
    "adding": MemoryTask(adding, 2, 1, 1, 1 / 6, "mean squared error", 0.01),
    "temporal order": MemoryTask(temporal_order, 6, 4, 1, 0.25, "accuracy", 0.99),
    "copy memory": MemoryTask(copy_memory, 6, 4, 3, 0.25, "accuracy", 0.99),
}


def _check(span, least):
    if isinstance(span, bool) or not isinstance(span, (int, np.integer)) or span < least:
        raise ValueError(f"`span` must be a whole number of at least {least}. Received: {span!r}")
