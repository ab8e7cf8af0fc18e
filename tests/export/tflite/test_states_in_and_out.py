"""States that are given and given back: encoders and decoders, streams of ids, stateful layers, cells called by themselves."""

import keras
import numpy as np
import pytest

import seqzoo
from seqzoo.export import TFLiteRunner, export_tflite
from tests.export.tflite.networks import spread

layers = keras.layers
pytestmark = pytest.mark.usefixtures("in_process")


def normal(*shape, seed=5):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def test_encoder_and_decoder_of_keras_seq2seq_example(folder):
    """The three models of Keras's example: the whole for training, the encoder, and the decoder with its states."""
    given, target = keras.Input((None, 3), name="given"), keras.Input((None, 2), name="target")
    states = layers.LSTM(4, return_state=True, name="encoder")(given)[1:]
    decoder, dense = layers.LSTM(4, return_sequences=True, return_state=True, name="decoder"), layers.Dense(2, name="dense")
    whole = spread(keras.Model([given, target], dense(decoder(target, initial_state=states)[0]), name="whole"))
    first = [keras.Input((4,), name=f"state_{letter}") for letter in "hc"]
    outputs, *after = decoder(target, initial_state=first)
    answers = dense(outputs)
    encode = TFLiteRunner(export_tflite(keras.Model(given, states, name="encode"), folder / "encode.tflite"))
    decode = export_tflite(keras.Model([target, *first], [answers, *after]), folder / "decode.tflite", "stream")
    once = export_tflite(keras.Model([target, *first], [answers, *after]), folder / "once.tflite", "compiled", time_steps=1)
    together = TFLiteRunner(export_tflite(whole, folder / "whole.tflite"))
    x, y = normal(2, 6, 3), normal(2, 5, 2, seed=6)
    expected = whole([x, y]).numpy()
    np.testing.assert_allclose(together([x, y]), expected, atol=1e-5)
    hidden, cell = encode(x).values()
    np.testing.assert_allclose(hidden, keras.Model(given, states)(x)[0], atol=1e-5)
    decode, once = TFLiteRunner(decode), TFLiteRunner(once)
    assert decode.sidecar["states"] == ["state_h", "state_c"]
    assert [spec["name"] for spec in decode.sidecar["inputs"]] == ["target", "state_h", "state_c"]
    for row in range(2):
        states = decode.start({"state_h": hidden[row : row + 1], "state_c": cell[row : row + 1]})
        fed = dict(states)
        for step in range(5):
            answer, states = decode.step(y[row : row + 1, step], states)
            first, *last = answer.values()
            np.testing.assert_allclose(first[0], expected[row, step], atol=1e-5)
            np.testing.assert_allclose(last, list(states.values()), atol=1e-6)
            # The other form: one step as any call, with the states among the inputs and outputs.
            first, *last = once({"target": y[row : row + 1, step : step + 1], **fed}).values()
            np.testing.assert_allclose(first[0, 0], expected[row, step], atol=1e-5)
            fed = dict(zip(("state_h", "state_c"), last, strict=True))
    assert np.abs(expected[0] - whole([x[::-1], y]).numpy()[0]).max() > 0.05  # the first states decide
    for wrong in ({"h": hidden[:1]}, [hidden], {"state_h": hidden}, {"state_h": hidden[:1, :3]}):
        with pytest.raises(ValueError, match="Received: "):
            decode.start(wrong)


