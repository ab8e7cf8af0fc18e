"""Clips to the hops that a .tflite file takes, and its probabilities to answers. Imports no TensorFlow."""

import numpy as np

from seqzoo.tasks.keyword_spotting.events import clip_answer
from seqzoo.tasks.keyword_spotting.waves import checked_waves
from seqzoo.tasks.preprocess import Preprocessor


class SoundPreprocessor(Preprocessor):
    """Takes clips as `KeywordSpotter.predict` does, or a dict with `audio`, hops, which gives every step's answer."""

    def __call__(self, inputs):
        if isinstance(inputs, dict):
            return super().__call__(inputs)
        section, waves = self.sidecar["sound"], checked_waves(inputs)
        beside = section.get("lead", 0) + section["tail"]
        steps = [-(-len(wave) // section["hop"]) + beside for wave in waves]
        fixed = self.sidecar["time_steps"]
        if fixed is not None and steps and max(steps) > fixed:
            longest = (fixed - beside) * section["hop"]
            raise ValueError(
                f"This file takes clips of at most {longest:,} samples; one with time_steps=None takes any. Received: "
                f"{max(map(len, waves)):,}"
            )

        def decode(answers):
            classes = np.zeros((0, answers.shape[-1]), np.float32)
            found = [
                clip_answer(row[:of], section["smoothing"], section["silence"]) for row, of in zip(answers, steps, strict=True)
            ]
            return np.stack(found) if found else classes

        return self._batches(waves, steps, fixed or max(steps, default=1), section["hop"]), decode

    def by_steps(self, runner, inputs):
        """What a file of one step a call says of clips, from its first states for each.

        Args:
            runner: `seqzoo.export.TFLiteRunner` of the file. inputs: list of clips.
        """
        section, found = self.sidecar["sound"], []
        lead = section.get("lead", 0)
        for wave in checked_waves(inputs):
            steps = lead + -(-len(wave) // section["hop"]) + section["tail"]
            sound = np.zeros((steps, 1, section["hop"]), np.float32)
            sound.reshape(-1)[lead * section["hop"] :][: len(wave)] = wave
            states, rows = runner.start(), []
            for hop in sound:
                row, states = runner.step(hop, states)
                rows.append(row[0])
            found.append(clip_answer(np.stack(rows), section["smoothing"], section["silence"]))
        return np.stack(found)

    def _batches(self, waves, steps, time, hop):
        size, lead = self.sidecar["batch_size"], self.sidecar["sound"].get("lead", 0) * hop
        for start in range(0, len(waves), size):
            audio = np.zeros((size, time * hop), np.float32)
            part = waves[start : start + size]
            for line, wave in enumerate(part):
                audio[line, lead : lead + len(wave)] = wave
            yield {"audio": audio.reshape(size, time, hop)}, len(part)
