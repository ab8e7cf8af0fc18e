"""Every refusal that says what would work: what it names is tried with the model that was refused."""

import ast
import re
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqzoo
from seqzoo.export import export_tflite
from seqzoo.export.tflite import onestep
from tests import tiny
from tests.export.tflite.networks import spread
from tests.export.tflite.test_any_cell import ProjectedCell

layers = keras.layers
pytestmark = [pytest.mark.usefixtures("in_process"), pytest.mark.filterwarnings("ignore:The scales of an 8-bit file")]
SAMPLES = list(np.random.default_rng(0).normal(size=(40, 6, 2)).astype("float32"))


class OwnCall(keras.Model):
    def __init__(self):
        super().__init__()
        self.read = layers.LSTM(3)

    def call(self, x):
        return self.read(x)


class Erfinv(keras.layers.Layer):
    def call(self, x):
        return tf.math.erfinv(0.5 * tf.tanh(x))


class Chance(keras.layers.Layer):
    def call(self, x):
        return x + tf.random.normal(tf.shape(x))


def series(*stack, time=None, **options):
    return spread(keras.Sequential([keras.Input((time, 2), name="x", **options), *stack]), 0.2)


def begun(computed=False, **options):
    """A layer that is given its first states."""
    x, begin = keras.Input((None, 2), name="x"), keras.Input((3,), name="begin")
    return spread(keras.Model([x, begin], layers.SimpleRNN(3, **options)(x, initial_state=2 * begin if computed else begin)))


def sentences():
    """A layer within each step of another."""
    x = keras.Input((None, 70, 2), name="x")
    return spread(keras.Model(x, layers.LSTM(3)(layers.TimeDistributed(layers.SimpleRNN(2))(x))))


def marked():
    x = keras.Input((6,), dtype="int32")
    return spread(keras.Model(x, layers.LSTM(3)(keras.ops.one_hot(x, 4))))


def two_series():
    a, b = keras.Input((None, 2), name="a"), keras.Input((None, 2), name="b")
    return spread(keras.Model([a, b], layers.LSTM(3)(layers.Concatenate()([a, b]))))


def two_apart():
    a, b = keras.Input((None, 2), name="a"), keras.Input((None, 2), name="b")
    return spread(keras.Model([a, b], layers.Concatenate()([layers.LSTM(3)(a), layers.LSTM(3)(b)])))


def uneven(steps):
    return {"calibration": [{"a": SAMPLES[0][:3], "b": SAMPLES[0][:steps]}]}


def own_call():
    model = OwnCall()
    model(SAMPLES[0][None])
    return model


def text_in():
    text = keras.Input((), dtype="string", name="text")
    return keras.Model(text, layers.LSTM(2)(layers.Embedding(4, 2)(layers.TextVectorization(vocabulary=["a", "b"])(text))))


def lookup(layer):
    return spread(
        keras.Sequential([keras.Input((None,), dtype="int32", name="ids"), *layer, layers.Embedding(9, 2), layers.LSTM(3)])
    )


def far():
    network = series(layers.LSTM(40))
    network.set_weights([np.full_like(w, 1e5) for w in network.get_weights()])
    return network


INT8 = {"quantization": "int8", "calibration": SAMPLES}
MICRO = INT8 | {"target": "micro", "time_steps": 6}
LONG = MICRO | {"time_steps": 65, "calibration": [np.tile(sample, (11, 1))[:65] for sample in SAMPLES]}
STREAM, SIX = {"target": "stream"}, {"time_steps": 6}
SPEC = {"input_signature": [keras.InputSpec(shape=(None, None, 2), name="x")]}


def relu():
    return series(layers.LSTM(3, activation="relu"))


def gru():
    return series(layers.GRU(3))


def numbers(dtype):
    return keras.Sequential([keras.Input((6, 2), dtype=dtype, name="x"), layers.Rescaling(1 / 64), layers.LSTM(3)])


