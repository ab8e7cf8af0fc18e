"""TFLite Metadata as Android's tools read it: by the field numbers of metadata_schema.fbs, and from the zip behind the graph."""

import io
import json
import zipfile

import keras
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import number_types
from flatbuffers.table import Table

from seqzoo.export import TFLiteRunner, export_tflite
from seqzoo.export.tflite.metadata import check_labels, checked_normalization
from seqzoo.export.tflite.sidecar import read_sidecar
from seqzoo.export.tflite.source import source_of
from tests import tiny

layers = keras.layers
AXIS_LABELS, VOCABULARY, NORMALIZATION = 2, 5, 1


class Fields:
    """A table of a flatbuffer, read by the numbers of its fields."""

    def __init__(self, data, place):
        self.table = Table(data, place)

    @classmethod
    def root(cls, data):
        return cls(data, int.from_bytes(data[:4], "little"))

    def _at(self, field):
        return self.table.Offset(4 + 2 * field)

    def text(self, field):
        return self.table.String(self.table.Pos + self._at(field)).decode()

    def byte(self, field):
        return self.table.Get(number_types.Uint8Flags, self.table.Pos + self._at(field)) if self._at(field) else 0

    def child(self, field):
        return Fields(self.table.Bytes, self.table.Indirect(self.table.Pos + self._at(field)))

    def children(self, field):
        if not self._at(field):
            return []
        start = self.table.Vector(self._at(field))
        places = [start + 4 * number for number in range(self.table.VectorLen(self._at(field)))]
        return [Fields(self.table.Bytes, self.table.Indirect(place)) for place in places]

    def numbers(self, field):
        return self.table.GetVectorAsNumpy(number_types.Float32Flags, self._at(field)).tolist()


def metadata_of(path):
    model = schema.Model.GetRootAsModel(path.read_bytes(), 0)
    entries = [model.Metadata(place) for place in range(model.MetadataLength())]
    (entry,) = [entry for entry in entries if entry.Name() == b"TFLITE_METADATA"]
    data = bytes(model.Buffers(entry.Buffer()).DataAsNumpy())
    assert data[4:8] == b"M001"
    return Fields.root(data)


def files_of(path):
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        assert {info.compress_type for info in archive.infolist()} <= {zipfile.ZIP_STORED} and archive.testzip() is None
        return {info.filename: archive.read(info) for info in archive.infolist()}


def tensors_of(metadata):
    (subgraph,) = metadata.children(3)
    return subgraph.children(2), subgraph.children(3)


def test_a_text_classifiers_labels_and_vocabulary(tmp_path):
    model = tiny.model(classes=["bad", "fair", "good"])
    path = export_tflite(model, tmp_path / "classes.tflite")
    metadata = metadata_of(path)
    ((ids,), (probability,)) = tensors_of(metadata)
    assert metadata.text(0) == read_sidecar(path)["model"] and (ids.text(0), probability.text(0)) == ("ids", "probability")
    (vocabulary,), (labels,) = ids.children(6), probability.children(6)
    assert (vocabulary.text(0), vocabulary.byte(2)) == ("vocabulary.txt", VOCABULARY)
    assert (labels.text(0), labels.byte(2)) == ("labels.txt", AXIS_LABELS)
    files = files_of(path)
    assert files["labels.txt"].decode().split("\n") == ["bad", "fair", "good"] == read_sidecar(path)["labels"]
    assert files["vocabulary.txt"] == (tmp_path / "vocabulary.txt").read_bytes()
    assert files["vocabulary.txt"].decode().splitlines() == list(model.vocabulary.words)
    assert ids.children(4) == []  # whole numbers are not scaled
    np.testing.assert_allclose(TFLiteRunner(path)(tiny.TEXTS), model.predict(tiny.TEXTS), atol=1e-5)  # the zip is in no way


