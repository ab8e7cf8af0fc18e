"""Sound that goes on: chunks of any length in, events out. In NumPy, a tenth of a millisecond for a step of 20 ms."""

from typing import Any

import numpy as np

from seqzoo.tasks.keyword_spotting.events import TAIL, Detector, Event, clip_answer
from seqzoo.tasks.keyword_spotting.front import HOP, RATE, Front, in_hops
from seqzoo.tasks.keyword_spotting.names import SILENCE
from seqzoo.tasks.keyword_spotting.waves import checked_wave, checked_waves
from seqzoo.tasks.numpy_network import run_layers

SCALE, OFFSET = np.float32(0.25), np.float32(1.25)  # bring log-mel rows near zero mean and unit variance
FRONT = ("window", "bands", "lower", "upper", "floor")


class Steps:
    """A keyword spotter's network in NumPy; its state goes on from one call to the next.

    Args:
        config: dict, as in the card. tensors: weights by name, float32.
    """

    def __init__(self, config, tensors):
        self._config, self._tensors = config, tensors
        self._front = Front(*(config[name] for name in FRONT))
        self._before, self._states = self._front.start(), None

    def __call__(self, sound):
        """Probabilities float32 `[time, classes]` of sound float32 `[time * HOP]`."""
        rows, self._before = self._front(sound, self._before)
        hidden, self._states = run_layers(rows * SCALE + OFFSET, self._tensors, self._config, self._states)
        scores = hidden @ self._tensors["probabilities/kernel"] + self._tensors["probabilities/bias"]
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        return scores / scores.sum(axis=1, keepdims=True)


class Stream:
    """A sound that is heard as it comes.

    Args:
        config: dict, as in the card. tensors: weights by name, float32.
        threshold: smoothed probability from which on a word is an event; None: the config's.

    Attributes:
        seconds: float, of sound heard so far.

    Raises:
        ValueError: for a threshold that is none.
    """

    def __init__(self, config, tensors, threshold=None):
        threshold = config["threshold"] if threshold is None else threshold
        if isinstance(threshold, bool) or not isinstance(threshold, (int, float)) or not 0 < threshold <= 1:
            raise ValueError(f"`threshold` must be a number above 0 and at most 1. Received: {threshold!r}")
        self._steps = Steps(config, tensors)
        self._detector = Detector(config["classes"], config["smoothing"], threshold, config["refractory"])
        self._rest = np.zeros(0, np.float32)  # less than a hop
        self._heard, self._ended = 0, False

    @property
    def seconds(self) -> float:
        return self._heard / RATE

    def feed(self, chunk: Any) -> list[Event]:
        """The events that a chunk completes.

        Args:
            chunk: samples at 8,000 Hz, of any length, float from -1 to 1 or int16 `[n]`.

        Returns:
            list of `Event`: word, time in seconds from the stream's beginning, score.

        Raises:
            TypeError, ValueError: for what is no sound (the stream is then as it was), or after `finish`.
        """
        if self._ended:
            raise ValueError("A stream that has ended hears no more: begin another with model.stream(). Received: a chunk")
        chunk = checked_wave(chunk, empty=True)
        self._heard += len(chunk)
        sound = np.concatenate([self._rest, chunk])
        whole = len(sound) // HOP * HOP
        self._rest = sound[whole:]
        return self._events(sound[:whole])

    def finish(self) -> list[Event]:
        """The last events: hears a little silence, in which a word at the very end is named."""
        if self._ended:
            return []
        self._ended = True
        last = self._detector
        found = self._events(in_hops(self._rest, 0, TAIL).ravel())
        return found + [event for event in [last.finish()] if event]

    def _events(self, sound):
        if not len(sound):
            return []
        return [event for row in self._steps(sound) if (event := self._detector.step(row)) is not None]


class Hearing:
    """What a keyword spotter answers in NumPy, one clip after the other.

    Args:
        config: dict, as in the card. tensors: weights by name, float32.
    """

    def __init__(self, config, tensors):
        self.config, self._weights = dict(config), tensors

    @property
    def classes(self) -> tuple:
        """Names of the classes, in the order of the answers' columns."""
        return tuple(self.config["classes"])

    def predict(self, waves):
        """As `seqzoo.tasks.keyword_spotting.KeywordSpotter.predict`."""
        silence, lead, found = self.classes.index(SILENCE), self.config.get("lead", 0), []
        for wave in checked_waves(waves):
            rows = Steps(self.config, self._weights)(in_hops(wave, lead, TAIL).ravel())
            found.append(clip_answer(rows, self.config["smoothing"], silence))
        return np.stack(found) if found else np.zeros((0, len(self.classes)), np.float32)

    def stream(self, threshold: float | None = None) -> Stream:
        """As `seqzoo.tasks.keyword_spotting.KeywordSpotter.stream`."""
        return Stream(self.config, self._weights, threshold)