def on_a_chip(dtype):
    drawn = np.random.default_rng(0).integers(0, 256, (48, 6, 2)).astype(dtype)
    return {"target": "micro", "quantization": "int8", "calibration": list(drawn)}


# The refusal; the model, what it is refused with, and what is named instead: options, or another model and options.
CASES = [
    ("needs `time_steps`, the length of every", gru, {"target": "compiled"}, [{"target": "compiled"} | SIX]),
    ("must be None for a model of fixed length 6", lambda: series(layers.LSTM(3), time=6), {"time_steps": 7}, [{}]),
    (
        "give `time_steps`, or `calibration` samples that it takes",
        lambda: series(layers.Conv1D(2, 17000, groups=2), layers.LSTM(3)),
        {},
        [{"time_steps": 17002}],
    ),
    ("form='loop' takes an initial_state", begun, {"form": "fused"}, [{"form": "loop"}, {}]),
    ("once for each step of another sequence.*give `time_steps`", sentences, {}, [{"time_steps": 2}]),
    ("Form 'unrolled' needs `time_steps`", gru, {"form": "unrolled"}, [{"form": "unrolled"} | SIX]),
    (
        "needs more than this step",
        lambda: series(layers.LSTM(2, return_sequences=True), layers.AveragePooling1D(2)),
        STREAM,
        [{}],
    ),
    ("carries the states", lambda: series(layers.Dense(2)), STREAM, [{}]),
    ("runs backwards", lambda: series(layers.Bidirectional(layers.LSTM(2))), STREAM, [{}]),
    ("steps of its own", sentences, STREAM, [{"time_steps": 2}]),
    ("must start from zero or from inputs", lambda: begun(computed=True), STREAM, [{}, (begun, STREAM)]),
    ("must be functional.*`input_signature`", own_call, {}, [SPEC]),
    ("`input_signature` must hold", own_call, {"input_signature": [(None, None, 2)]}, [SPEC]),
    ("what the model can be called with", own_call, {"input_signature": [keras.InputSpec(shape=(None, 2))]}, [SPEC]),
    ("`input_signature` is for a keras.Model", tiny.model, SPEC, [{}]),
    ("from the ids on, and leave TextVectorization", text_in, {}, [(lambda: lookup([]), {})]),
    ("or use a TextClassifier", text_in, {}, [(tiny.model, {})]),
    ("in a table", lambda: lookup([layers.IntegerLookup(vocabulary=[4, 5])]), {}, [(lambda: lookup([]), {})]),
    ("reads the whole of its input", tiny.model, STREAM, [{}]),
    ("`time_steps` must be None", gru, STREAM | SIX, [STREAM]),
    ("must have as many steps", two_series, STREAM | uneven(4), [STREAM | uneven(3)]),
    ("'interpreter' takes series of different", two_apart, STREAM | uneven(4), [uneven(4)]),
    (
        "leave keras.random out of what runs",  # of a generator that Keras has for all
        lambda: series(layers.LSTM(3), layers.Lambda(lambda x: x + keras.random.normal(keras.ops.shape(x)))),
        {},
        [(lambda: series(layers.LSTM(3)), {})],
    ),
    ("or on chance", lambda: series(layers.LSTM(3), Chance()), {}, [(lambda: series(layers.LSTM(3)), {})]),
    (
        "target 'interpreter' with quantization='dynamic' has it",
        lambda: series(layers.LSTM(3, return_sequences=True), layers.Lambda(lambda x: keras.ops.sort(x, axis=1)), time=6),
        INT8 | {"target": "micro"},
        [{"quantization": "dynamic"}],
    ),
    (
        "has an operator for other types.*dtype='int32'",
        lambda: numbers("uint8"),
        on_a_chip("uint8"),
        [
            (lambda: numbers("int32"), on_a_chip("int32")),
            on_a_chip("uint8") | {"quantization": "dynamic", "target": "interpreter"},
        ],
    ),
    ("another pooling or layer", lambda: series(layers.LSTM(3), Erfinv()), {}, [(lambda: series(layers.LSTM(3)), {})]),
    (
        "quantization='dynamic' keeps 8-bit weights",
        gru,
        INT8,
        [{"quantization": "dynamic"}, INT8 | {"form": "loop"}, INT8 | SIX | {"target": "compiled"}],
    ),
    (
        "target 'stream' takes the states in",
        lambda: series(layers.LSTM(3, stateful=True), batch_size=1),
        {},
        [STREAM, (lambda: series(layers.LSTM(3)), {})],
    ),
    ("form='loop' gives them", lambda: series(layers.LSTM(3, return_state=True)), {"form": "fused"}, [{"form": "loop"}, {}]),
    ("form='loop' steps it", relu, {}, [{"form": "loop"}, {"target": "compiled"} | SIX]),
    (
        "form='loop' steps it",  # stacked cells were sent to `compiled`, which crashed
        lambda: series(layers.RNN([layers.LSTMCell(2), ProjectedCell()])),
        {},
        [{"form": "loop"}, {"target": "compiled"} | SIX],
    ),
    ("use quantization=None", far, {"quantization": "float16"}, [{}]),
    ("Whole numbers as input need `calibration`", marked, {}, [{"calibration": np.ones((3, 6), "int32")}]),
    (
        "LSTM layers without a mask and without states",
        lambda: series(layers.SimpleRNN(3)),
        LONG,
        [MICRO, (lambda: series(layers.LSTM(3)), LONG), {"quantization": "dynamic"}],
    ),
]


