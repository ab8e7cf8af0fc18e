"""Sound in, probabilities of words out, for clips and for streams."""

from typing import Any

import numpy as np

from seqzoo.forked import refuse_after_fork
from seqzoo.tasks.keyword_spotting.events import TAIL, clip_answer
from seqzoo.tasks.keyword_spotting.front import HOP, in_hops, steps_of
from seqzoo.tasks.keyword_spotting.names import SILENCE
from seqzoo.tasks.keyword_spotting.network import KeywordConfig, build_network
from seqzoo.tasks.keyword_spotting.stream import Stream
from seqzoo.tasks.keyword_spotting.waves import checked_waves
from seqzoo.tasks.weights import NetworkWeights

BATCH = 64
MULTIPLE = 16  # steps: so that few lengths have to be compiled


class KeywordSpotter(NetworkWeights):
    """Tells which of a few words is said, in a clip or in sound that goes on.

    Args:
        config: `KeywordConfig`, or a dict with its fields.

    Attributes:
        network: `keras.Model`, sound in hops float32 `[batch, time, 160]` to probabilities float32 `[batch, time, classes]`.
    """

    task = "keyword-spotting"

    def __init__(self, config):
        if not isinstance(config, KeywordConfig):
            config = KeywordConfig.from_dict(config)
        self._config = config
        self.network = build_network(config)

    @property
    def config(self):
        return self._config.to_dict()

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the answers' columns."""
        return tuple(self._config.classes)

    @property
    def front(self):
        """The arguments of its `seqzoo.layers.LogMel`, a dict."""
        return self._config.front

    def predict(self, waves: Any) -> np.ndarray:
        """Probabilities of the classes, float32 `[n, classes]`, for each of a list of clips.

        The network gives probabilities every 20 ms; they are averaged over `smoothing` steps, and the answer is that of the
        moment at which silence is least likely. Silence is put behind each clip, as a word is named when it has ended.

        Args:
            waves: list of arrays `[samples]` at 8,000 Hz, float from -1 to 1 or int16, of any lengths.

        Raises:
            TypeError, ValueError: for what is no such list, and sound that is empty, not finite or far beyond 1.
            RuntimeError: in a process forked from one that has used a model.
        """
        refuse_after_fork()
        waves = checked_waves(waves)
        found = np.zeros((len(waves), len(self.classes)), np.float32)
        silence, smoothing = self.classes.index(SILENCE), self._config.smoothing
        for rows, steps, sound in padded_batches(waves, self._config.lead):
            answers = np.asarray(self.network.predict_on_batch(sound))
            for line, row in enumerate(rows):
                found[row] = clip_answer(answers[line, : steps[line]], smoothing, silence)
        return found

    def stream(self, threshold: float | None = None) -> Stream:
        """Begin to hear sound that goes on: chunks of any length to `feed` of what this gives, which gives events.

        It takes the weights as they are now, and computes in NumPy: a hop at a time, TensorFlow would mostly wait for itself.

        Args:
            threshold: smoothed probability from which on a word is an event; None: the config's.

        Raises:
            ValueError: for a threshold that is none.
        """
        return Stream(self.config, self.tensors(), threshold)


def padded_batches(waves, lead=0):
    """Clips of like length together: yields (their places, how many steps of each count, sound `[batch, time, HOP]`).

    Silence of `lead` steps stands before each and counts.
    """
    order = np.argsort([len(wave) for wave in waves], kind="stable")
    for begin in range(0, len(order), BATCH):
        rows = order[begin : begin + BATCH]
        steps = [steps_of(len(waves[row]), lead, TAIL) for row in rows]
        longest = -(-max(steps) // MULTIPLE) * MULTIPLE
        sound = np.zeros((1 if len(waves) == 1 else BATCH, longest, HOP), np.float32)
        for line, row in enumerate(rows):
            sound[line, : steps[line]] = in_hops(waves[row], lead, TAIL)
        yield rows, steps, sound
