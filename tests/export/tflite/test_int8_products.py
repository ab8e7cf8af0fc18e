"""8-bit products outside of fused operators: streams, written-out steps, loops; and the scales that sidecars state."""

import json

import keras
import numpy as np
import pytest

import seqzoo
from seqzoo.export import TFLiteRunner, export_tflite
from seqzoo.export.tflite import steps, weights
from seqzoo.export.tflite.flatbuffer import Graph
from seqzoo.export.tflite.sidecar import SidecarError, read_sidecar, write_described
from seqzoo.export.tflite.source import source_of
from seqzoo.export.tflite.trace import convert
from tests import tiny

STEPS = 240  # of a stream, in succession


def products(graph):
    return [operator for operator in graph.operators if graph.name(operator) == "FULLY_CONNECTED"]


def waves(count, seed=0):
    """[count, 3]: slow and fast waves with noise, as far from zero as a normalised series goes."""
    random, time = np.random.default_rng(seed), np.arange(count)[:, None]
    values = 2 * np.sin(time / [3, 11, 40] + random.uniform(0, 6, 3)) + 0.5 * random.normal(size=(count, 3))
    return values.astype(np.float32)


@pytest.fixture(scope="module")
def stream(tmp_path_factory):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((None, 3), name="ticks")
    x = seqzoo.LSTM(24, return_sequences=True, name="first")(inputs)
    x = keras.layers.GRU(12, return_sequences=True, name="second")(x)
    # An untrained RNN's orthogonal matrix keeps every rounding error for ever; one that forgets is like a trained one.
    forgetful = keras.initializers.RandomNormal(stddev=0.2, seed=0)
    x = keras.layers.SimpleRNN(8, return_sequences=True, recurrent_initializer=forgetful, name="third")(x)
    network = keras.Model(inputs, keras.layers.Dense(2, name="answer")(x))
    path = tmp_path_factory.mktemp("stream") / "stream.tflite"
    calibration = [waves(90, seed) for seed in (1, 2, 3)]
    return network, export_tflite(network, path, "stream", "int8", calibration=calibration)


def test_a_stream_of_8_bit_products_stays_with_the_model(stream):
    network, path = stream
    runner, ticks = TFLiteRunner(path), waves(STEPS, seed=9)
    expected = network.predict(ticks[None], verbose=0)[0]
    assert np.ptp(expected) > 0.5
    for _ in range(2):  # nothing is kept but what the caller hands on
        states, answers = runner.start(), []
        for tick in ticks:
            answer, states = runner.step(tick[None], states)
            answers.append(answer[0])
        np.testing.assert_allclose(answers, expected, atol=5e-2)
    assert runner.sidecar["checked_steps"] >= 200 and 0 < runner.sidecar["measured_error"] <= 5e-2
    graph = Graph(path.read_bytes())
    kinds = [graph.dtype(int(operator.inputs[1])) for operator in products(graph)]
    # Two products a layer; the small head stays float, for its result is the answer.
    assert sorted(kinds) == ["float32"] + 6 * ["int8"]


def test_the_scales_in_the_sidecar_are_those_of_the_file(stream):
    _, path = stream
    scales = {of["name"]: of for of in read_sidecar(path)["scales"]}
    assert set(scales) == {"ticks", "first_h", "second_h", "third_h"}  # c meets no product: it stays float
    stored = np.round(waves(90, 1) / scales["ticks"]["scale"]) + scales["ticks"]["zero_point"]
    # Most of the 256 levels are used; the others are room for what the samples did not hold.
    assert stored.min() >= -129 and stored.max() <= 128 and np.ptp(stored) > 150
    graph = Graph(path.read_bytes())
    for of in scales.values():
        inside = graph.tensor(of["tensor"])
        assert graph.dtype(of["tensor"]) == of["dtype"] == "int8"
        assert (of["scale"], of["zero_point"]) == (inside.quantization.scale[0], inside.quantization.zeroPoint[0])


def test_a_sidecar_with_another_scale_is_refused(stream, tmp_path):
    sidecar = json.loads(stream[1].with_suffix(".json").read_text())
    sidecar["scales"][1]["scale"] *= 1.01
    write_described(tmp_path / "stream.tflite", Graph(stream[1].read_bytes()), sidecar)
    with pytest.raises(SidecarError, match="scale of first_h must be that of stream.tflite.*Received: "):
        TFLiteRunner(tmp_path / "stream.tflite")


@pytest.mark.parametrize(
    ("time_steps", "form", "products_of_one"), [(None, "unrolled", 12), pytest.param(70, "loop", 7, marks=pytest.mark.slow)]
)
def test_compiled_text_in_8_bits(tmp_path, time_steps, form, products_of_one):
    from ai_edge_litert.compiled_model import CompiledModel

    model = tiny.model(cell="lstm", bidirectional=True)
    options = {"time_steps": time_steps, "calibration": tiny.TEXTS}
    path = export_tflite(model, tmp_path / "model.tflite", "compiled", "int8", **options)
    runner = TFLiteRunner(path)
    assert runner.sidecar["form"] == form
    answers = runner(tiny.TEXTS)
    assert np.ptp(answers) > 0.2
    np.testing.assert_allclose(answers, model.predict(tiny.TEXTS), atol=0.05)
    parts = Graph(path.read_bytes()).with_bodies()
    recurrent = [operator for part in parts for operator in products(part) if len(parts) == 1 or part != parts[0]]
    # In each direction a product with the input and one with the state, for every step of a turn.
    heads = 1 if form == "unrolled" else 0
    zero_states = 2 if form == "unrolled" else 0  # the first step's
    assert len(recurrent) == 2 * 2 * products_of_one + heads - zero_states
    for part in parts:
        assert all(part.dtype(int(operator.inputs[1])) == "int8" for operator in products(part))
        assert len({int(operator.inputs[1]) for operator in products(part)}) <= 5  # steps share their weights
    compiled = CompiledModel.from_file(str(path))
    inputs, outputs = compiled.create_input_buffers(0), compiled.create_output_buffers(0)
    ids = np.zeros((1, time_steps or 12), np.int32)
    words = model.vocabulary.encode(tiny.TEXTS[1], 12)
    ids[0, : len(words)] = words
    inputs[0].write(ids)
    compiled.run_by_index(0, inputs, outputs)
    assert outputs[0].read(1, np.float32)[0] == pytest.approx(answers[1], abs=1e-6)


def test_weights_inside_a_loop_are_small_too():
    network = keras.Sequential([keras.Input((None, 8), name="x"), keras.layers.LSTM(48)])
    content, *_ = convert(source_of(network), "loop", 1, 66)
    sizes = {}
    for shrink in (lambda graph: None, weights.halve_weights, weights.quantize_weights):
        graph = Graph(content)
        shrink(graph)
        graph.drop_unused()
        buffers = graph.model.buffers
        sizes[shrink] = sum(0 if buffer.data is None else len(buffer.data) for buffer in buffers)
    full, half, dynamic = sizes.values()
    assert half < 0.6 * full and dynamic < 0.35 * full


@pytest.mark.parametrize(("time", "units", "expected"), [(800, 8, 8), (70, 8, 7), (71, 8, 1), (None, 8, 1), (64, 200, 1)])
def test_a_turn_takes_as_many_steps_as_fit_time_and_cache(time, units, expected):
    cell = keras.layers.LSTMCell(units)
    cell.build((1, 100))
    assert steps._steps_a_turn(cell, time) == expected
