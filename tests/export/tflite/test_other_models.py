"""Models that are no functional ones in float32: subclassed, of other dtype policies, with layers of preprocessing."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqzoo
from seqzoo.export import TFLiteRunner, export_tflite
from tests import tiny
from tests.export.tflite.networks import spread

layers = keras.layers
pytestmark = pytest.mark.usefixtures("in_process")


def normal(*shape, seed=5):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


class FeedBack(keras.Model):
    """The autoregressive model of TensorFlow's tutorial on time series: each answer is the input of the next step."""

    def __init__(self, units=4, out_steps=5, features=3):
        super().__init__()
        self.out_steps, self.lstm_cell = out_steps, layers.LSTMCell(units)
        self.lstm_rnn = layers.RNN(self.lstm_cell, return_state=True, name="warmup")
        self.dense = layers.Dense(features)

    def call(self, inputs, training=None):
        x, *state = self.lstm_rnn(inputs)
        predictions = [self.dense(x)]
        for _ in range(1, self.out_steps):
            x, state = self.lstm_cell(predictions[-1], states=state, training=training)
            predictions.append(self.dense(x))
        return tf.transpose(tf.stack(predictions), [1, 0, 2])


class TwoArguments(keras.Model):
    def __init__(self):
        super().__init__()
        self.read, self.dense = layers.LSTM(3), layers.Dense(2)

    def call(self, feeds, scale):
        return {"y": self.dense(self.read(feeds["z"]) * scale), "x": 2 * feeds["k"]}


@pytest.fixture(scope="module")
def feedback():
    model = FeedBack()
    model(normal(1, 4, 3))
    return spread(model)


def test_a_subclassed_model_that_feeds_its_answers_back(feedback, folder):
    spec = keras.InputSpec(shape=(None, None, 3), name="window")
    path = export_tflite(feedback, folder / "feedback.tflite", input_signature=[spec])
    runner, x = TFLiteRunner(path), normal(2, 9, 3)
    assert [one["name"] for one in runner.sidecar["inputs"]] == ["window"]
    expected = feedback(x).numpy()
    np.testing.assert_allclose(runner(x), expected, atol=1e-5)
    # In a stream every step gives the forecast of the five after it.
    path = export_tflite(
        feedback, folder / "live.tflite", "stream", input_signature=tf.TensorSpec((None, None, 3), name="window")
    )
    runner = TFLiteRunner(path)
    states = runner.start()
    for step in range(9):
        answer, states = runner.step(x[:1, step], states)
    np.testing.assert_allclose(answer, expected[:1], atol=1e-5)


def test_several_arguments_in_a_dict_and_by_place(folder):
    model = TwoArguments()
    z, k, scale = normal(2, 6, 2), normal(2, 2), normal(2, 1)
    model({"z": z, "k": k}, scale)
    specs = {name: keras.InputSpec(shape=shape, name=name) for name, shape in (("z", (None, None, 2)), ("k", (None, 2)))}
    path = export_tflite(
        spread(model), folder / "two.tflite", input_signature=[specs, keras.Input((1,), dtype="float32", name="scale")]
    )
    answers = TFLiteRunner(path)({"z": z, "k": k, "scale": scale})
    expected = model({"z": z, "k": k}, scale)
    for answer, name in zip(answers.values(), ("x", "y"), strict=True):
        np.testing.assert_allclose(answer, expected[name], atol=1e-5)


def test_signatures_that_are_none(feedback, folder):
    path = folder / "none.tflite"
    with pytest.raises(ValueError, match="or sequential with a keras.Input.*`input_signature`.*Received: FeedBack"):
        export_tflite(feedback, path)
    with pytest.raises(ValueError, match="must have its weights.*Received: FeedBack 'feed_back.*', not built"):
        export_tflite(FeedBack(), path, input_signature=[keras.InputSpec(shape=(None, None, 3))])
    with pytest.raises(
        ValueError, match=r"what the model can be called with. Received: input float32 \[None, None, 4\], and.*said: "
    ):
        export_tflite(feedback, path, input_signature=[keras.InputSpec(shape=(None, None, 4))])
    for wrong in (["float32"], [keras.InputSpec(ndim=3)], [(None, None, 3)]):
        with pytest.raises(TypeError, match="must hold keras.InputSpec.*Received: "):
            export_tflite(feedback, path, input_signature=wrong)
    with pytest.raises(ValueError, match="`input_signature` is for a keras.Model. Received: a TextClassifier"):
        export_tflite(tiny.model(), path, input_signature=[keras.InputSpec(shape=(None, None))])
    assert not path.exists()


@pytest.mark.parametrize(
    "policy", ["mixed_float16", *(pytest.param(name, marks=pytest.mark.slow) for name in ("float64", "float16", "bfloat16"))]
)
def test_another_dtype_policy_is_exported_as_in_float32(folder, policy):
    """Against the same weights in a float32 network: 1e-5, where float16 itself is 1e-3 off."""
    samples = 3 * normal(20, 4, 3) + 2

    def build(policy, dtype):
        normalization = layers.Normalization(dtype=policy, name="normalization")
        x = keras.Input((None, 3), dtype=dtype, name="x")
        y = layers.Masking(2.0, dtype=policy)(x)
        y = normalization(y)
        y = seqzoo.LSTM(4, return_sequences=True, dtype=policy, recurrent_initializer="zeros")(y)
        y = layers.GRU(3, dtype=policy, recurrent_initializer="zeros")(y)
        return keras.Model(x, layers.Dense(2, dtype=policy)(y))

    dtype = "float32" if policy.startswith("mixed") else policy
    network, reference = spread(build(policy, dtype)), build("float32", "float32")
    network.get_layer("normalization").adapt(samples)
    reference.set_weights([np.asarray(w, "float32") for w in network.get_weights()])
    reference.get_layer("normalization").finalize_state()
    before = [layer.compute_dtype for layer in network.layers]
    runner = TFLiteRunner(export_tflite(network, folder / f"{policy}.tflite"))
    assert [spec["dtype"] for spec in runner.sidecar["inputs"] + runner.sidecar["outputs"]] == ["float32", "float32"]
    x = 3 * normal(2, 7, 3, seed=8) + 2
    np.testing.assert_allclose(runner(x), reference(x), atol=1e-5)
    assert [layer.compute_dtype for layer in network.layers] == before and network.weights[-1].dtype == dtype
    assert np.asarray(network(x.astype(dtype if dtype != "bfloat16" else "float32"))).dtype == network.layers[-1].compute_dtype


@pytest.mark.parametrize(
    ("layer", "dtype"),
    [(lambda: layers.IntegerLookup(vocabulary=[4, 5]), "int64"), (lambda: layers.Hashing(8), "int64")],
    ids=["IntegerLookup", "Hashing"],
)
def test_tables_are_left_outside(folder, layer, dtype):
    """An AssertionError about an untracked resource."""
    network = keras.Sequential([keras.Input((None,), dtype=dtype), layer(), layers.Embedding(9, 2), layers.LSTM(3)])
    with pytest.raises(ValueError, match="in a table.*from the ids on, and leave this layer outside. Received: a "):
        export_tflite(network, folder / "table.tflite")
