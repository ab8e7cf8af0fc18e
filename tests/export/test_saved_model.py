import errno
import json
import os

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from seqzoo import LSTM, RNN
from seqzoo.export import export_saved_model
from seqzoo.tasks import served_network
from seqzoo.zoo.folder import as_stored
from tests import tiny
from tests.processes import TENSORFLOW_ALONE, forked
from tests.stranger import HIDE

STRANGER = (
    HIDE
    + """
import json, sys
import tensorflow as tf
texts = [bytes.fromhex(text) for text in json.load(sys.stdin)]
batches, answers = [texts, texts[:1], texts[-1:], texts * 9, []], []
for folder in sys.argv[1:]:
    serve = tf.saved_model.load(folder).signatures["serving_default"]
    results = [serve(text=tf.constant(batch, tf.string, [len(batch)]))["probability"] for batch in batches]
    specs = {**serve.structured_input_signature[1], **serve.structured_outputs}
    shapes = {name: [spec.dtype.name, spec.shape.as_list()] for name, spec in specs.items()}
    ours = [m for m in sys.modules if m.split(".")[0] in ("seqzoo", "keras")]
    answers.append([[result.numpy().tolist() for result in results], shapes, ours])
print(json.dumps(answers))
"""
)


def ask_stranger(folders, texts):
    encoded = json.dumps([text.encode("utf-8", "surrogatepass").hex() for text in texts])
    child = forked(STRANGER, *folders, begun=TENSORFLOW_ALONE, input=encoded, cwd="/")
    assert child.returncode == 0, child.stderr
    return json.loads(child.stdout)


def test_a_process_without_seqzoo_and_keras_gets_the_same_numbers(tmp_path):
    configs = [
        {"cell": "lstm", "pooling": "max_mean"},
        {"cell": "lstm", "bidirectional": True, "pairs": ["it became", "boring at", "and the", "movie started"], "seed": 1},
        {"cell": "rnn", "bidirectional": True, "layers": 2, "pooling": "last", "dropout": 0.5, "word_dropout": 0.3},
    ]
    models, texts = [tiny.model(**config) for config in configs], tiny.TEXTS + tiny.HOSTILE
    for number, model in enumerate(models):
        assert export_saved_model(model, tmp_path / "first") == tmp_path / "first"
        (tmp_path / "first").rename(tmp_path / f"moved-{number}")  # no path in it may point back
    answers = ask_stranger(sorted(tmp_path.glob("moved-*")), texts)
    for model, (results, shapes, ours) in zip(models, answers, strict=True):
        expected = model.predict(texts)
        assert np.ptp(expected) > 0.2
        batches = [expected, expected[:1], expected[-1:], np.tile(expected, 9), expected[:0]]
        for result, batch in zip(results, batches, strict=True):
            np.testing.assert_allclose(result, batch, atol=1e-6, rtol=0)
        assert shapes == {"text": ["string", [None]], "probability": ["float32", [None]]} and ours == []


def test_float16_weights_take_half_the_bytes_and_others_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(served_network, "SMALL", 0)
    model = tiny.model(pairs=["it became", "boring at"])  # whose ids are weights too, and stay integers
    models = {"float16": as_stored(model, "float16"), "float32": model}
    for name, each in models.items():
        export_saved_model(each, tmp_path / name)
    answers = ask_stranger([tmp_path / name for name in models], tiny.TEXTS)
    for (name, each), (results, _, _) in zip(models.items(), answers, strict=True):
        np.testing.assert_allclose(results[0], each.predict(tiny.TEXTS), atol=1e-6, rtol=0)
        loaded = tf.saved_model.load(str(tmp_path / name))
        dtypes = {variable.dtype for variable in loaded.weights if variable.dtype.is_floating}
        assert dtypes == {tf.as_dtype(name)}


def recurrent_model():
    inputs = keras.Input((None, 3), name="series")
    return keras.Model(inputs, keras.layers.Dense(2)(RNN(4)(LSTM(5, return_sequences=True)(inputs))))


@pytest.mark.parametrize("model", [tiny.model, lambda: tiny.model(cell="rnn", bidirectional=True), recurrent_model])
def test_the_graph_needs_no_compiler(tmp_path, model):
    export_saved_model(model(), tmp_path / "model")
    saved = saved_model_pb2.SavedModel.FromString((tmp_path / "model" / "saved_model.pb").read_bytes())
    library = saved.meta_graphs[0].graph_def.library.function
    operators = {node.op for function in library for node in function.node_def}
    assert "MatMul" in operators and not [name for name in operators if name.startswith("Xla")]
    assert not [function.signature.name for function in library if function.attr["_XlaMustCompile"].b]


def test_a_keras_model_of_our_layers_keeps_its_own_inputs(tmp_path):
    model = recurrent_model()
    series = np.random.default_rng(0).normal(size=(2, 7, 3)).astype(np.float32)
    export_saved_model(model, tmp_path / "model")
    serve = tf.saved_model.load(str(tmp_path / "model")).signatures["serving_default"]
    (output,) = serve(series=tf.constant(series)).values()
    np.testing.assert_allclose(output, model(series), atol=1e-6)


def test_other_models_are_refused(tmp_path):
    for other in (object(), None, LSTM(3), tiny.model().network.layers[1]):
        with pytest.raises(TypeError, match=f"or a keras.Model. Received: {type(other).__name__}$"):
            export_saved_model(other, tmp_path / "model")
    with pytest.raises(ValueError, match="must be built.*Received: "):
        export_saved_model(keras.Sequential([LSTM(3)]), tmp_path / "model")
    assert os.listdir(tmp_path) == []


def test_what_lies_there_is_replaced_only_on_demand(tmp_path):
    small = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text("dear")
    with pytest.raises(FileExistsError, match="holds saved_model.pb"):
        export_saved_model(small, tmp_path / "letters", overwrite=True)
    export_saved_model(small, tmp_path / "model")
    with pytest.raises(FileExistsError, match="overwrite=True"):
        export_saved_model(tiny.model(), tmp_path / "model")
    export_saved_model(tiny.model(), tmp_path / "model", overwrite=True)
    assert "probability" in tf.saved_model.load(str(tmp_path / "model")).signatures["serving_default"].structured_outputs
    assert sorted(os.listdir(tmp_path)) == ["letters", "model"]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()], ids=repr)
@pytest.mark.parametrize("kind", ["task", "keras"])
def test_a_failed_export_keeps_the_previous_one(tmp_path, monkeypatch, error, kind):
    model = tiny.model() if kind == "task" else keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    export_saved_model(model, tmp_path / "model")
    before = (tmp_path / "model" / "saved_model.pb").read_bytes()
    save = tf.saved_model.save

    def save_and_fail(module, path, *args, **kwargs):
        save(module, path, *args, **kwargs)
        raise error

    monkeypatch.setattr(tf.saved_model, "save", save_and_fail)
    with pytest.raises(type(error)):
        export_saved_model(model, tmp_path / "model", overwrite=True)
    assert (tmp_path / "model" / "saved_model.pb").read_bytes() == before and os.listdir(tmp_path) == ["model"]
