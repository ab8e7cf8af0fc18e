import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

import seqzoo
from seqzoo.export import ExportError, TFLiteRunner, export_tflite
from seqzoo.export.tflite import checks, converter
from seqzoo.export.tflite import export as export_module
from seqzoo.export.tflite.job import run_job
from seqzoo.export.tflite.sidecar import SidecarError
from seqzoo.tasks.preprocess import check_arrays
from tests import tiny
from tests.export.tflite.networks import small_network

# Neither TensorFlow nor Keras can be found in this process.
PHONE = """
import importlib.abc, json, sys
class Hidden(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("tensorflow", "keras"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Hidden())
from seqzoo.export import TFLiteRunner
runner = TFLiteRunner(sys.argv[1])
texts = json.load(sys.stdin)
print(json.dumps([runner(texts).tolist(), runner(texts[::-1]).tolist()]))
"""


@pytest.fixture(scope="module")
def text_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("phone") / "tiny.tflite"
    model = tiny.model(bidirectional=True, pooling="last")
    return model, export_tflite(model, path, quantization="int8", calibration=tiny.TEXTS)


def test_text_in_a_process_without_tensorflow_and_keras(text_file):
    model, path = text_file
    texts = tiny.TEXTS + tiny.HOSTILE
    command = [sys.executable, "-c", PHONE, str(path)]
    child = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, timeout=300)
    assert child.returncode == 0, child.stderr
    forwards, backwards = json.loads(child.stdout)
    assert forwards == backwards[::-1]
    assert np.ptp(model.predict(texts)) > 0.2
    np.testing.assert_allclose(forwards, model.predict(texts), atol=5e-2)


def test_the_sidecar_says_what_a_phone_needs(text_file):
    model, path = text_file
    sidecar = json.loads(path.with_suffix(".json").read_text())
    assert (sidecar["target"], sidecar["quantization"], sidecar["form"]) == ("interpreter", "int8", "fused")
    assert sidecar["inputs"][0]["name"] == "ids" and sidecar["inputs"][0]["shape"] == [1, None]
    assert sidecar["outputs"][0]["name"] == "probability"
    assert sidecar["text"]["max_tokens"] == 12 and sidecar["text"]["vocabulary"] == "vocabulary.txt"
    assert (path.parent / "vocabulary.txt").read_text().splitlines() == list(model.vocabulary.words)
    assert sidecar["operators"]["UNIDIRECTIONAL_SEQUENCE_LSTM"] == 2
    assert 0 < sidecar["measured_error"] <= sidecar["tolerance"] == 5e-2
    assert sorted(os.listdir(path.parent)) == ["tiny.json", "tiny.tflite", "vocabulary.txt"]


def test_what_is_missing_without_the_extra_is_named(text_file, tmp_path, monkeypatch):
    hide = "import sys; sys.modules['ai_edge_litert'] = None; "
    code = hide + "from seqzoo.export import ExportError, TFLiteRunner; import seqzoo.export.tflite.names"
    subprocess.run([sys.executable, "-c", code], check=True)
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    model = tiny.model()
    for use in (lambda: TFLiteRunner(text_file[1]), lambda: export_tflite(model, tmp_path / "a.tflite")):
        with pytest.raises(ImportError, match=r"pip install 'seqzoo\[mobile\]'.*Received: "):
            use()
    assert os.listdir(tmp_path) == []


def test_what_the_runner_refuses(text_file, tmp_path):
    runner = TFLiteRunner(text_file[1])
    assert runner([]).shape == (0,)
    with pytest.raises(TypeError, match="wrap a single text in a list.*Received: 'great'"):
        runner("great")
    with pytest.raises(TypeError, match="at index 1"):
        runner(["great", 3])
    with pytest.raises(ValueError, match="target 'stream'.*Received: target 'interpreter'"):
        runner.start()
    with pytest.raises(FileNotFoundError, match="Received: .*none.tflite"):
        TFLiteRunner(tmp_path / "none.tflite")


@pytest.mark.parametrize("damage", ["model", "sidecar", "vocabulary", "missing", "list", "tensors"])
def test_parts_that_do_not_belong_together_are_refused(text_file, tmp_path, damage):
    for name in ("tiny.tflite", "tiny.json", "vocabulary.txt"):
        (tmp_path / name).write_bytes((text_file[1].parent / name).read_bytes())
    if damage == "model":
        (tmp_path / "tiny.tflite").write_bytes((tmp_path / "tiny.tflite").read_bytes() + b" ")
    elif damage == "vocabulary":
        (tmp_path / "vocabulary.txt").write_text("[PAD]\n[UNK]\n")
    elif damage == "missing":
        (tmp_path / "tiny.json").unlink()
    elif damage == "tensors":
        sidecar = json.loads((tmp_path / "tiny.json").read_text())
        sidecar["inputs"][0]["tensor"] += 1
        (tmp_path / "tiny.json").write_text(json.dumps(sidecar))
    else:
        (tmp_path / "tiny.json").write_text("{" if damage == "sidecar" else "[]")
    with pytest.raises(SidecarError, match="Received: "):
        TFLiteRunner(tmp_path / "tiny.tflite")