def test_only_the_layers_with_states_are_loops_and_others_stay_fused(folder):
    x, begin = keras.Input((None, 3), name="x"), keras.Input((4,), name="begin")
    y = layers.LSTM(5, return_sequences=True)(x)
    y, hidden = layers.SimpleRNN(4, return_state=True)(y, initial_state=layers.Dense(4)(begin))
    network = spread(keras.Model([x, begin], [y, hidden]))
    runner = TFLiteRunner(export_tflite(network, folder / "mixed.tflite"))
    operators = runner.sidecar["operators"]
    assert (operators["UNIDIRECTIONAL_SEQUENCE_LSTM"], operators["WHILE"], runner.sidecar["form"]) == (1, 1, "loop")
    feed = [normal(3, 7, 3), normal(3, 4)]
    for found, expected in zip(runner(feed).values(), network(feed), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_stream_of_ids_with_a_context_two_outputs_and_stateful_layers(folder):
    """Against the stateful Keras model, which goes on from one call to the next."""
    ids = keras.Input(batch_shape=(2, None), dtype="int32", name="ids")
    context = keras.Input(batch_shape=(2, 3), name="context")
    x = layers.Embedding(30, 5, mask_zero=True)(ids)
    x = layers.LSTM(4, return_sequences=True, stateful=True, name="lstm")(x)
    y = seqzoo.GRU(3, stateful=True, name="gru")(x)
    each = layers.Dense(30, activation="softmax", name="each")(x)
    network = spread(keras.Model([context, ids], [each, layers.Concatenate(name="last")([y, context])]))
    runner = TFLiteRunner(export_tflite(network, folder / "ids.tflite", "stream", batch_size=2))
    assert runner.sidecar["states"] == ["lstm_h", "lstm_c", "gru_h"]
    assert {spec["name"]: spec["dtype"] for spec in runner.sidecar["inputs"][:2]} == {"context": "float32", "ids": "int32"}
    assert not network.get_layer("lstm").states[0].numpy().any()  # the check left no state in the model
    words, told = np.array([[3, 7, 0, 29, 5, 8], [1, 0, 0, 2, 4, 9]], "int32"), normal(2, 3)
    states = runner.start()
    for part in (words[:, :3], words[:, 3:]):
        each, last = network([told, part])
        for step in range(3):
            answers, states = runner.step({"ids": part[:, step], "context": told}, states)
            np.testing.assert_allclose(answers["each"], each[:, step], atol=1e-5)
        np.testing.assert_allclose(answers["last"], last, atol=1e-5)
    listed, _ = runner.step([told, words[:, -1]], runner.start())  # in the sidecar's order
    assert np.abs(listed["each"] - answers["each"]).max() > 0.01  # the steps before decide
    with pytest.raises(ValueError, match="is stateful.*target 'stream'.*Received: target 'interpreter'"):
        export_tflite(network, folder / "stateful.tflite")


def test_text_as_it_is_typed_in_8_bits(folder):
    stack = [layers.Embedding(40, 16), layers.GRU(16, return_sequences=True), layers.Dense(40, activation="softmax")]
    network = spread(keras.Sequential([keras.Input((None,), dtype="int32", name="ids"), *stack]), 0.4)
    calibration = list(np.random.default_rng(0).integers(0, 40, (48, 20)))
    path = export_tflite(network, folder / "typed.tflite", "stream", "int8", calibration=calibration)
    runner, ids = TFLiteRunner(path), np.random.default_rng(1).integers(0, 40, (1, 30))
    expected, states = network(ids)[0], runner.start()
    for step in range(30):
        answer, states = runner.step(ids[:, step], states)  # int64: whole numbers are cast
        np.testing.assert_allclose(answer[0], expected[step], atol=0.05)
    assert np.ptp(np.asarray(expected), axis=0).max() > 0.1


def test_an_input_that_begins_two_states_and_a_sequence_inside_a_step(folder):
    """A state of each call, a sentence inside each step, and a fixed length that a stream need not keep."""
    series, begin = keras.Input((6, 3), name="series"), keras.Input((4,), name="begin")
    sentences = keras.Input((6, 4, 2), name="sentences")
    read = layers.TimeDistributed(layers.LSTM(2, go_backwards=True))(sentences)  # begins anew in each step
    x = layers.GRU(4, return_sequences=True)(layers.Concatenate()([series, read]), initial_state=begin)
    x = layers.SimpleRNN(4)(x, initial_state=begin)
    network = spread(keras.Model([series, begin, sentences], x))
    runner = TFLiteRunner(export_tflite(network, folder / "twice.tflite", "stream"))
    assert runner.sidecar["states"] == ["begin", "begin_2"]
    a, b, c = normal(1, 6, 3), normal(1, 4), normal(1, 6, 4, 2)
    states = runner.start({"begin": b, "begin_2": b})
    for step in range(6):
        answer, states = runner.step({"series": a[:, step], "sentences": c[:, step]}, states)
    np.testing.assert_allclose(answer, network([a, b, c]), atol=1e-5)


def test_a_cell_called_by_itself_is_a_step_with_its_states(folder):
    """`LSTMCell` outside of any layer: the file has what the graph has, and steps as the LSTM does."""
    inputs, states = keras.Input((3,), name="x"), [keras.Input((4,), name=name) for name in ("h", "c")]
    cell = layers.LSTMCell(4)
    output, after = cell(inputs, states)
    network = spread(keras.Model([inputs, *states], [layers.Dense(2, name="y")(output), *after]))
    runner = TFLiteRunner(export_tflite(network, folder / "cell.tflite"))
    x, lstm = normal(1, 6, 3), layers.RNN(cell, return_sequences=True)
    expected = network.get_layer("y")(lstm(x))
    h = c = np.zeros((1, 4), "float32")
    for step in range(6):
        y, h, c = runner({"x": x[:, step], "h": h, "c": c}).values()
        np.testing.assert_allclose(y, expected[:, step], atol=1e-5)


def test_names_of_states_clash_with_nothing(folder):
    """An output that is called `next_h` beside the state `h`, an input called as a layer's state, two layers called alike."""
    x, h = keras.Input((1, 3), name="x"), keras.Input((4,), name="h")
    y, state = layers.GRU(4, return_sequences=True, return_state=True)(x, initial_state=h)
    network = spread(keras.Model([x, h], [layers.Dense(2, name="y")(y), layers.Identity(name="next_h")(state)]))
    runner = TFLiteRunner(export_tflite(network, folder / "next.tflite", "stream"))
    assert runner.sidecar["states"] == ["h_state"]
    now, begin = normal(1, 1, 3), normal(1, 4)
    answers, after = runner.step(now[:, 0], runner.start({"h_state": begin}))
    expected = network([now, begin])
    np.testing.assert_allclose(answers["y"], expected[0][:, 0], atol=1e-5)
    np.testing.assert_allclose(answers["next_h"], expected[1], atol=1e-5)
    np.testing.assert_allclose(after["h_state"], expected[1], atol=1e-5)
    x, other = keras.Input((None, 3), name="x"), keras.Input((2,), name="gru_h")
    parts = [keras.Sequential([keras.Input((None, 3)), layers.GRU(4, name="gru")], name=name) for name in "ab"]
    network = spread(keras.Model([x, other], layers.Concatenate()([layers.Subtract()([part(x) for part in parts]), other])))
    runner = TFLiteRunner(export_tflite(network, folder / "alike.tflite", "stream"))
    assert runner.sidecar["states"] == ["gru_h_state", "gru_h_state_state"]
    states, series, beside = runner.start(), normal(1, 6, 3), normal(1, 2)
    for step in range(6):
        answer, states = runner.step({"x": series[:, step], "gru_h": beside}, states)
    np.testing.assert_allclose(answer, network([series, beside]), atol=1e-5)


LOOKS = {
    "attention": lambda x: layers.Dense(1)(layers.Attention(name="attention")([x, x])),
    "pool": lambda x: layers.Dense(1)(layers.GlobalMaxPooling1D(name="pool")(x)),
    "conv": lambda x: layers.LSTM(2)(layers.Conv1D(2, 3, padding="causal", name="conv")(x)),
    # Its mask is among what is compared: NumPy takes no bool from a bool.
    "mean": lambda x: layers.GlobalAveragePooling1D(name="mean")(layers.LSTM(2, return_sequences=True)(layers.Masking()(x))),
}


@pytest.mark.parametrize("name", LOOKS)
def test_what_looks_along_the_series_is_named(folder, name):
    """It was a "difference of 1.5" after all the work."""
    x = keras.Input((None, 3), name="x")
    network = spread(keras.Model(x, LOOKS[name](layers.LSTM(4, return_sequences=True)(x)), name="net"))
    with pytest.raises(ValueError, match=f"'interpreter' takes.*Received: layer `{name}` of net, .*more than this step"):
        export_tflite(network, folder / "looks.tflite", "stream")
    assert not (folder / "looks.tflite").exists()


def test_attention_over_a_known_length_is_named_too(folder):
    """TensorFlow's InvalidArgumentError: the network was asked after fewer steps than it has."""
    x = keras.Input((9, 3), name="x")
    y = layers.LSTM(4, return_sequences=True)(x)
    network = spread(keras.Model(x, layers.MultiHeadAttention(1, 4, name="attention")(y, y, use_causal_mask=True), name="net"))
    with pytest.raises(ValueError, match="Received: layer `attention` of net, which needs more than this step"):
        export_tflite(network, folder / "causal.tflite", "stream")


def test_other_things_that_no_stream_has(folder):
    x, begin = keras.Input((None, 3), name="x"), keras.Input((4,), name="begin")
    other, path = keras.Input((None, 2), name="other"), folder / "none.tflite"
    lstm = layers.LSTM(4)
    computed = keras.Model([x, begin], layers.GRU(4)(x, initial_state=layers.Dense(4)(begin)))
    with pytest.raises(ValueError, match="must start from zero or from inputs.*'interpreter'.*Received: a layer called with"):
        export_tflite(computed, path, "stream")
    with pytest.raises(ValueError, match="more than this step \\(Negative dimension"):
        export_tflite(keras.Model(x, lstm(layers.Conv1D(3, 3)(x))), path, "stream")
    with pytest.raises(ValueError, match="carries the states.*Received: dense, no layer"):
        export_tflite(keras.Model(begin, layers.Dense(2)(begin), name="dense"), path, "stream")
    two = keras.Model([x, other], layers.Add()([lstm(x), layers.LSTM(4)(other)]))
    uneven = [{"x": normal(5, 3), "other": normal(4, 2)}]
    with pytest.raises(ValueError, match="as many steps.*Received: x with 5, other with 4"):
        export_tflite(two, path, "stream", calibration=uneven)
    assert not path.exists()
