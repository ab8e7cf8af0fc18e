import json

import keras
import numpy as np
import pytest

import seqzoo
from seqzoo.export import TFLiteRunner, export_tflite
from tests import tiny
from tests.export.tflite.networks import typical_texts

TEXTS = [text for text in tiny.TEXTS + tiny.HOSTILE if "\ud800" not in text]


def sidecar_of(path):
    return json.loads(path.with_suffix(".json").read_text())


def series(length, seed=0):
    return np.random.default_rng(seed).normal(size=(1, length, 3)).astype(np.float32)


@pytest.mark.parametrize(("time_steps", "form", "batch"), [(None, "unrolled", 1), (70, "loop", 2)])
def test_compiled(tmp_path, time_steps, form, batch):
    from ai_edge_litert.compiled_model import CompiledModel

    model = tiny.model(cell="lstm", bidirectional=True)
    options = {"time_steps": time_steps, "batch_size": batch}
    path = export_tflite(model, tmp_path / "model.tflite", "compiled", **options)
    assert sidecar_of(path)["form"] == form
    np.testing.assert_allclose(TFLiteRunner(path)(TEXTS), model.predict(TEXTS), atol=1e-5)
    compiled = CompiledModel.from_file(str(path))
    inputs, outputs = compiled.create_input_buffers(0), compiled.create_output_buffers(0)
    for text in tiny.TEXTS:
        ids = np.zeros((batch, time_steps or 12), np.int32)
        words = model.vocabulary.encode(text, 12)
        ids[-1, : len(words)] = words
        inputs[0].write(ids)
        compiled.run_by_index(0, inputs, outputs)
        answers = outputs[0].read(batch, np.float32)
        np.testing.assert_allclose(answers, model.predict([""] * (batch - 1) + [text]), atol=1e-5)


def test_stream_goes_step_by_step_as_the_whole_sequence_does(tmp_path):
    inputs = keras.Input((None, 3), name="ticks")
    x = keras.layers.GRU(4, return_sequences=True)(seqzoo.LSTM(5, return_sequences=True)(inputs))
    x = seqzoo.RNN(3, output_units=2, return_sequences=True)(x)
    network = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.SimpleRNN(4)(x)))
    runner = TFLiteRunner(export_tflite(network, tmp_path / "stream.tflite", "stream"))
    ticks, states = series(9), runner.start()
    for step in range(9):
        answer, states = runner.step(ticks[:, step], states)
        np.testing.assert_allclose(answer, network(ticks[:, : step + 1]), atol=1e-5)
    again, _ = runner.step(ticks[:, 0], runner.start())
    np.testing.assert_allclose(again, network(ticks[:, :1]), atol=1e-5)
    with pytest.raises(ValueError, match="use `step"):
        runner(ticks)
    with pytest.raises(ValueError, match="Received: "):
        runner.step(ticks[:, 0], {"nothing": 1})


def test_stream_refuses_what_looks_ahead(tmp_path):
    both = keras.Sequential([keras.Input((None, 3)), keras.layers.Bidirectional(keras.layers.LSTM(2))])
    with pytest.raises(ValueError, match="runs backwards.*Received"):
        export_tflite(both, tmp_path / "stream.tflite", "stream")
    with pytest.raises(ValueError, match="reads the whole of its input.*Received"):
        export_tflite(tiny.model(), tmp_path / "stream.tflite", "stream")


@pytest.mark.parametrize(("seed", "pooling", "layers", "steps"), [(2, "last", 2, 12), (0, "max_mean", 1, 300)])
def test_micro(tmp_path, seed, pooling, layers, steps):
    model = tiny.model(seed, pooling=pooling, layers=layers, max_tokens=steps)
    path = export_tflite(model, tmp_path / "micro.tflite", "micro", "int8", calibration=typical_texts())
    runner = TFLiteRunner(path)
    answers = runner(TEXTS)
    np.testing.assert_allclose(answers, model.predict(TEXTS), atol=0.05)
    assert [spec["name"] for spec in sidecar_of(path)["inputs"]] == ["ids", "length"]
    runtime = pytest.importorskip("tflite_micro.python.tflite_micro.runtime", reason="needs the package tflite-micro")
    micro = runtime.Interpreter.from_file(str(path), arena_size=30_000)
    assert np.ptp(answers) > 0.08  # texts are told apart
    for text, answer in zip(TEXTS, answers, strict=True):
        ids, words = np.zeros((1, steps), np.int32), model.vocabulary.encode(text, steps)
        ids[0, : len(words)] = words
        micro.set_input(ids, 0)
        micro.set_input(np.array([len(words)], np.int32), 1)
        micro.invoke()
        assert micro.get_output(0)[0] == pytest.approx(answer, abs=0.005)


