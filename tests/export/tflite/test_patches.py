"""Every patch: right with it, wrong without it, on one raw conversion and without TensorFlow's quantizer."""

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from seqzoo.export.tflite import int8, patches, weights
from seqzoo.export.tflite.flatbuffer import Graph


def run(graph, batches, calls=1):
    """Answers to each batch, from one interpreter that is never reset."""
    interpreter = Interpreter(model_content=graph.to_bytes(), num_threads=1)
    place = interpreter.get_input_details()[0]["index"]
    answers, shape = [], None
    for batch in batches:
        if batch.shape != shape:
            interpreter.resize_tensor_input(place, batch.shape)
            interpreter.allocate_tensors()
            shape = batch.shape
        for _ in range(calls):
            interpreter.set_tensor(place, batch)
            interpreter.invoke()
            answers.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))
    return answers


def ids_of(*lengths, padded_to=None, seed=0):
    random = np.random.default_rng(seed)
    rows = [random.integers(1, 40, (1, length)).astype(np.int32) for length in lengths]
    return rows if padded_to is None else [np.pad(row, ((0, 0), (0, padded_to - row.shape[1]))) for row in rows]


def fused(content):
    graph = Graph(content)
    patches.fuse(graph)
    return graph


def stateless(graph):
    patches.make_stateless(graph)
    return graph


def differences(graph, network, batches):
    alike = len({batch.shape for batch in batches}) == 1
    expected = network(np.concatenate(batches)) if alike else np.concatenate([network(b) for b in batches])
    received = np.concatenate(run(graph, batches))
    return np.abs(received - np.asarray(expected)).reshape(len(received), -1).max(axis=1)


@pytest.mark.parametrize(("kind", "operator"), [("lstm", patches.LSTM), pytest.param("rnn", patches.RNN, marks=pytest.mark.slow)])
def test_every_length_in_either_direction_padded_or_not(raw, kind, operator):
    network, content = raw(kind)
    graph = stateless(fused(content))
    counts = graph.count_operators()
    assert counts[operator] == 3 and "WHILE" not in counts
    assert not [name for name in counts if name.startswith(("Flex", "seqzoo"))]
    assert max(differences(graph, network, ids_of(1, 2, 7))) < 1e-5
    assert max(differences(graph, network, ids_of(*range(0, 13), padded_to=12))) < 1e-5


def test_the_cell_is_not_clipped(raw):
    network, content = raw("memory")
    series = [np.full((1, 30, 2), 1.0, np.float32)]
    graph = stateless(fused(content))
    assert max(differences(graph, network, series)) < 1e-5
    (operator,) = patches.fused_operators(graph)
    operator.builtinOptions.cellClip = 10.0  # what TensorFlow's own conversion writes
    ours = np.arctanh(np.clip(np.asarray(network(series[0])) / (1 / (1 + np.exp(-2.0))), 0, 1 - 1e-7))
    assert ours.max() > 5  # the memory does go where the clip would matter
    signed = [np.concatenate([series[0], -series[0]], axis=1)]  # up to 30, and back to 0
    assert max(differences(graph, network, signed)) > 0.5
    operator.builtinOptions.cellClip = 0.0
    assert max(differences(graph, network, signed)) < 1e-4


@pytest.mark.parametrize("kind", ["lstm", "rnn"])
@pytest.mark.parametrize("clear", [patches.make_stateless, patches.pack_states])
def test_nothing_is_kept_from_call_to_call(raw, kind, clear):
    _, content = raw(kind)
    batch = ids_of(5)
    first, second = run(fused(content), batch, calls=2)
    assert np.abs(first - second).max() > 1e-3  # without the patch
    graph = fused(content)
    before = len(graph.to_bytes())
    clear(graph)
    first, second = run(graph, batch, calls=2)
    np.testing.assert_allclose(first, second, rtol=0, atol=1e-6)
    assert len(graph.to_bytes()) - before < 3000


def quantized(content, calibration):
    graph = fused(content)
    place = int(graph.graph.inputs[0])
    int8.quantize(graph, [{place: batch} for batch in calibration])
    return graph


