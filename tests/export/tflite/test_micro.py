"""Networks of arrays on microcontrollers, in the interpreter of TensorFlow Lite Micro itself."""

import keras
import numpy as np
import pytest

from seqzoo.data.price_windows import COLUMNS, windows_of
from seqzoo.export import TFLiteRunner, export_tflite
from seqzoo.export.tflite.sidecar import read_sidecar
from seqzoo.tasks.stock_forecasting.heads import VolatilityForecaster
from tests.stock_prices import frame

layers = keras.layers
runtime = pytest.importorskip("tflite_micro.python.tflite_micro.runtime", reason="needs the package tflite-micro")


def normal(*shape, seed=5):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def keyword():
    """Convolutions over a spectrogram, pooling, an LSTM in both directions: keyword spotting."""
    x = inputs = keras.Input((20, 10), name="spectrogram")
    x = layers.MaxPooling1D(2)(layers.Conv1D(12, 3, padding="same", activation="relu")(x))
    x = layers.Bidirectional(layers.LSTM(6, return_sequences=True))(x)
    x = layers.Concatenate()([layers.GlobalMaxPooling1D()(x), layers.GlobalAveragePooling1D()(x)])
    return keras.Model(inputs, layers.Dense(4, activation="softmax", name="word")(x))


def activity():
    """A GRU and an RNN over the axes of an accelerometer, and what is known of the person beside it."""
    series, person = keras.Input((16, 3), name="series"), keras.Input((2,), name="person")
    x = layers.SimpleRNN(5)(layers.GRU(6, return_sequences=True)(series))
    x = layers.Concatenate()([x, layers.Dense(3, activation="relu")(person)])
    return keras.Model([series, person], layers.Dense(3, activation="sigmoid", name="activity")(x))


def states():
    """An LSTM that gives its states, which another begins with, after one that does neither and stays fused."""
    x = inputs = keras.Input((12, 3), name="series")
    x = layers.LSTM(5, return_sequences=True)(x)
    x, *after = layers.LSTM(6, return_sequences=True, return_state=True)(x)
    x = layers.Concatenate()([layers.LSTM(6)(x, initial_state=after), *after])
    return keras.Model(inputs, layers.Dense(3, activation="tanh", name="answer")(x))


def masked():
    """Steps of -1 are padding: their answers are those before them."""
    x = inputs = keras.Input((12, 3), name="series")
    x = layers.GRU(5)(layers.Bidirectional(layers.LSTM(5, return_sequences=True))(layers.Masking(-1.0)(x)))
    return keras.Model(inputs, layers.Dense(3, activation="tanh", name="answer")(x))


def words():
    ids = keras.Input((10,), dtype="int32", name="ids")
    embedding = layers.Embedding(20, 4, mask_zero=True)
    embedding.build()
    embedding.set_weights([normal(20, 4)])
    x = layers.Bidirectional(layers.LSTM(5))(embedding(ids))
    return keras.Model(ids, layers.Dense(3, activation="tanh", name="answer")(x))


def image():
    x = inputs = keras.Input((12, 12, 1), name="image")
    x = layers.SeparableConv2D(8, 3, activation="relu", padding="same")(x)
    x = layers.AveragePooling2D(2)(layers.BatchNormalization()(x))
    x = layers.Dense(8, activation="relu")(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(3, name="class")(x))


def on_micro(path, feeds):
    micro = runtime.Interpreter.from_file(str(path), arena_size=200_000)
    for place, spec in enumerate(read_sidecar(path)["inputs"]):
        micro.set_input(feeds[spec["name"]], place)
    micro.invoke()
    return micro.get_output(0)


@pytest.mark.parametrize(
    ("make", "form", "fused"),
    [
        (keyword, "fused", 2),
        (activity, "unrolled", 0),
        (image, "unrolled", 0),
        (states, "fused", 1),
        (masked, "unrolled", 0),
        pytest.param(words, "unrolled", 0, marks=pytest.mark.slow),  # the text classifier takes words too
    ],
)
def test_networks_of_arrays(tmp_path, make, form, fused):
    keras.utils.set_random_seed(2)
    network = make()
    data = {x.name: normal(48, *x.shape[1:]) for x in network.inputs}
    if make is words:
        data = {"ids": np.random.default_rng(1).integers(0, 20, (48, 10)).astype("int32")}
    if make is masked:
        data["series"][::2, :4] = data["series"][1::3, 7:] = -1
    path = export_tflite(network, tmp_path / "micro.tflite", "micro", "int8", calibration=data)
    sidecar = read_sidecar(path)
    assert sidecar["form"] == form and sidecar["operators"].get("UNIDIRECTIONAL_SEQUENCE_LSTM", 0) == fused
    fresh = {name: normal(6, *value.shape[1:], seed=9) for name, value in data.items()}
    if make is words:
        fresh = {"ids": data["ids"][:6, ::-1].copy()}
    if make is masked:
        fresh["series"][0, :5] = fresh["series"][3, [2, 9]] = -1
    expected = np.asarray(network([fresh[x.name] for x in network.inputs]))
    answers = TFLiteRunner(path)(fresh)
    np.testing.assert_allclose(answers, expected, atol=0.05 * max(1, np.abs(expected).max()))
    assert np.ptp(expected, axis=0).max() > 0.05
    for row in (0, 3, 0):  # nothing is kept from call to call
        found = on_micro(path, {name: value[row : row + 1] for name, value in fresh.items()})
        np.testing.assert_allclose(found[0], answers[row], atol=0.01 * max(1, np.abs(expected).max()))


def test_a_forecaster(tmp_path):
    model = VolatilityForecaster({"units": 4})
    random = np.random.default_rng(0)
    model.load_tensors({k: random.normal(0, 0.4, v.shape).astype(np.float32) for k, v in model.tensors().items()})
    rows = frame(300)[list(COLUMNS)].to_numpy()
    windows = windows_of(rows, np.arange(251, 299))
    path = export_tflite(model, tmp_path / "stock.tflite", "micro", "int8", calibration=windows)
    runner = TFLiteRunner(path)
    expected = model.predict(windows)[:, 1]
    np.testing.assert_allclose(runner(windows)["volatility"] / expected, 1, atol=0.05)
    (feed, _), *_ = runner._preprocess(rows)[0]
    found = on_micro(path, feed)
    np.testing.assert_allclose(found, runner({"sequence": feed["sequence"]}), atol=0.01)


def test_what_micro_cannot_take(tmp_path):
    masked = keras.Sequential([keras.Input((70, 2), name="x"), layers.Masking(), layers.LSTM(2)])
    with pytest.raises(ValueError, match="is masked, so target 'micro' writes its steps out, at most 64.*Received: 70"):
        export_tflite(masked, tmp_path / "none.tflite", "micro", "int8")
    gives = keras.Sequential([keras.Input((70, 2), name="x"), layers.LSTM(2, return_state=True)])
    with pytest.raises(
        ValueError, match="gives its states back, so target 'micro' writes.*target 'interpreter' with.*Received: 70"
    ):
        export_tflite(gives, tmp_path / "none.tflite", "micro", "int8")
    inputs = keras.Input((8, 3), name="x")
    sorted_ = keras.Model(inputs, layers.Dense(1)(keras.ops.sort(layers.LSTM(2, return_sequences=True)(inputs), axis=1)))
    with pytest.raises(ValueError, match="Every operator must run on target 'micro'.*'interpreter' with.*Received: .*TOPK_V2"):
        export_tflite(sorted_, tmp_path / "none.tflite", "micro", "int8", calibration=normal(48, 8, 3))
    assert not list(tmp_path.iterdir())