@pytest.mark.parametrize("target", ["interpreter", "compiled"])
def test_more_than_two_classes(tmp_path, target):
    model = tiny.model(classes=["bad", "fair", "good"])
    steps = None if target == "interpreter" else 12
    path = export_tflite(model, tmp_path / "classes.tflite", target, "dynamic", time_steps=steps)
    answers, expected = TFLiteRunner(path)(TEXTS), model.predict(TEXTS)
    assert answers.shape == (len(TEXTS), 3)
    np.testing.assert_allclose(answers, expected, atol=0.03)


@pytest.mark.parametrize(
    ("target", "quantization"),
    [
        ("interpreter", None),
        pytest.param("compiled", "dynamic", marks=pytest.mark.slow),  # test_compiled.py has pairs, too
        pytest.param("interpreter", "dynamic", marks=pytest.mark.slow),
        pytest.param("compiled", "float16", marks=pytest.mark.slow),
    ],
)
def test_pairs_of_words(tmp_path, target, quantization):
    pairs = ["it became", "boring at", "and the", "movie started", "boring and"]
    model = tiny.model(pairs=pairs, bidirectional=True)
    steps = None if target == "interpreter" else 12
    path = export_tflite(model, tmp_path / "pairs.tflite", target, quantization, time_steps=steps)
    texts = [*TEXTS, *pairs, "became it"]
    expected = model.predict(texts)
    np.testing.assert_allclose(TFLiteRunner(path)(texts), expected, atol=0.03 if quantization == "dynamic" else 1e-3)
    assert np.ptp(expected) > 0.02
    if target == "interpreter":
        assert sidecar_of(path)["operators"]["UNIDIRECTIONAL_SEQUENCE_LSTM"] == 2


MICRO_LACKS = [{"bidirectional": True}, {"cell": "rnn"}, {"classes": ["a", "b", "c"]}, {"pairs": ["it became"]}]


@pytest.mark.parametrize("config", MICRO_LACKS)
def test_micro_refuses_what_its_kernels_lack(tmp_path, config):
    with pytest.raises(ValueError, match="other models run on target 'interpreter'.*Received: "):
        export_tflite(tiny.model(**config), tmp_path / "micro.tflite", "micro", "int8")


def test_gru_is_a_loop_and_says_so(tmp_path):
    network = keras.Sequential([keras.Input((None, 3), name="x"), seqzoo.GRU(4, return_sequences=True), keras.layers.GRU(3)])
    path = export_tflite(network, tmp_path / "gru.tflite")
    assert sidecar_of(path)["form"] == "loop" and sidecar_of(path)["operators"]["WHILE"] == 2
    for length in (1, 6):
        np.testing.assert_allclose(TFLiteRunner(path)(series(length)), network(series(length)), atol=1e-5)


def test_several_inputs_and_outputs(tmp_path):
    left, right = keras.Input((None, 3), name="left"), keras.Input((4,), name="right")
    state = seqzoo.LSTM(4)(left)
    outputs = [keras.layers.Dense(2, name="first")(state), keras.layers.Add(name="second")([state, right])]
    network = keras.Model([left, right], outputs)
    runner = TFLiteRunner(export_tflite(network, tmp_path / "two.tflite"))
    inputs = {"left": series(5), "right": series(5)[:, :4, 0]}
    answers = runner(inputs)
    for answer, expected in zip(answers.values(), network([inputs["left"], inputs["right"]]), strict=True):
        np.testing.assert_allclose(answer, expected, atol=1e-5)
    with pytest.raises(ValueError, match="must be left, right. Received: left"):
        runner({"left": inputs["left"]})
    with pytest.raises(ValueError, match="must be left, right, in this order or by name. Received: 3"):
        runner([inputs["left"], inputs["right"], inputs["right"]])  # none is dropped without a word
