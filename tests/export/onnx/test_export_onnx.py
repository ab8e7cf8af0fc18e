"""`export_onnx`: the file answers as the model in onnxruntime, for batches, lengths and paddings that its own check had not."""

import json
from collections import Counter

import keras
import numpy as np
import pytest

import seqzoo
from seqzoo.export import ExportError, export_onnx
from tests import tiny

layers = keras.layers


def normal(*shape, seed=5):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def spread(network, scale=0.7):
    """Weights so large that a wrong step shows."""
    network.set_weights([scale * normal(*w.shape, seed=place).astype(w.dtype) for place, w in enumerate(network.get_weights())])
    return network


def session_of(path):
    return pytest.importorskip("onnxruntime").InferenceSession(str(path), providers=["CPUExecutionProvider"])


def operators(path):
    """How many there are of each operator of a file, those inside loops too."""
    import onnx

    def walk(graph):
        for node in graph.node:
            yield node.op_type
            for attribute in node.attribute:
                yield from walk(attribute.g)

    return Counter(walk(onnx.load(str(path)).graph))


def series(*stack, masked=False, shape=(None, 3)):
    first = [keras.Input(shape, name="x")] + [layers.Masking(-1.0)] * masked
    return spread(keras.Sequential([*first, *stack]))


def gaps(*shape, seed=0):
    """Rows padded in front, behind, in between and not at all with Masking's -1."""
    x = normal(4, *shape, seed=seed)
    time = shape[0]
    x[0, : time // 2], x[1, -2:], x[2, 1:-1:2] = -1, -1, -1
    return x


def every_kind(masked):
    """One network with a layer of each kind, each an output of its own."""
    x = keras.Input((None, 3), name="x")
    y = layers.Masking(-1.0)(x) if masked else x
    kinds = {
        "lstm": seqzoo.LSTM(4),
        "gru": seqzoo.GRU(4, return_sequences=True),
        "reset_before": layers.GRU(4, reset_after=False, go_backwards=True),
        "head": seqzoo.RNN(4, activation="relu", output_units=2, return_sequences=True),
        "both": layers.Bidirectional(layers.LSTM(3, return_sequences=True, dropout=0.3, recurrent_dropout=0.2)),
        "zero": layers.LSTM(4, use_bias=False, return_sequences=True, zero_output_for_mask=True),
        "softsign": seqzoo.LSTM(4, activation="softsign"),  # for which there is no operator
    }
    return spread(keras.Model(x, {name: layer(y) for name, layer in kinds.items()}))


@pytest.mark.parametrize("masked", [pytest.param(False, marks=pytest.mark.slow), True])
def test_any_batch_length_and_padding(tmp_path, masked):
    network = every_kind(masked)
    path = export_onnx(network, tmp_path / "m.onnx")
    session = session_of(path)
    assert [(of.name, of.shape) for of in session.get_inputs()] == [("x", ["batch", "time", 3])]
    shapes = {of.name: of.shape for of in session.get_outputs()}
    assert shapes["lstm"] == ["batch", 4] and shapes["both"] == ["batch", "time", 6]
    counts = operators(path)
    assert [counts[name] for name in ("LSTM", "GRU", "RNN", "Loop")] == [4, 2, 1, 1]
    for time in (5, 12):
        x = gaps(time, 3, seed=time)
        expected = network(x)
        for name, found in zip(shapes, session.run(None, {"x": x}), strict=True):
            np.testing.assert_allclose(found, expected[name], atol=1e-5, err_msg=name)


def test_names_a_dict_and_states_in_and_out(tmp_path):
    inputs = {"z": keras.Input((None, 2), name="z"), "a b": keras.Input((3,), name="a b"), "m": keras.Input((None, 2), name="m")}
    x, h, c = layers.LSTM(3, return_state=True)(layers.Masking(-1.0)(inputs["m"]))
    y = seqzoo.LSTM(3, return_sequences=True)(inputs["z"], initial_state=[inputs["a b"] + h, c])
    network = spread(keras.Model(inputs, {"later": y, "cell": c}, name="a model"))
    path = export_onnx(network, tmp_path / "m.onnx")
    session, feed = session_of(path), {"z": normal(4, 6, 2), "a_b": normal(4, 3), "m": gaps(6, 2)}
    expected = network({"z": feed["z"], "a b": feed["a_b"], "m": feed["m"]})
    assert [of.name for of in session.get_outputs()] == ["later", "cell"]
    found = dict(zip([of.name for of in session.get_outputs()], session.run(None, feed), strict=True))
    for name in expected:
        np.testing.assert_allclose(found[name], expected[name], atol=1e-5)


def test_outputs_in_the_models_order_and_constants_that_layers_hold(tmp_path):
    """They came in the order of the alphabet, and the mean and the variance as inputs without a value."""
    layer = layers.Normalization(mean=[1.0, 2.0, 3.0], variance=[4.0, 5.0, 6.0])
    x = keras.Input((None, 3), name="x")
    y = layers.LSTM(3)(layer(x))
    network = spread(keras.Model(x, [layers.Dense(1, name="z")(y), layers.Dense(2, name="a")(y)]))
    session, given = session_of(export_onnx(network, tmp_path / "m.onnx")), normal(2, 5, 3)
    assert [of.name for of in session.get_outputs()] == ["z", "a"] and [of.name for of in session.get_inputs()] == ["x"]
    for found, expected in zip(session.run(None, {"x": given}), network(given), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)


class Own(keras.Model):
    def __init__(self, **options):
        super().__init__(**options)
        self.over, self.dense = seqzoo.GRU(4), layers.Dense(2)

    def call(self, x):
        return self.dense(self.over(x))


def test_a_subclassed_model_by_its_signature(tmp_path):
    with pytest.raises(ValueError, match="called once, or `input_signature`.*Received: Own and None"):
        export_onnx(Own(), tmp_path / "m.onnx")
    network, x = Own(), normal(2, 9, 3)
    network(x)
    spread(network)
    path = export_onnx(network, tmp_path / "m.onnx", input_signature=[keras.InputSpec(shape=(None, None, 3), dtype="float32")])
    session = session_of(path)
    assert session.get_inputs()[0].shape == ["batch", "time", 3] and session.get_outputs()[0].name == "own"
    np.testing.assert_allclose(session.run(None, {session.get_inputs()[0].name: x})[0], network(x), atol=1e-5)
    half = Own(dtype="mixed_float16")
    half(x)
    session, expected = session_of(export_onnx(half, tmp_path / "half.onnx")), half(x)
    found = session.run(None, {session.get_inputs()[0].name: x})[0]
    assert found.dtype == np.float32 and 0 < np.abs(found - np.asarray(expected)).max() < 0.01


def test_double_precision_and_argmax(tmp_path):
    """onnxruntime's LSTM has no doubles, and Keras's argmax asks the sign by a Bitcast, which ONNX has not."""
    x = keras.Input((None, 3), dtype="float64", name="x")
    y = layers.Dense(4, dtype="float64")(layers.LSTM(3, dtype="float64")(x))
    network = spread(keras.Model(x, {"scores": y, "best": keras.ops.argmax(y, axis=-1)}))
    session, given = session_of(export_onnx(network, tmp_path / "m.onnx")), normal(9, 6, 3)
    assert session.get_inputs()[0].type == "tensor(float)"
    found = dict(zip([of.name for of in session.get_outputs()], session.run(None, {"x": given}), strict=True))
    expected = network(given.astype("float64"))
    np.testing.assert_allclose(found["scores"], expected["scores"], atol=1e-5)
    assert np.array_equal(found["best"], expected["best"]) and len(set(found["best"])) > 1


def test_half_precision_is_written_in_float32(tmp_path):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        inner = keras.Sequential([keras.Input((None, 3)), layers.LSTM(3)])
        network = spread(keras.Sequential([keras.Input((None, 3), name="x"), inner, layers.Dense(2)]))
    finally:
        keras.config.set_dtype_policy("float32")
    session, x = session_of(export_onnx(network, tmp_path / "m.onnx")), normal(2, 7, 3)
    assert session.get_inputs()[0].type == session.get_outputs()[0].type == "tensor(float)"
    found, expected = session.run(None, {"x": x})[0], np.asarray(network(x), "float32")
    assert 0 < np.abs(found - expected).max() < 0.02 < expected.std()


def test_a_text_classifier_takes_ids_and_says_how_text_becomes_them(tmp_path):
    classifier = tiny.model()
    path = export_onnx(classifier, tmp_path / "m.onnx")
    session = session_of(path)
    assert [(of.name, of.type, of.shape) for of in session.get_inputs()] == [("ids", "tensor(int32)", ["batch", "time"])]
    assert [(of.name, of.shape) for of in session.get_outputs()] == [("probability", ["batch"])]
    metadata = session.get_modelmeta().custom_metadata_map
    words, rules = metadata["vocabulary.txt"].splitlines(), json.loads(metadata["text"])
    assert tuple(words) == classifier.vocabulary.words and rules["pad"] == "on the right" and not rules["padding"]
    assert rules["vocabulary"] == "vocabulary.txt"
    first, second = words[2:4]
    ids = np.array([[2, 3], [3, 0]], "int32")
    found, expected = session.run(None, {"ids": ids})[0], classifier.predict([f"{first} {second}", second])
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_forecaster_takes_its_networks_inputs(tmp_path):
    model = seqzoo.load_pretrained("stock-volatility-rnn")
    session, x = session_of(export_onnx(model, tmp_path / "m.onnx")), normal(3, 60, 11)
    np.testing.assert_allclose(session.run(None, {"sequence": x})[0], model.network(x), atol=1e-5)
    assert "answer" in json.loads(session.get_modelmeta().custom_metadata_map["prices"])


def test_what_can_be_no_file_is_refused_and_nothing_is_left(tmp_path, monkeypatch):
    text = keras.Input((), dtype="string", name="text")
    ids = layers.TextVectorization(vocabulary=["a", "b"])(text)
    words = keras.Model(text, layers.LSTM(2)(layers.Embedding(4, 2)(ids)))
    numbers = keras.Sequential([keras.Input((None,), dtype="int32", name="n"), layers.Lambda(lambda n: n + 1)])
    kept = keras.Sequential([keras.Input(batch_shape=(1, 2, 3)), seqzoo.LSTM(2, stateful=True)])
    good = series(seqzoo.LSTM(2))
    path = tmp_path / "m.onnx"
    for model, error, match in (
        (words, ValueError, "Input `text` is text.*Received: string"),
        (numbers, ValueError, "Whole numbers as input need `samples`"),
        (kept, ValueError, "is stateful.*Received: stateful=True"),
        (3, TypeError, "must be a task's model.*Received: int"),
    ):
        with pytest.raises(error, match=match):
            export_onnx(model, path)
    with pytest.raises(ValueError, match="must end in .onnx. Received: 'm.tflite'"):
        export_onnx(good, tmp_path / "m.tflite")
    with pytest.raises(ValueError, match="must have shape"):
        export_onnx(good, path, samples=[normal(4)])
    monkeypatch.setattr("seqzoo.export.onnx.loops.ORDERS", {"LSTM": (0, 1, 2, 3)})  # Keras's order is not ONNX's
    with pytest.raises(ExportError, match="onnxruntime must answer .* Received: a difference of"):
        export_onnx(good, path)
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []
    path.write_bytes(b"mine")
    with pytest.raises(FileExistsError, match="already exists"):
        export_onnx(good, path)
    assert path.read_bytes() == b"mine"
    export_onnx(good, path, overwrite=True)
    assert session_of(path).get_outputs()


def test_an_operation_that_onnx_has_not_is_named(tmp_path):
    import tensorflow as tf

    class Angles(layers.Layer):
        def call(self, x):
            return tf.math.lgamma(x)  # tf2onnx leaves it as it is

    network = keras.Sequential([keras.Input((3,), name="x"), Angles()])
    with pytest.raises(ExportError, match="must have an ONNX operator: .* takes any. Received: Lgamma"):
        export_onnx(network, tmp_path / "m.onnx")


def test_without_the_extra(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install 'seqzoo\[onnx\]'"):
        export_onnx(series(seqzoo.LSTM(2)), tmp_path / "m.onnx")
