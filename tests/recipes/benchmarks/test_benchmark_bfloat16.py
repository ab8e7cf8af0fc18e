import json

import pytest

from recipes.benchmarks import bfloat16 as benchmark_bfloat16


@pytest.mark.slow
def test_it_measures_both_policies_and_tells_the_gain(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(benchmark_bfloat16, "GRID", [(2, 3, 4, 5)])
    benchmark_bfloat16.main(["--rounds", "1", "--output", str(tmp_path / "out.json")])
    (row,) = json.loads((tmp_path / "out.json").read_text())["rows"]
    names = {f"{peer}, {policy}" for peer in ("seqzoo", "keras") for policy in ("float32", "mixed_bfloat16")}
    assert set(row["seconds"]) == names and all(seconds > 0 for seconds in row["seconds"].values())
    gain = row["seconds"]["seqzoo, float32"] / row["seconds"]["seqzoo, mixed_bfloat16"]
    assert float(capsys.readouterr().out.split("gain ")[1]) == pytest.approx(gain, abs=0.01)