def test_int8_in_both_directions(raw):
    network, content = raw("lstm")
    batches = ids_of(1, 2, 5, 9, 12, seed=1) + ids_of(3, 8, padded_to=12, seed=2)
    graph = stateless(quantized(content, ids_of(12, 12, 7, 3)))
    first, again = run(graph, batches, calls=1), run(graph, batches, calls=2)[1::2]
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)
    assert max(differences(graph, network, batches)) < 0.02
    for operator in patches.fused_operators(graph):
        of = [
            int(operator.outputs[0]),
            int(operator.inputs[patches.LSTM_HIDDEN]),
            int(operator.intermediates[-1]),
        ]
        assert len({float(graph.tensor(index).quantization.scale[0]) for index in of}) == 1
        scale = float(graph.tensor(int(operator.inputs[patches.LSTM_CELL])).quantization.scale[0])
        assert scale in [2.0**-bits for bits in range(9, 16)]


def test_a_state_with_a_scale_of_its_own_would_be_wrong(raw):
    """What TensorFlow's quantizer does to joined directions."""
    network, content = raw("lstm")
    batches = ids_of(9, 12, seed=1)
    graph = stateless(quantized(content, ids_of(12, 12, 7, 3)))
    right = max(differences(graph, network, batches))
    for operator in patches.fused_operators(graph):
        state = graph.tensor(int(operator.inputs[patches.LSTM_HIDDEN]))
        state.quantization.scale = state.quantization.scale / 2
    assert max(differences(graph, network, batches)) > 3 * right


def test_calibration_starts_every_sample_afresh(raw):
    _, content = raw("lstm")

    def scales(calibration):
        graph = quantized(content, calibration)
        return [float(graph.tensor(int(op.outputs[0])).quantization.scale[0]) for op in patches.fused_operators(graph)]

    samples = ids_of(12, 1, 6)
    assert scales(samples) == scales(samples[::-1])


def test_values_below_every_number_do_not_widen_the_scale(raw):
    """A masked maximum selects -3e38 for padding; it must saturate, not decide the scale."""
    from seqzoo.export.tflite.source import source_of
    from seqzoo.export.tflite.trace import convert
    from tests import tiny

    model = tiny.model(pooling="max")
    graph = fused(convert(source_of(model), "fused", 1, None)[0])
    random = np.random.default_rng(0)
    batches = [np.pad(random.integers(1, 20, (1, n)), ((0, 0), (0, 12 - n))).astype(np.int32) for n in (12, 5, 3, 1, 8)]
    place = int(graph.graph.inputs[0])
    int8.quantize(graph, [{place: batch} for batch in batches])
    assert "REDUCE_MAX" in graph.count_operators()
    for answer, batch in zip(run(stateless(graph), batches), batches, strict=True):
        np.testing.assert_allclose(answer, model.predict_ids(batch), atol=0.05)


@pytest.mark.parametrize("kind", ["lstm", "rnn"])
def test_smaller_weights(raw, kind, monkeypatch):
    monkeypatch.setattr(weights, "SMALLEST", 16)
    network, content = raw(kind)
    batches = ids_of(1, 4, 12, seed=1)
    full = stateless(fused(content))
    full.drop_unused()
    sizes, stored = {None: len(full.to_bytes())}, {None: stored_bytes(full)}
    for name, shrink, tolerance in (
        ("half", weights.halve_weights, 2e-3),
        ("dynamic", weights.quantize_weights, 3e-2),
    ):
        graph = fused(content)
        shrink(graph)
        graph = stateless(graph)
        graph.drop_unused()
        assert 1e-7 < max(differences(graph, network, batches)) < tolerance
        sizes[name], stored[name] = len(graph.to_bytes()), stored_bytes(graph)
    assert stored["half"] < 0.65 * stored[None] and stored["dynamic"] < 0.6 * stored[None]


def stored_bytes(graph):
    return sum(0 if buffer.data is None else len(buffer.data) for buffer in graph.model.buffers)