@pytest.fixture(scope="module")
def tried(folder):
    """{the models that were exported as advised, with their options}: what several refusals name is tried once."""
    return {"folder": folder, "done": set()}


LONG_AGO = 31  # of the words that 30 has


@pytest.mark.parametrize(
    ("said", "build", "options", "instead"),
    [
        pytest.param(*case, id=f"{n}-{case[0][:30]}", marks=[pytest.mark.slow] if n == LONG_AGO else [])
        for n, case in enumerate(CASES)
    ],
)
def test_what_a_refusal_names_works(tried, said, build, options, instead):
    path, model = tried["folder"] / "refused.tflite", build()
    with pytest.raises((ValueError, TypeError), match=f"(?s){said}") as refusal:
        export_tflite(model, path, **options)
    assert "Received: " in str(refusal.value) and not path.exists()
    for advised in instead:
        made, advised = (advised[0](), advised[1]) if isinstance(advised, tuple) else (model, advised)
        network = getattr(made, "network", made)
        key = str([[type(layer) for layer in network._flatten_layers()], [w.shape for w in network.weights], sorted(advised)])
        if key in tried["done"]:
            continue
        tried["done"].add(key)
        export_tflite(made, tried["folder"] / "advised.tflite", overwrite=True, **advised)


ADVICE = re.compile(
    r"[Tt]arget '|form='|`form`|quantization=|time_steps|`calibration`|input_signature|training=|"
    r"\b(leave|build|use|Use|another) "
)


def messages():
    """(file, text) of all that the exporter says when it refuses, and that names something else to do."""
    files = [*Path(onestep.__file__).parent.glob("*.py"), Path(seqzoo.__file__).parent / "tasks" / "task.py"]
    for file in files:
        inside = set()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                inside |= set(map(id, node.values))
                parts = node.values
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
                parts = [node]
            else:
                continue
            text = "".join(part.value if isinstance(part, ast.Constant) else "6" for part in parts)
            if "Received: " in text and "\n" not in text and ADVICE.search(text):
                yield file.name, text


def test_every_refusal_with_advice_is_tried():
    # Of runners and samples: their advice is about a call, and tested with the runner and the samples.
    others = (
        r"^A file of target 'stream' takes one step|^Only files of target 'stream'|at least one sample|^The scales of an 8-bit|"
        r"^`calibration` must be"
    )
    found = [message for message in messages() if not re.search(others, message[1])]
    assert len(found) > 20
    untried = [message for message in found if not any(re.search(case[0], message[1]) for case in CASES)]
    assert untried == []
