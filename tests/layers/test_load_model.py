"""A saved model loads after a bare `import seqzoo`, whichever of it and Keras is imported first."""

from pathlib import Path

import keras
import pytest
from kinds import KINDS, layer_of
from reference.inputs import FEATURES, TIME, sequences

import seqzoo
from seqzoo.layers.bigram_embedding import BigramEmbedding
from seqzoo.layers.pooling import MaskedPooling
from seqzoo.layers.weight_dropout import WeightDroppedLSTM
from seqzoo.layers.word_dropout import WordDropout
from tests.processes import TENSORFLOW_ALONE, forked, python

LOAD = """
import sys, numpy as np
model = keras.models.load_model({path!r})
import seqzoo.kernels.compiled as compiled
compiled._worth_compiling = lambda *_: False
np.testing.assert_allclose(model(np.load({inputs!r})), np.load({outputs!r}), atol=1e-6)
assert 'seqzoo.zoo' not in sys.modules
"""


def run(code):
    result = python(code)
    assert result.returncode == 0, result.stdout + result.stderr[-3000:]
    return result.stdout


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A model with every layer, every cell and every pooling between its inputs and its outputs; text of a process that
    loads it."""
    import numpy as np

    folder = tmp_path_factory.mktemp("saved")
    inputs = keras.Input([TIME, FEATURES])
    outputs = inputs
    for kind in KINDS:
        outputs = layer_of(kind, return_sequences=True)[0](outputs) if kind == "rnn" else outputs
    outputs = keras.layers.Bidirectional(seqzoo.LSTM(3, return_sequences=True))(outputs)
    outputs = WeightDroppedLSTM(4, weight_dropout=0.1, return_sequences=True)(seqzoo.GRU(4, return_sequences=True)(outputs))
    cells = [seqzoo.LSTMCell(3), seqzoo.RNNCell(3, output_units=2), seqzoo.GRUCell(4)]
    outputs = keras.layers.RNN(cells, return_sequences=True)(outputs)
    ids = WordDropout(0.1)(keras.ops.cast(inputs[:, :, 0] > 0, "int32"))
    pairs = BigramEmbedding(3, 2, 10)(ids)
    valid = keras.ops.ones_like(ids) > 0
    outputs = keras.layers.Concatenate()([MaskedPooling("last_max_mean")(part, valid) for part in (outputs, pairs)])
    model = keras.Model(inputs, outputs)
    model.save(folder / "own.keras")
    np.save(folder / "in.npy", sequences())
    np.save(folder / "out.npy", keras.ops.convert_to_numpy(model(sequences())))
    paths = {"path": "own.keras", "inputs": "in.npy", "outputs": "out.npy"}
    return LOAD.format(**{name: str(folder / file) for name, file in paths.items()})


FIRST = [
    "import seqzoo, keras",
    "import keras, seqzoo",
    "import seqzoo; seqzoo.LSTMCell; import keras",
    "import seqzoo.layers.pooling, keras",
    "import seqzoo.tasks.text_generation.model, keras",
]


@pytest.fixture(scope="module")
def registered():
    """Every class that a file of seqzoo registers with Keras, found in the sources."""
    names = []
    for path in Path(seqzoo.__file__).parent.rglob("*.py"):
        lines = path.read_text(encoding="utf-8").splitlines()
        names += [
            following.split("(")[0].split(":")[0].removeprefix("class ")
            for line, following in zip(lines, lines[1:], strict=False)
            if line.startswith("@") and "register_keras_serializable" in line
        ]
    assert len(names) > 10
    return names


@pytest.fixture(scope="module")
def loaded(saved, registered):
    """{order of imports: the ended process}, each order in a process that has TensorFlow and neither Keras nor us. The whole
    model, which takes a second or two, after the first two and the last."""
    fresh = "import sys; assert not {'keras', 'seqzoo'} & set(sys.modules)\n"
    unknown = f"[name for name in {registered} if keras.saving.get_registered_object('seqzoo>' + name) is None]"
    loads = {first: saved if first in (*FIRST[:2], FIRST[-1]) else "" for first in FIRST}
    return {first: forked(f"{fresh}{first}; print({unknown}){load}", begun=TENSORFLOW_ALONE) for first, load in loads.items()}


@pytest.mark.parametrize("first", FIRST)
def test_loads_in_any_order_of_imports(first, loaded):
    """Every class that there is has been registered, and so a whole model loads."""
    done = loaded[first]
    assert done.returncode == 0 and "[]" in done.stdout.splitlines(), done.stdout + done.stderr[-3000:]


def test_keras_is_as_it_would_be_without_us():
    """The hook is in nobody's way: it imports nothing, a mere look for Keras leaves it in place, Keras's loader is its own."""
    code = """
import sys, importlib.util, seqzoo
assert 'keras' not in sys.modules
assert importlib.util.find_spec('keras') is not None and importlib.util.find_spec('no_such_module') is None
assert 'keras' not in sys.modules
import keras
assert type(keras.__spec__.loader).__module__ == type(keras.__loader__).__module__ == '_frozen_importlib_external'
assert keras.saving.get_registered_object('seqzoo>LSTM') is seqzoo.LSTM
"""
    run("import sys, seqzoo; assert not {'keras', 'tensorflow', 'numpy'} & set(sys.modules)")
    done = forked(code, begun=TENSORFLOW_ALONE)
    assert done.returncode == 0, done.stderr[-3000:]


def test_without_keras_there_is_the_usual_error():
    code = "import sys, seqzoo; sys.path[:] = []\ntry:\n    import keras\nexcept ModuleNotFoundError as e: print(e)"
    assert run(code).strip() == "No module named 'keras'"
