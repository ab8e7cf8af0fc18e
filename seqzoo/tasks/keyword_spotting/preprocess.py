"""Clips to the hops that a .tflite file takes, and its probabilities to answers. Imports no TensorFlow."""

import numpy as np

from seqzoo.tasks.keyword_spotting.events import clip_answer
from seqzoo.tasks.keyword_spotting.front import in_hops, steps_of
from seqzoo.tasks.keyword_spotting.waves import checked_waves
from seqzoo.tasks.preprocess import Preprocessor


class SoundPreprocessor(Preprocessor):
    """Takes clips as `KeywordSpotter.predict` does, or a dict with `audio`, hops, which gives every step's answer."""

    def __call__(self, inputs):
        if isinstance(inputs, dict):
            return super().__call__(inputs)
        section, waves = self.sidecar["sound"], checked_waves(inputs)
        lead, tail, hop = around = self._around()
        steps = [steps_of(len(wave), *around) for wave in waves]
        fixed = self.sidecar["time_steps"]
        if fixed is not None and steps and max(steps) > fixed:
            longest = (fixed - lead - tail) * hop
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

        return self._batches(waves, steps, fixed or max(steps, default=1)), decode

    def by_steps(self, runner, inputs):
        """What a file of one step a call says of clips, from its first states for each.

        Args:
            runner: `seqzoo.export.TFLiteRunner` of the file. inputs: list of clips.
        """
        section, found = self.sidecar["sound"], []
        for wave in checked_waves(inputs):
            states, rows = runner.start(), []
            for hop in in_hops(wave, *self._around())[:, None]:
                row, states = runner.step(hop, states)
                rows.append(row[0])
            found.append(clip_answer(np.stack(rows), section["smoothing"], section["silence"]))
        return np.stack(found)

    def _around(self):
        """(steps of silence before a clip, and behind it, samples a step)."""
        section = self.sidecar["sound"]
        return section.get("lead", 0), section["tail"], section["hop"]

    def _batches(self, waves, steps, time):
        size, around = self.sidecar["batch_size"], self._around()
        for start in range(0, len(waves), size):
            audio = np.zeros((size, time, around[-1]), np.float32)
            part = waves[start : start + size]
            for line, wave in enumerate(part):
                audio[line, : steps[start + line]] = in_hops(wave, *around)
            yield {"audio": audio}, len(part)
