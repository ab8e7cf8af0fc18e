"""The recipe behind the page's long-memory tab: the better network, and the error of its stored weights."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file

from recipes.memory import adding
from recipes.memory.training import build_network
from seqzoo.data.long_memory import TASKS


def test_the_recipe_writes_the_better_network_and_its_error(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(adding, "CELLS", ("gru",))
    options = "--spans 4 --seeds 0 --steps 50 --learning-rates 0.00001 0.02 --parameters 60".split()
    adding.main([*options, "--output", str(tmp_path)])
    about = json.loads((tmp_path / "adding.json").read_text())
    (network,) = about["networks"]
    assert (network["cell"], network["span"], network["learning_rate"]) == ("gru", 4, 0.02)  # the other one hardly moved
    assert f"{network['error']:.5f}" in capsys.readouterr().out
    tensors = load_file(tmp_path / "adding.safetensors")
    assert {tensor.dtype for tensor in tensors.values()} == {np.dtype(np.float16)}
    assert network["parameters"] == sum(tensor.size for tensor in tensors.values())
    again = build_network("gru", network["units"], TASKS["adding"], 5)
    again.set_weights([tensor.astype(np.float32) for tensor in map(tensors.get, names("gru_4"))])
    inputs, targets = TASKS["adding"].make(np.random.default_rng([2, 4]), about["measured_on"], 4)
    assert np.mean((again.predict(inputs, verbose=0) - targets) ** 2) == pytest.approx(network["error"], rel=1e-3)


def names(path):
    return [f"{path}/{part}" for part in ("kernel", "recurrent_kernel", "bias", "head/kernel", "head/bias")]