def test_a_keras_model_of_keras_layers_in_batches(tmp_path):
    network = small_network(keras.layers.LSTM)
    path = export_tflite(network, tmp_path / "new" / "small.tflite", batch_size=2)
    runner = TFLiteRunner(path)
    for length in (1, 7):
        ids = np.random.default_rng(0).integers(1, 40, (5, length))  # int64, and no multiple of the batch
        np.testing.assert_allclose(runner(ids), network(ids), atol=1e-5)
    for wrong, error in (
        (np.zeros((2, 3)), TypeError),
        (np.zeros(3, int), ValueError),
        (np.zeros((1, 0), int), ValueError),
    ):
        with pytest.raises(error, match="Received: "):
            runner(wrong)
    with pytest.raises(FileExistsError, match="overwrite=True"):
        export_tflite(network, path)


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (np.zeros((1, 5, 2)), ValueError, r"shape \[n, 4, 2\]. Received: shape \[1, 5, 2\]"),
        (np.zeros((4, 2)), ValueError, "Received: shape"),
        (np.zeros((1, 4, 2), complex), TypeError, "must be float32.*Received: complex"),
        (np.full((1, 4, 2), np.nan), ValueError, "must be finite"),
        ([np.zeros((1, 4, 2)), np.zeros((2, 3), int)], ValueError, "as many rows. Received: 1, 2"),
        ([np.zeros((1, 4, 2)), np.zeros((1, 3))], TypeError, "`k` must be int32.*Received: float64"),
    ],
)
def test_arrays_that_a_file_does_not_take(value, error, message):
    specs = [
        {"name": "x", "dtype": "float32", "shape": [1, 4, 2]},
        {"name": "k", "dtype": "int32", "shape": [1, 3]},
    ]
    with pytest.raises(error, match=message):
        check_arrays({"inputs": specs[: 1 + isinstance(value, list)]}, value)


def network_of(layer, **shape):
    return keras.Sequential([keras.Input((None, 2), **shape), layer])


REFUSED = {
    "activation relu; target 'compiled'|uses activation relu.*'compiled'": lambda: network_of(seqzoo.LSTM(2, activation="relu")),
    "uses recurrent_activation hard_sigmoid": lambda: network_of(keras.layers.LSTM(2, recurrent_activation="hard_sigmoid")),
    "steps a StackedRNNCells": lambda: network_of(keras.layers.RNN([keras.layers.LSTMCell(2), keras.layers.LSTMCell(2)])),
    "is stateful": lambda: network_of(seqzoo.LSTM(2, stateful=True), batch_size=1),
    "must be functional": lambda: keras.Sequential([keras.layers.LSTM(2)]),
    "Only batch and time may be unknown": lambda: keras.Sequential([keras.Input((None, None, 2)), keras.layers.Dense(2)]),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_models_that_cannot_be_fused_are_refused_with_the_reason(tmp_path, reason):
    with pytest.raises(ValueError, match=f"({reason}).*Received: "):
        export_tflite(REFUSED[reason](), tmp_path / "model.tflite")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": "phone"}, "`target` must be one of interpreter, compiled, stream, micro"),
        ({"target": "micro"}, "takes quantization 'int8'"),
        ({"target": "micro", "quantization": "float16"}, r"'float16' works with target interpreter or compiled or stream"),
        ({"quantization": "int4"}, "None or 'float16' or 'dynamic' or 'int8'"),
        ({"batch_size": None}, "one batch size, time alone may stay open"),
        ({"time_steps": 0}, "at least 1, or None"),
        ({"path": "model.bin"}, "must end in .tflite"),
        ({"quantization": "int8"}, "`simple_rnn.*` is none; quantization='dynamic'"),
        ({"target": "compiled"}, "needs `time_steps`"),
        ({"target": "stream", "time_steps": 3}, "one step a call"),
        ({"target": "micro", "quantization": "int8"}, "Target 'micro' needs `time_steps`"),
        ({"target": "micro", "quantization": "int8", "time_steps": 65}, "writes its steps out, at most 64"),
        ({"calibration": []}, "at least one sample"),
        ({"calibration": [np.zeros((3, 4))]}, r"`input` must have shape \[time, 2\]"),
        ({"calibration": [np.zeros((3, 2))], "time_steps": 5}, r"must have shape \[5, 2\]"),
        ({"calibration": [{"x": np.zeros((3, 2))}]}, "A sample must have input"),
    ],
)
def test_options_that_do_not_go_together(tmp_path, options, message):
    options = {"path": "model.tflite"} | options
    path = tmp_path / options.pop("path")
    with pytest.raises(ValueError, match=f"{message}.*Received: "):
        export_tflite(network_of(keras.layers.SimpleRNN(2)), path, **options)
    assert os.listdir(tmp_path) == []


