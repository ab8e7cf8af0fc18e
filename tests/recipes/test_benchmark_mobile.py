import importlib.util
import json

import pytest

from recipes import benchmark_mobile

needs_runtime = pytest.mark.skipif(
    importlib.util.find_spec("ai_edge_litert") is None, reason="needs the extra `mobile`"
)


@needs_runtime
def test_files_are_timed_in_turn_and_written_down(tmp_path, monkeypatch, capsys):
    pytest.importorskip("matplotlib")
    kept = ("LSTM, Keras's loop, float32", "LSTM, fused, float32")
    files = {name: benchmark_mobile.FILES[name] for name in kept}
    monkeypatch.setattr(benchmark_mobile, "FILES", files)
    sizes = ["--steps", "70", "--features", "3", "--units", "4", "--rounds", "2"]
    benchmark_mobile.main([*sizes, "--output", str(tmp_path / "out")])
    result = json.loads((tmp_path / "out" / "results.json").read_text())
    loop, fused = result["layers"]
    assert loop["times_as_fast_as_keras"] == 1 and fused["milliseconds"] > 0
    assert 0 < fused["error"] < 1e-5 and fused["bytes"] < loop["bytes"]
    assert result["settings"]["units"] == 4 and result["model"] == []
    assert (tmp_path / "out" / "latency.png").stat().st_size > 1000
    assert "LSTM, fused, float32" in capsys.readouterr().out


def test_files_take_turns():
    calls = []
    runners = {name: lambda _, name=name: calls.append(name) for name in "ab"}
    milliseconds = benchmark_mobile.time_in_turn(runners, None, rounds=5)
    assert "".join(calls) == "ab" * 8 and set(milliseconds) == {"a", "b"}
    assert all(0 <= value < 1000 for value in milliseconds.values())