def test_what_a_caller_says_and_names_that_stay(tmp_path):
    """Names once held a number that Keras counts up in a process, and keys of a dict of outputs were lost."""
    keras.Sequential([keras.Input((3,)), layers.Dense(2)])  # counts
    inputs = keras.Input((4, 2))
    state = layers.LSTM(3)(inputs)
    network = keras.Model(inputs, {"where": layers.Dense(1)(state), "kind": layers.Dense(2)(state)})
    options = {"labels": ["walks", "runs"], "normalization": ([1.0, 2.0], [0.5, 4.0])}
    path = export_tflite(network, tmp_path / "own.tflite", "compiled", **options)
    ((given,), (kind, where)) = tensors_of(metadata_of(path))
    assert [of.text(0) for of in (given, kind, where)] == ["input", "kind", "where"]
    (unit,) = given.children(4)
    assert unit.byte(0) == NORMALIZATION and (unit.child(1).numbers(0), unit.child(1).numbers(1)) == ([1.0, 2.0], [0.5, 4.0])
    assert files_of(path) == {"labels.txt": b"walks\nruns"} and where.children(6) == []
    sidecar = read_sidecar(path)
    assert sidecar["normalization"] == {"mean": [1.0, 2.0], "std": [0.5, 4.0]}
    x = np.random.default_rng(0).normal(size=(3, 4, 2)).astype("float32")
    found, expected = TFLiteRunner(path)(x), network(x)
    assert set(found) == {"where", "kind"}
    for name in found:
        np.testing.assert_allclose(found[name], expected[name], atol=1e-5)
    from ai_edge_litert.compiled_model import CompiledModel
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(path))
    assert [detail["name"] for detail in interpreter.get_input_details()] == ["input"]
    assert [detail["name"] for detail in interpreter.get_output_details()] == ["kind", "where"]
    compiled = CompiledModel.from_file(str(path))
    feeds, answers = compiled.create_input_buffers(0), compiled.create_output_buffers(0)
    feeds[0].write(x[:1])
    compiled.run_by_index(0, feeds, answers)
    np.testing.assert_allclose(answers[0].read(2, np.float32), np.asarray(expected["kind"])[0], atol=1e-5)
    with pytest.raises(ValueError, match="must name the 2 places of output `kind`. Received: 3"):
        export_tflite(network, tmp_path / "none.tflite", labels=["a", "b", "c"])
    assert sorted(json.loads(path.with_suffix(".json").read_text())["labels"]) == ["runs", "walks"]


def test_names_without_the_numbers_that_keras_counts():
    def names(network):
        source = source_of(network)
        return [name for name, *_ in source.inputs], source.outputs

    for _ in range(2):
        inputs = [keras.Input((2,)), keras.Input((3,), name="mine"), keras.Input((4,))]
        outputs = [layers.Dense(1)(inputs[0]), layers.Dense(1)(inputs[1]), layers.Dense(2, name="head_3")(inputs[2])]
        assert names(keras.Model(inputs, outputs)) == (["input_0", "mine", "input_1"], ["dense_0", "dense_1", "head_3_2"])
        assert names(keras.Sequential([keras.Input((5, 2)), layers.LSTM(2)])) == (["input"], ["lstm"])


@pytest.mark.parametrize("labels", [[], ["a", "a"], ["a", ""], ["a\nb"]])
def test_labels_that_are_none(labels):
    with pytest.raises(ValueError, match="different names, each of one line. Received: "):
        check_labels(labels)
    with pytest.raises(TypeError, match="list of str. Received: "):
        check_labels("ab")


@pytest.mark.parametrize("given", [3, (1,), (0, 0), ([0, 1], [1]), (0, float("nan")), ("a", "b"), (0, -1)])
def test_normalization_that_is_none(given):
    with pytest.raises(ValueError, match=r"must be \(mean, std\).*Received: "):
        checked_normalization(given)
    assert checked_normalization((127.5, 128)) == {"mean": [127.5], "std": [128.0]}
