"""TFLite Metadata, as Android's tools read it: names, labels, vocabulary, normalisation. Imports no TensorFlow.

The table `ModelMetadata` of metadata_schema.fbs lies in the file's metadata under `TFLITE_METADATA`; the files that it names
follow the graph as a zip archive (https://ai.google.dev/edge/litert/conversion/tensorflow/metadata).
"""

import io
import zipfile

import flatbuffers
import numpy as np

from seqzoo.export.tflite.targets import ExportError

NAME = "TFLITE_METADATA"
LABELS = "labels.txt"
TENSOR_AXIS_LABELS, VOCABULARY = 2, 5  # of the schema's AssociatedFileType
_NORMALIZATION = _FEATURES = 1  # of its unions ProcessUnitOptions, ContentProperties
_FIRST = (1980, 1, 1, 0, 0, 0)  # the same bytes whenever a file is made


def model_metadata(fields, labels=None, normalization=None, files=(), description=""):
    """Bytes of a file's `ModelMetadata`.

    Args:
        fields: the sidecar's, with `model`, `inputs` and `outputs`.
        labels: names of the classes, in the order of the first output's last axis, in the file `LABELS`; or None.
        normalization: {"mean": list, "std": list} that the first input is to be given with, real = (raw - mean) / std; or None.
        files: names of the vocabularies that belong to the first input.
        description: for people.
    """
    write = _Writer()
    inputs = [_input(write, spec, normalization if place == 0 else None) for place, spec in enumerate(fields["inputs"])]
    if files:
        attached = write.tables(
            [write.file(name, VOCABULARY, "A word a line; its line, counted from 0, is its id.") for name in files]
        )
        inputs[0][6] = attached
    outputs = [{0: write.text(spec["name"]), 3: write.features()} for spec in fields["outputs"]]
    if labels is not None:
        outputs[0][6] = write.tables([write.file(LABELS, TENSOR_AXIS_LABELS, "Names of the classes, one a line.")])
    subgraph = {
        2: write.tables([write.table(7, of) for of in inputs]),
        3: write.tables([write.table(7, of) for of in outputs]),
    }
    root = {
        0: write.text(fields["model"]),
        1: write.text(description),
        3: write.tables([write.table(10, subgraph)]),
        7: write.text("1.0.1" if files else "1.0.0"),
    }
    write.builder.Finish(write.table(8, root), b"M001")
    return bytes(write.builder.Output())


def with_files(content, files):
    """The bytes of a .tflite file, followed by a zip archive of files {name: bytes}, not packed: readers map it into memory."""
    if not files:
        return content
    whole = io.BytesIO(content)
    with zipfile.ZipFile(whole, "a", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, _FIRST), data)
    return whole.getvalue()


def check_labels(labels):
    """Raises TypeError or ValueError unless it is None or a list of different names, each one line."""
    if labels is None:
        return
    if isinstance(labels, (str, bytes)) or not all(isinstance(label, str) for label in labels):
        raise TypeError(f"`labels` must be a list of str. Received: {labels!r:.200}")
    if not labels or len(set(labels)) < len(labels) or any(not label.strip() or "\n" in label for label in labels):
        raise ValueError(f"`labels` must be different names, each of one line. Received: {list(labels)!r:.200}")


def check_label_count(labels, outputs):
    """Raises ExportError unless there is a label for each place of the first output's last axis."""
    size = outputs[0]["shape"][-1] if len(outputs[0]["shape"]) > 1 else 1
    if labels is not None and len(labels) != size:
        raise ExportError(f"`labels` must name the {size} places of output `{outputs[0]['name']}`. Received: {len(labels)}")


def checked_normalization(normalization):
    """(mean, std), numbers or lists of them, as {"mean": list, "std": list}; None for None.

    Raises:
        ValueError: for another thing, or a std that is not above 0.
    """
    if normalization is None:
        return None
    try:
        mean, std = (np.atleast_1d(np.asarray(part, np.float64)) for part in normalization)
        valid = mean.ndim == 1 and mean.shape == std.shape and np.isfinite([mean, std]).all() and (std > 0).all()
    except (TypeError, ValueError):
        valid = False
    if not valid:
        raise ValueError(
            "`normalization` must be (mean, std), numbers or as many of both as features, std above 0. "
            f"Received: {normalization!r:.200}"
        )
    return {"mean": mean.tolist(), "std": std.tolist()}


def _input(write, spec, normalization):
    table = {0: write.text(spec["name"]), 3: write.features()}
    if spec["dtype"].startswith("float"):  # readers insist on it for float inputs; 0 and 1 change nothing
        of = normalization or {"mean": [0.0], "std": [1.0]}
        options = write.table(2, {0: write.numbers(of["mean"]), 1: write.numbers(of["std"])})
        table[4] = write.tables([write.table(2, {0: _NORMALIZATION, 1: options}, kinds={0})])
    return table


class _Writer:
    """A flatbuffer's parts; tables are {slot: offset}, as numbered in metadata_schema.fbs."""

    def __init__(self):
        self.builder = flatbuffers.Builder(1024)

    def text(self, value):
        return self.builder.CreateString(value)

    def numbers(self, values):
        return self.builder.CreateNumpyVector(np.asarray(values, np.float32))

    def tables(self, offsets):
        self.builder.StartVector(4, len(offsets), 4)
        for offset in reversed(offsets):
            self.builder.PrependUOffsetTRelative(offset)
        return self.builder.EndVector()

    def table(self, size, slots, kinds=()):
        """`kinds`: the slots that hold a byte, such as the kind of a union."""
        self.builder.StartObject(size)
        for slot, value in slots.items():
            if slot in kinds:
                self.builder.PrependUint8Slot(slot, value, 0)
            else:
                self.builder.PrependUOffsetTRelativeSlot(slot, value, 0)
        return self.builder.EndObject()

    def features(self):
        return self.table(3, {0: _FEATURES, 1: self.table(0, {})}, kinds={0})

    def file(self, name, kind, description):
        return self.table(5, {0: self.text(name), 1: self.text(description), 2: kind}, kinds={2})
