import functools
import json

import numpy as np
import pytest

from recipes.benchmarks import fit_epoch, layer_peers, new_sizes, peak_memory
from recipes.benchmarks import layers as benchmark_layers

TIMES = {"seqzoo": 1.0, "seqzoo, cell stepped": 8.0, "keras graph": 4.0, "keras XLA": 2.0, "torch": 0.5}


@pytest.fixture(autouse=True, scope="module")
def one_rate():
    """This machine's rate is measured once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(benchmark_layers, "matmul_rate", functools.cache(benchmark_layers.matmul_rate))
        yield


def row(shape, masked, slower=1.0, **changed):
    times = {name: {"median": seconds, "first": 1.5} for name, seconds in (TIMES | changed).items()}
    times["seqzoo"]["median"] *= slower
    row = {"cell": "lstm", "shape": shape, "masked": masked, "kind": "training", "times": times}
    return benchmark_layers.compared(row)


def test_the_better_of_keras_counts():
    found = row((2, 3, 4, 5), masked=False)
    assert (found["to_keras"], found["to_cell"], found["to_torch"], found["to_onnxruntime"]) == (2, 8, 0.5, None)
    assert row((2, 3, 4, 5), masked=False, **{"keras graph": 1.5})["to_keras"] == 1.5


def test_summary_is_of_all_rows_and_of_the_unmasked():
    rows = [row((1, 1, 1, 1), False), row((1, 1, 1, 1), True, slower=2.0), row((2, 2, 2, 2), False), row((2, 2, 2, 2), True)]
    (figures,) = benchmark_layers.summary(rows).values()
    assert figures["slowest_to_keras"] == 1
    assert figures["to_keras"] == pytest.approx(8 ** (1 / 4)) and figures["to_keras_unmasked"] == pytest.approx(2)
    assert figures["masked_to_plain"] == pytest.approx(2**0.5)
    assert "to_onnxruntime" not in figures


def test_first_and_warming_calls_do_not_count(monkeypatch):
    clock, calls = [0.0], []
    monkeypatch.setattr(benchmark_layers.time, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(benchmark_layers.time, "sleep", lambda seconds: calls.append("pause"))

    def call():
        # 9 s at first, 5 s after a pause, else 1 s
        clock[0] += 9 if not calls else 5 if calls[-1] == "pause" else 1
        calls.append("call")

    assert benchmark_layers.timed({"a": call}, rounds=3, seconds=1.5) == {"a": {"median": 1, "first": 9}}


def test_flops_of_a_small_lstm():
    # [x, h] of 2 + 3 numbers by the kernels of 4 gates of 3 units, one multiplication and one addition each
    assert benchmark_layers.flops("lstm", (1, 1, 2, 3), "inference") == 2 * (2 + 3) * 4 * 3
    assert benchmark_layers.flops("lstm", (5, 7, 2, 3), "training") == 3 * 5 * 7 * 2 * (2 + 3) * 4 * 3


def test_every_peer_computes():
    pytest.importorskip("tensorflow")
    for name, calls in layer_peers.peers("gru", (2, 4, 3, 2), masked=True).items():
        for call in calls.values():
            call()
        assert set(calls) == ({"inference"} if name == "onnxruntime" else {"inference", "training"})


def test_fit_compares_the_same_network():
    import keras

    import seqzoo

    ids = keras.Input((None,), dtype="int32")
    x = keras.layers.Embedding(9, 4)(ids)
    x = seqzoo.LSTM(3, return_sequences=True)(x)
    ours = keras.Model(ids, keras.layers.GlobalAveragePooling1D()(seqzoo.RNN(2, return_sequences=True)(x)))
    theirs = fit_epoch.with_keras_layers(ours)
    assert [type(layer) for layer in theirs.layers[2:4]] == [keras.layers.LSTM, keras.layers.SimpleRNN]
    tokens = np.random.default_rng(0).integers(0, 9, (3, 6))
    np.testing.assert_allclose(theirs.predict(tokens, verbose=0), ours.predict(tokens, verbose=0), atol=1e-6)


def test_recipe_writes_table_and_picture(tmp_path, monkeypatch, capsys):
    pytest.importorskip("matplotlib")
    monkeypatch.setitem(benchmark_layers.SHAPES, "rnn", [(2, 4, 3, 2)])
    asked, calls = [], {"training": lambda: None, "inference": lambda: None}
    monkeypatch.setattr(benchmark_layers, "peers", lambda *shape: asked.append(shape) or dict.fromkeys(TIMES, calls))
    benchmark_layers.main(["--cells", "rnn", "--rounds", "1", "--skip", "fit", "memory", "--output", str(tmp_path)])
    found = json.loads((tmp_path / "benchmark.json").read_text())
    assert asked == [("rnn", (2, 4, 3, 2), masked) for masked in (False, True)]
    assert len(found["rows"]) == 4 and set(found["summary"]) == {"rnn training", "rnn inference"}
    assert (tmp_path / "benchmark.png").stat().st_size > 1000
    assert "x Keras" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.skipif(not peak_memory.STATUS.exists(), reason="the peak is read from Linux's /proc")
def test_peak_memory_is_of_the_step_alone():
    small = peak_memory.measured("seqzoo", "rnn", (2, 4, 3, 2))
    large = peak_memory.measured("seqzoo", "rnn", (64, 400, 64, 128))
    # The outputs alone are 64*400*128*4 bytes, and the gradient needs them and the inputs.
    assert large > 2 * 64 * 400 * 128 * 4 and small < 30e6 < large


@pytest.mark.skipif(not peak_memory.STATUS.exists(), reason="resident memory is read from Linux's /proc")
def test_what_new_sizes_leave_is_measured_for_each_peer(monkeypatch, capsys):
    kept, resident = [], iter(range(0, 10**9, 12 * 10**6))
    monkeypatch.setattr(new_sizes, "_resident", lambda: next(resident))
    monkeypatch.setattr(new_sizes, "_fit", lambda layer, compiled, features: kept.append((layer(4).name, compiled, features)))
    assert new_sizes.run(new_sizes.main, ["--sizes", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    keras_lstm, lstm = "keras.layers.LSTM", "seqzoo.LSTM"
    peers = [keras_lstm, f"{keras_lstm}, jit_compile=True", lstm, f"{lstm}, fused=False"]
    assert [line.split("  ")[0] for line in lines] == peers
    assert all(line.endswith("   6.0 MB a new size") for line in lines)
    assert [features for *_, features in kept] == [8, 9, 10] * 4
    assert [compiled for _, compiled, _ in kept] == [{}] * 3 + [{"jit_compile": True}] * 3 + [{}] * 6
