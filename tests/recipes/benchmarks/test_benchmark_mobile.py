import importlib.util
import json

import numpy as np
import pytest

from recipes.benchmarks import mobile as benchmark_mobile
from recipes.benchmarks import mobile_accuracy
from seqzoo.data.reviews import Split
from tests import tiny

needs_runtime = pytest.mark.skipif(importlib.util.find_spec("ai_edge_litert") is None, reason="needs the extra `mobile`")


@needs_runtime
def test_files_are_timed_in_turn_and_written_down(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    kept = ["LSTM, Keras's way, batch open", "LSTM, Keras's loop", "LSTM, fused"]
    sizes = ["--steps", "70", "--features", "3", "--units", "4", "--rounds", "2", "--forms", *kept]
    assert benchmark_mobile.main([*sizes, "--output", str(tmp_path / "out")]) == 0
    result = json.loads((tmp_path / "out" / "layers.json").read_text())
    refused, loop, fused = result["layers"]
    assert refused["file"] == kept[0] and "Error" in refused["refused"] and "milliseconds" not in refused
    assert loop["times_as_fast_as_keras"] == loop["times_as_fast_as_keras_without_xnnpack"] == 1
    assert 0 < fused["error"] < 1e-5
    assert fused["milliseconds"] > 0 and fused["milliseconds_without_xnnpack"] > 0
    assert fused["bytes"] < loop["bytes"] and result["settings"]["units"] == 4
    lines = (tmp_path / "out" / "layers.csv").read_text().splitlines()
    assert len(lines) == 4 and lines[0].startswith("file,refused,bytes,error,milliseconds")
    assert (tmp_path / "out" / "latency.png").stat().st_size > 1000
    assert "LSTM, fused" in capsys.readouterr().out


class OwnReviews:
    labels = np.array([0, 1, 0, 1])
    test = Split(tiny.TEXTS, labels)
    # Enough of them for the scales of 8 bits.
    words = " ".join(tiny.TEXTS).split()
    validation = Split([*tiny.TEXTS, *map(" ".join, np.random.default_rng(0).choice(words, (40, 3)))], np.resize(labels, 44))


@pytest.mark.slow
@needs_runtime
def test_accuracy_stands_beside_the_models_on_the_same_reviews(tmp_path, monkeypatch):
    monkeypatch.setattr("seqzoo.data.reviews.load_reviews", lambda *_: OwnReviews)
    folder, output = str(tiny.shared_folder() / "tiny"), tmp_path / "out"
    options = ["--accuracy", "--model", folder, "--files", "float16", "micro", "--micro-limit", "2"]
    assert benchmark_mobile.main([*options, "--output", str(output)]) == 0
    half, micro = json.loads((output / "accuracy.json").read_text())["accuracy"]
    right = (tiny.model().predict(tiny.TEXTS) > 0.5) == OwnReviews.labels
    assert half["file"] == "interpreter-float16.tflite" and half["examples"] == 4 and micro["examples"] == 2
    assert half["accuracy"] == half["accuracy_of_the_model"] == right.mean()
    assert micro["accuracy_of_the_model"] == right[:2].mean() and micro["target"] == "micro"
    assert half["points_lost"] == 0 and 0 < half["cold_start_seconds"] < 60
    assert len((output / "accuracy.csv").read_text().splitlines()) == 3


def test_only_files_that_a_model_can_have_are_scored():
    every = mobile_accuracy.right_for({"cell": "lstm", "bidirectional": False})
    assert every == ["none", "float16", "dynamic", "int8", "micro"]
    assert mobile_accuracy.right_for({"cell": "lstm", "bidirectional": True}) == every[:-1]
    assert mobile_accuracy.right_for({"cell": "rnn", "bidirectional": False}) == every[:3]


def test_files_take_turns():
    calls = []
    runners = {name: lambda _, name=name: calls.append(name) for name in "ab"}
    milliseconds = benchmark_mobile.time_in_turn(runners, None, rounds=5)
    assert "".join(calls) == "ab" * 8 and set(milliseconds) == {"a", "b"}
    assert all(0 <= value < 1000 for value in milliseconds.values())
