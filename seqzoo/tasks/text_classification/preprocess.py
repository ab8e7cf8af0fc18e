"""Texts to the ids that a .tflite file takes. Imports no TensorFlow."""

import numpy as np

from seqzoo.data.vocabulary import Vocabulary
from seqzoo.tasks.preprocess import Preprocessor


class TextPreprocessor(Preprocessor):
    """See `Preprocessor`; takes a list of str.

    Args:
        sidecar: dict with `text`.
        files: the bytes of the vocabulary, by its name.
    """

    def __init__(self, sidecar, files):
        super().__init__(sidecar)
        self.vocabulary = Vocabulary.parse(files[sidecar["text"]["vocabulary"]], sidecar["text"]["vocabulary"])

    def __call__(self, inputs):
        rows = self.vocabulary.encode_list(inputs, self.sidecar["text"]["max_tokens"])
        return self._batches(rows), lambda answers: answers

    def _batches(self, rows):
        size = self.sidecar["batch_size"]
        for start in range(0, len(rows), size):
            real = min(size, len(rows) - start)
            yield self._feed(rows[start : start + real] + [rows[start]] * (size - real)), real

    def _feed(self, rows):
        ids = Vocabulary.pad(rows)
        if self.sidecar["time_steps"] is not None:
            ids = np.pad(ids, ((0, 0), (0, self.sidecar["time_steps"] - ids.shape[1])))
        feed = {"ids": ids}
        if any(spec["name"] == "length" for spec in self.sidecar["inputs"]):
            feed["length"] = np.asarray([len(row) for row in rows], np.int32)
        return feed
