"""A keyword spotter as a SavedModel: raw audio in, probabilities out."""

import numpy as np
import tensorflow as tf

from seqzoo.tasks.keyword_spotting.events import TAIL
from seqzoo.tasks.keyword_spotting.front import HOP
from seqzoo.tasks.keyword_spotting.names import SILENCE
from seqzoo.tasks.keyword_spotting.waves import checked_waves
from seqzoo.tasks.served_network import ServedNetwork


class SoundToWords(tf.Module):
    """`serve`: `audio` float32 `[n, samples]` at 8,000 Hz, from -1 to 1, to `probabilities` float32 `[n, classes]`.

    All that `KeywordSpotter.predict` does is inside: silence around the sound, the front end, smoothing, the choice of a moment.
    """

    def __init__(self, model):
        super().__init__(name="keyword_spotter")
        network = ServedNetwork(model.network)
        self.weights = network.kept
        silence, smoothing, lead = model.classes.index(SILENCE), model.config["smoothing"], model.config["lead"]

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32, name="audio")])
        def serve(audio):
            steps = lead + -(-tf.shape(audio)[1] // HOP) + TAIL
            audio = tf.pad(audio, [[0, 0], [lead * HOP, (steps - lead) * HOP - tf.shape(audio)[1]]])
            rows = network(tf.reshape(audio, [-1, steps, HOP]))  # [n, time, classes]
            total = tf.cumsum(tf.cast(rows, tf.float64), axis=1)
            before = tf.pad(total, [[0, 0], [smoothing, 0], [0, 0]])[:, :steps]
            count = tf.minimum(tf.range(1, steps + 1), smoothing)
            smoothed = tf.cast((total - before) / tf.cast(count, tf.float64)[:, None], tf.float32)
            moment = tf.argmin(smoothed[:, :, silence], axis=1)
            return {"probabilities": tf.gather(smoothed, moment, batch_dims=1)}

        self.serve = serve


def ask_waves(signature, waves):
    """The answers of `KeywordSpotter.predict` from a SavedModel's signature; clips of one length are asked together."""
    waves, groups, found = checked_waves(waves), {}, {}
    for place, wave in enumerate(waves):
        groups.setdefault(len(wave), []).append(place)
    for places in groups.values():
        answers = signature(audio=tf.constant(np.stack([waves[place] for place in places])))["probabilities"].numpy()
        found.update(zip(places, answers, strict=True))
    return np.stack([found[place] for place in range(len(waves))])