def test_a_length_that_the_model_does_not_have(tmp_path):
    network = keras.Sequential([keras.Input((6, 2)), keras.layers.SimpleRNN(2)])
    with pytest.raises(ValueError, match="must be None for a model of fixed length 6. Received: 7"):
        export_tflite(network, tmp_path / "model.tflite", time_steps=7)
    assert os.listdir(tmp_path) == []


def test_other_kinds_of_models(tmp_path):
    with pytest.raises(TypeError, match="TextClassifier, a Forecaster or a keras.Model. Received: LSTM"):
        export_tflite(seqzoo.LSTM(2), tmp_path / "model.tflite")


@pytest.mark.parametrize("end", ["crash", "refusal", "interrupt"])
def test_an_export_that_fails_leaves_what_was_there(tmp_path, monkeypatch, end):
    path = tmp_path / "model.tflite"
    path.write_bytes(b"before")
    monkeypatch.setattr(export_module, "_convert", lambda *_: (b"no file", {"inputs": ["x"], "outputs": ["y"]}))
    expected = {"crash": RuntimeError, "refusal": ExportError, "interrupt": KeyboardInterrupt}[end]
    run_job = export_module.run_job

    def fail(folder):
        if end == "crash":
            run_job(folder)  # the child meets a file that is none
        raise expected("stopped")

    monkeypatch.setattr(export_module, "run_job", fail)
    with pytest.raises(expected):
        export_tflite(network_of(keras.layers.SimpleRNN(2)), path, overwrite=True)
    assert os.listdir(tmp_path) == ["model.tflite"] and path.read_bytes() == b"before"


@pytest.fixture
def killed_python(tmp_path, monkeypatch):
    """Every Python that is started is killed as by a fault of its memory."""
    killer = tmp_path / "python"
    killer.write_text("#!/bin/sh\nkill -SEGV $$\n")
    killer.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(killer))


def test_a_crash_of_the_building_process_is_an_error_and_no_end(tmp_path, killed_python):
    with pytest.raises(RuntimeError, match="nothing was written. Received: exit status -11"):
        run_job(tmp_path)


def test_a_crash_of_the_converter_is_an_error_and_no_end(tmp_path, monkeypatch, killed_python):
    monkeypatch.setattr(converter, "_kept", [])
    for _ in range(2):  # the second time with a process of its own
        with pytest.raises(RuntimeError, match="nothing was written. Received: exit status -11"):
            converter.convert_saved_model(tmp_path, tmp_path / "raw.tflite")


def test_what_cannot_be_converted_is_an_error_and_the_process_goes_on(tmp_path):
    before = converter._running().process.pid
    with pytest.raises(ExportError, match="must be able to convert.*Received: .*SavedModel"):
        converter.convert_saved_model(tmp_path, tmp_path / "raw.tflite")
    assert converter._running().process.pid == before and not (tmp_path / "raw.tflite").exists()


def test_a_file_with_wrong_answers_is_not_published(text_file):
    model, path = text_file
    expected = [{"probability": model.predict([text])} for text in tiny.TEXTS]
    near, _ = checks.measure(path, tiny.TEXTS, expected)
    assert 0 < near < 5e-2
    expected[2] = {"probability": 1 - expected[2]["probability"]}
    far, of_others = checks.measure(path, tiny.TEXTS, expected, counted=[0, 1])
    assert far > 5e-2 and of_others <= near  # what `build` holds against the tolerance


def test_a_file_that_remembers_is_not_published(text_file, monkeypatch):
    model, path = text_file
    call, calls = TFLiteRunner.__call__, []

    def remember(self, inputs):
        calls.append(1)
        return call(self, inputs) + 1e-6 * len(calls)

    monkeypatch.setattr(TFLiteRunner, "__call__", remember)
    expected = [{"probability": model.predict([text])} for text in tiny.TEXTS]
    with pytest.raises(ExportError, match="depends on the call before"):
        checks.measure(path, tiny.TEXTS, expected)
