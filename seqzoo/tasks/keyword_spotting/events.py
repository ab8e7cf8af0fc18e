"""From probabilities a step to an answer for a clip, and to events in a stream. Imports NumPy alone."""

from collections import deque
from typing import NamedTuple

import numpy as np

from seqzoo.tasks.keyword_spotting.names import SILENCE, UNKNOWN

STEP = 0.02  # seconds
TAIL = 20  # steps of silence behind a clip: a word is named when it has ended
SETTLED = 4  # steps for which a word's probability must not have risen before it is an event


class Event(NamedTuple):
    """A word that was heard.

    word: str. time: seconds from the beginning of the sound, where its smoothed probability is greatest, most often just behind
    the word's end. score: that probability.
    """

    word: str
    time: float
    score: float


def smooth(probabilities, steps):
    """The mean of the last `steps` rows of `[time, classes]`, or of as many as there were, float32 (Chen, Parada & Heigold,
    "Small-footprint keyword spotting using deep neural networks", 2014).
    """
    total = np.cumsum(np.asarray(probabilities, np.float64), axis=0)
    count = np.minimum(np.arange(1, len(total) + 1), steps)[:, None]
    total[steps:] -= total[:-steps].copy()
    return (total / count).astype(np.float32)


def clip_answer(probabilities, steps, silence):
    """The smoothed probabilities float32 `[classes]` of the moment at which silence is least likely.

    Args:
        probabilities: float `[time, classes]` of a clip with `TAIL` steps of silence behind it.
        steps: of `smooth`.
        silence: place of that class.
    """
    smoothed = smooth(probabilities, steps)
    return smoothed[np.argmin(smoothed[:, silence])]


class Detector:
    """Events from probabilities, step by step.

    A word becomes an event when its probability, averaged over `smoothing` steps, has reached `threshold` and rises no more. For
    `refractory` steps after that nothing is an event, and the same word not before its probability has been below the threshold.

    Args:
        classes: names; all but silence and unknown are words.
        smoothing, refractory: steps. threshold: a probability.
    """

    def __init__(self, classes, smoothing, threshold, refractory):
        self.classes, self.threshold, self.refractory = tuple(classes), threshold, refractory
        self._words = [place for place, name in enumerate(classes) if name not in (SILENCE, UNKNOWN)]
        self._recent = deque(maxlen=smoothing)
        self._total = np.zeros(len(classes))
        self._step = 0  # that comes next
        self._quiet_until = 0
        self._last = None  # the word that must fall below the threshold
        self._best = None  # (probability, place, step) of a word on its way to an event

    def step(self, probabilities):
        """The `Event` that one step's probabilities `[classes]` complete, or None."""
        if len(self._recent) == self._recent.maxlen:
            self._total -= self._recent[0]
        row = np.asarray(probabilities, np.float64)
        self._recent.append(row)
        self._total += row
        smoothed, step = self._total / len(self._recent), self._step
        self._step += 1
        if self._last is not None and smoothed[self._last] < self.threshold:
            self._last = None
        place = max(self._words, key=smoothed.__getitem__)
        ready = step >= self._quiet_until and place != self._last and smoothed[place] >= self.threshold
        if ready and (self._best is None or smoothed[place] > self._best[0]):
            self._best = smoothed[place], place, step
        if self._best is not None and step - self._best[2] >= SETTLED:
            return self._event()
        return None

    def finish(self):
        """The `Event` that was on its way when the sound ended, or None."""
        return None if self._best is None else self._event()

    def _event(self):
        score, place, step = self._best
        self._best, self._last, self._quiet_until = None, place, step + self.refractory
        return Event(self.classes[place], round((step + 1) * STEP, 2), round(float(score), 4))
