"""JAX on four CPU devices, and on two processes with two each: the numbers of one device."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.training.distributed.fleet import free_addresses

pytestmark = pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="needs jax")
ROOT = Path(__file__).resolve().parents[3]


def start(*words):
    command = [sys.executable, "-m", "tests.training.distributed.jax_jobs", *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_several_devices_and_processes_come_to_the_weights_of_one(tmp_path):
    (address,) = free_addresses(1)
    started = {
        "one": start(tmp_path / "one.npz", 1),
        "four": start(tmp_path / "four.npz", 4),
        "first": start(tmp_path / "first.npz", 2, 0, address),
        "second": start(tmp_path / "second.npz", 2, 1, address),
    }
    expected = {"one": (1, 1), "four": (4, 1), "first": (4, 2), "second": (4, 2)}
    said = {name: process.communicate(timeout=240) for name, process in started.items()}
    for name, process in started.items():
        assert process.returncode == 0, said[name][1]
        found = json.loads(said[name][0].strip().splitlines()[-1])
        assert (found["devices"], found["workers"]) == expected[name]
        one, other = np.load(tmp_path / "one.npz"), np.load(tmp_path / f"{name}.npz")
        for key in one:  # dropout is that of one device, too
            np.testing.assert_allclose(other[key], one[key], atol=1e-5, rtol=0)
