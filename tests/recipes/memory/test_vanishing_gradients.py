"""The bounds of the vanishing-gradients recipe hold, and it writes what it says."""

import json

import numpy as np

from recipes.memory import vanishing_gradients as recipe
from recipes.memory.training import build_network
from seqzoo.data.long_memory import TASKS

TASK = TASKS[recipe.TASK]


def test_the_bounds_hold_at_every_distance():
    network = build_network("rnn", 8, TASK, seed=0)
    rng = np.random.default_rng(1)
    network.set_weights([rng.normal(scale=0.6, size=w.shape).astype("float32") for w in network.get_weights()])
    flow = recipe.flow_by_distance(network, TASK, span=12, seed=0)
    singular = np.linalg.svd(network.get_layer("rnn").cell.recurrent_kernel.numpy(), compute_uv=False)[0]
    np.testing.assert_allclose(flow["bound"], flow["hidden"][0] * singular ** np.arange(12), rtol=1e-5)
    assert len(flow["tight_bound"]) == 12
    assert (flow["hidden"] <= flow["tight_bound"] * 1.0001).all()
    assert (flow["tight_bound"] <= flow["bound"] * 1.0001).all()
    assert flow["tight_bound"][-1] < 0.5 * flow["bound"][-1]  # the slopes make it tighter


def test_an_open_forget_gate_keeps_the_gradient():
    left = {}
    for bias in (0, 4):
        network = recipe.with_forget_bias(build_network("lstm", 8, TASK, seed=0), bias)
        flow = recipe.flow_by_distance(network, TASK, span=30, seed=0)
        left[bias] = flow["cell"][15] / flow["cell"][0]
    assert left[4] > 0.3 > 1e-2 > left[0]


def test_the_recipe_counts_every_chunk_and_writes_pictures_and_figures(tmp_path, monkeypatch, capsys):
    folder, seen = tmp_path / "run", []
    monkeypatch.setattr(recipe.ProgressLine, "update", lambda self, *told: seen.append(told))
    recipe.main(["--span", "10", "--steps", "100", "--parameters", "120", "--output", str(folder)])
    pictures = sorted(path.name for path in folder.glob("*.png"))
    assert pictures == ["activations.png", "clipping.png", "forget_bias.png", "gradient_flow.png"]
    figures = json.loads((folder / "metrics.json").read_text())
    assert set(figures["forget_bias"]) == {"0", "1", "4"}
    assert set(figures["gradient_at_distance_over_gradient_at_end"]["trained"]) == {"rnn", "lstm"}
    unclipped = figures["clipping"]["no clipping"]["greatest_gradient_norm"]
    assert unclipped > 0
    assert "LSTM, forget bias 4" in capsys.readouterr().out
    assert [done for done, *_ in seen] == list(range(1, 2 * recipe.NETWORKS + 1)) and {told[1] for told in seen} == {14}
    assert seen[0][2].startswith("network 1/7 (RNN)  loss ") and seen[-1][2].startswith("network 7/7 (LSTM)  loss ")
