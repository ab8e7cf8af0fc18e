"""What a Beam pipeline of this process gives, for tests; and a model handler whose worker dies once."""

import os
import signal
from pathlib import Path

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from seqzoo.scoring import rows as csv_rows
from seqzoo.scoring.beam import LoadedModel, PretrainedModelHandler
from tests.counting import Model

_KEPT = {}  # of this module, which Beam pickles by its name: lists in a function would be copied


def pipeline(*flags):
    """Not the DirectRunner, which may choose an older runner that has a fault with timers."""
    return beam.Pipeline(options=PipelineOptions(["--runner=FnApiRunner", *flags]))


class Kept(beam.PTransform):
    """Keeps a collection's elements in `found`, a list."""

    def __init__(self, found):
        super().__init__()
        self.place = len(_KEPT)
        _KEPT[self.place] = found

    def expand(self, elements):
        return elements | f"keep {self.place}" >> beam.Map(_keep, self.place)


def _keep(element, place):
    _KEPT[place].append(element)


class CountingHandler(PretrainedModelHandler):
    """Answers by `tests.counting.Model`, without TensorFlow.

    `flag` names a file: the process that meets it at its second block removes it and is killed. `chunk` is the number of
    rows in a block in a process that no test has patched.
    """

    flag = chunk = None

    def load_model(self):
        return Loaded(Model(), self.rows, 1, self.flag)

    def __setstate__(self, state):
        self.__dict__.update(state)
        if self.chunk:
            csv_rows.CHUNK = self.chunk


class Loaded(LoadedModel):
    command, classes, rows = "predict", ("negative", "positive"), 100

    def __init__(self, model, rows, threads, flag):
        self.model, self.flag, self.blocks = model, flag, 0

    def answer(self, batch):
        self.blocks += 1
        if self.flag and self.blocks > 1 and Path(self.flag).exists():
            os.unlink(self.flag)
            os.kill(os.getpid(), signal.SIGKILL)
        return self.model.predict(batch).tolist()
