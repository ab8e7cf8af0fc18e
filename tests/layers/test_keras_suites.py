"""Keras's own tests of its recurrent layers, from its wheel, with our classes in the place of theirs."""

import functools
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import keras
import pytest

HERE = Path(__file__).parent
# How many of each file's tests pass with Keras 3.15. Later versions may have more, never silently fewer.
PASSED = {
    "lstm_test": 6,
    "simple_rnn_test": 5,
    "gru_test": 9,
    "bidirectional_test": 10,
    "stacked_rnn_cells_test": 7,
}
DESELECTED = [
    # They ask whether Bidirectional may hand an instance of Keras's own class to cuDNN; ours are none.
    "test_fused_lstm_eligibility",
    "test_fused_gru_eligibility",
]
# `test_torch_cudnn_dispatch_fires`, which Keras itself skips without torch on a GPU.
SKIPPED = {"gru_test": 1, "bidirectional_test": 1}


FIRST, *OTHERS = PASSED


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A function that runs files in one other process, once, and returns its report and its results by file."""
    return functools.cache(lambda *suites: run_files(suites, tmp_path_factory.mktemp("keras_suites")))


def run_files(suites, folder):
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-p", "swap_keras_layers", "-p", "no:cacheprovider"),
        *("--junitxml", folder / "results.xml", "--rootdir", Path(keras.__file__).parents[1]),
        *("-k", " and ".join(f"not {name}" for name in DESELECTED)),
        *("--pyargs", *(f"keras.src.layers.rnn.{suite}" for suite in suites)),
    ]
    path = os.pathsep.join([str(HERE), str(HERE.parents[1]), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "2"}
    result = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, timeout=3600)
    results = {suite: Counter() for suite in suites}
    for case in ElementTree.parse(folder / "results.xml").iter("testcase"):
        suite = case.get("classname").split(".")[-2]
        outcomes = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
        results[suite][outcomes[0] if outcomes else "passed"] += 1
    return result.stdout + result.stderr, results


@pytest.mark.parametrize("suite", [FIRST, *(pytest.param(suite, marks=pytest.mark.slow) for suite in OTHERS)])
def test_passes_with_our_classes(suite, run):
    report, results = run(FIRST) if suite == FIRST else run(*OTHERS)
    assert set(results[suite]) <= {"passed", "skipped"}, report
    assert results[suite]["passed"] >= PASSED[suite], report
    assert results[suite]["skipped"] == SKIPPED.get(suite, 0), report


def made(report):
    """{name of a class of ours: how many Keras's tests made}"""
    (line,) = (line for line in report.splitlines() if line.startswith("made by Keras's tests: "))
    pairs = (entry.split() for entry in line.partition(": ")[2].split(", "))
    return {name: int(count) for count, name in pairs}


def test_our_class_was_the_one_tested(run):
    assert made(run(FIRST)[0])["LSTMCell"] > 5


@pytest.mark.slow
def test_our_classes_were_the_ones_tested(run):
    counts = made(run(*OTHERS)[0])
    assert {name for name, count in counts.items() if count > 20} == {"GRUCell", "LSTMCell", "RNNCell"}, counts
