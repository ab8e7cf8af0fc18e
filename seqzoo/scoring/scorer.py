"""Probabilities of chunk after chunk of texts, computed while the next chunk is being read."""

import hashlib
import os
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from seqzoo.data.known import without_warning
from seqzoo.tasks import task_of

_PROGRAMS = weakref.WeakKeyDictionary()  # of a model, by size of a chunk, number of workers and version of the weights
WORTH = 512  # texts from which on a compiled program, ready after a second or two, is the faster way
SAMPLE, NEAR = 32, 1e-5  # texts of which the program must answer as the model does, and how near


def cores():
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


class Scorer:
    """Answers of a text classifier, by `model.predict` or, for many texts, by a compiled program on every core.

    Which of them is decided once, by the first texts of a file: their last digits differ, so a file takes one for all
    its rows, wherever its chunks end and wherever a run was stopped. The program is taken only when it answers some of
    the texts as the model does, and the model is of a form that it knows.

    Args:
        model: has `predict`.
        rows: texts in a chunk, at most.
        version: of the model's weights. A program made for the same model and version serves again.
        workers: threads that compute; as many as there are cores when None.
    """

    def __init__(self, model, rows, version=None, workers=None):
        self.model, self.rows, self.version = model, rows, version
        self.program = None
        self.workers = workers or cores()
        self.pool = ThreadPoolExecutor(self.workers)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.pool.shutdown(wait=kind is None, cancel_futures=True)  # who stops a run waits for no answers

    def choose(self, texts, more=False):
        """Decide who answers, by a list of the first texts.

        Returns:
            with `more`, where this may be asked again later, SHA-256 of the exact answers to a few of the texts, as
            hexadecimal digits: another machine or version answers otherwise in the last digits. Else None.
        """
        sample, self.program = texts[:SAMPLE], None
        if len(texts) >= WORTH:
            program = self._known() or self._compile()
            if program and self._agrees(program, sample):
                self.program = program
        if not more or not sample:
            return None
        return hashlib.sha256(np.asarray(self.start(sample)(), np.float32).tobytes()).hexdigest()

    def start(self, texts):
        """Begin with a list of at most `rows` texts. Returns a function that gives their probabilities."""
        if not self.program:
            return lambda: self._predict(texts) if texts else []
        return self._start(self.program, texts)

    def _known(self):
        return _PROGRAMS.get(self.model, {}).get((self.rows, self.workers, self.version))

    def _compile(self):
        task = task_of(self.model)
        program = task.compiled_scorer(self.model, self.rows, self.workers) if task else None
        if program and self.version is not None:
            _PROGRAMS[self.model] = {(self.rows, self.workers, self.version): program}
        return program

    def _agrees(self, program, texts):
        return np.allclose(self._start(program, texts)(), self._predict(texts), rtol=0, atol=NEAR)

    def _predict(self, texts):
        with without_warning():  # a file's rows are answered one by one, whatever they hold
            return self.model.predict(texts)

    def _start(self, program, texts):
        ids = program.encode(texts)
        order, size = sorted(range(len(ids)), key=lambda row: len(ids[row])), program.lanes
        batches = [order[start : start + size] for start in range(0, len(order), size)]
        # To each worker every so manieth batch: all get as many long ones.
        shares = [sum(batches[worker :: self.workers], []) for worker in range(self.workers)]
        futures = [self.pool.submit(program, [ids[row] for row in share]) for share in shares]

        def finish():
            answers = [future.result() for future in futures]
            found = np.zeros((len(ids), answers[0].shape[1]), np.float32)
            for share, answer in zip(shares, answers, strict=True):
                found[share] = answer
            return found[:, 0] if found.shape[1] == 1 else found

        return finish
