"""A text classifier without TensorFlow, which can be stopped at a given text."""

import os
import signal

import numpy as np


class Model:
    """A text's probability is its number of words over ten.

    Counts the texts that it answers. Before it answers more than `dies_after` of them (the few asked to know the program
    by do not count) it raises KeyboardInterrupt, or, with `kill`, ends its process.
    """

    config = {"max_tokens": 10}

    def __init__(self, weight=1.0, dies_after=None, kill=False):
        self.weight, self.dies_after, self.kill, self.scored, self.asked = weight, dies_after, kill, 0, 0

    def tensors(self):
        return {"w": np.float32([self.weight])}

    def predict(self, texts):
        self.asked += 1
        if self.asked > 1:
            if self.dies_after is not None and self.scored + len(texts) > self.dies_after:
                if self.kill:
                    os.kill(os.getpid(), signal.SIGKILL)
                raise KeyboardInterrupt
            self.scored += len(texts)
        return np.float32([self.weight * len(text.split()) / 10 for text in texts])
