"""Probabilities of chunk after chunk of texts, computed while the next chunk is being read."""

import os
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from seqzoo.tasks import task_of

_PROGRAMS = weakref.WeakKeyDictionary()  # of a model, by size of a chunk and version of the weights
WORTH = 512  # texts from which on a compiled program, ready after a second or two, is the faster way
SAMPLE, NEAR = 32, 1e-5  # texts of which the program must answer as the model does, and how near


class Scorer:
    """Answers of a text classifier, by `model.predict` or, for many texts, by a compiled program on every core.

    The program is trusted once it has answered some of the texts as the model does; otherwise, and for models of a
    form that it does not know, `model.predict` answers all.

    Args:
        model: has `predict`.
        rows: texts in a chunk, at most.
        version: of the model's weights. A program made for the same model and version serves again.
    """

    def __init__(self, model, rows, version=None):
        self.model, self.rows, self.version = model, rows, version
        # None: not tried yet; False: there is none.
        self.program = _PROGRAMS.get(model, {}).get((rows, version))
        self.workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        self.pool = ThreadPoolExecutor(self.workers)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.pool.shutdown(cancel_futures=True)

    def start(self, texts):
        """Begin with a list of at most `rows` texts. Returns a function that gives their probabilities."""
        if self.program is None and len(texts) >= WORTH:
            self.program = self._compile()
            if self.program and not self._agrees(texts[:SAMPLE]):
                self.program = False
            if self.version is not None:
                _PROGRAMS[self.model] = {(self.rows, self.version): self.program}
        if not self.program:
            return lambda: self.model.predict(texts) if texts else []
        return self._start(texts)

    def _compile(self):
        task = task_of(self.model)
        return task.compiled_scorer(self.model, self.rows, self.workers) or False if task else False

    def _agrees(self, texts):
        return np.allclose(self._start(texts)(), self.model.predict(texts), rtol=0, atol=NEAR)

    def _start(self, texts):
        ids = self.program.encode(texts)
        order, size = sorted(range(len(ids)), key=lambda row: len(ids[row])), self.program.lanes
        batches = [order[start : start + size] for start in range(0, len(order), size)]
        # To each worker every so manieth batch: all get as many long ones.
        shares = [sum(batches[worker :: self.workers], []) for worker in range(self.workers)]
        futures = [self.pool.submit(self.program, [ids[row] for row in share]) for share in shares]

        def finish():
            answers = [future.result() for future in futures]
            found = np.zeros((len(ids), answers[0].shape[1]), np.float32)
            for share, answer in zip(shares, answers):
                found[share] = answer
            return found[:, 0] if found.shape[1] == 1 else found

        return finish
