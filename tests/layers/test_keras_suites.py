"""Keras's own tests of its recurrent layers, from its wheel, with our classes in the place of theirs."""

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


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Run all the files in one other process; return its report and its results by file."""
    folder = tmp_path_factory.mktemp("keras_suites")
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-p", "swap_keras_layers", "-p", "no:cacheprovider"),
        *("--junitxml", folder / "results.xml", "--rootdir", Path(keras.__file__).parents[1]),
        *("-k", " and ".join(f"not {name}" for name in DESELECTED)),
        *("--pyargs", *(f"keras.src.layers.rnn.{suite}" for suite in PASSED)),
    ]
    path = os.pathsep.join([str(HERE), str(HERE.parents[1]), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "2"}
    result = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, timeout=3600)
    results = {suite: Counter() for suite in PASSED}
    for case in ElementTree.parse(folder / "results.xml").iter("testcase"):
        suite = case.get("classname").split(".")[-2]
        outcomes = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
        results[suite][outcomes[0] if outcomes else "passed"] += 1
    return result.stdout + result.stderr, results


@pytest.mark.parametrize("suite", PASSED)
def test_passes_with_our_classes(suite, run):
    report, results = run
    assert set(results[suite]) <= {"passed", "skipped"}, report
    assert results[suite]["passed"] >= PASSED[suite], report
    assert results[suite]["skipped"] == SKIPPED.get(suite, 0), report


def test_our_classes_were_the_ones_tested(run):
    report, _ = run
    (line,) = (line for line in report.splitlines() if line.startswith("made by Keras's tests: "))
    made = dict(reversed(entry.split()) for entry in line.partition(": ")[2].split(", "))
    assert {name for name, count in made.items() if int(count) > 20} == {"GRUCell", "LSTMCell", "RNNCell"}, line
