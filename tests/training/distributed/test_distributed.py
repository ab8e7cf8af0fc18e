"""Several workers, imitated by processes on loopback: the numbers of one process, faults, and what they refuse."""

import json
import os
import signal
import time

import numpy as np
import pytest

from tests.training.distributed.fleet import Fleet
from tests.training.networks import assert_same_state

MODELS = ["tagger", "stateful", "next_word", "adversarial"]
TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    fleet = Fleet(tmp_path_factory.mktemp("fleet"))
    yield fleet
    fleet.close()


def outcome(path):
    arrays = np.load(f"{path}.npz")
    with open(f"{path}.json") as file:
        found = json.load(file)
    return {name: figures | {"weights": [arrays[k] for k in arrays if k.startswith(name)]} for name, figures in found.items()}


@pytest.fixture(scope="module")
def alone(fleet):
    """What one process with the whole batch of 8 comes to."""
    fleet.run("train", 0, kind="alone", output=str(fleet.folder / "alone"), models=MODELS)
    return outcome(fleet.folder / "alone")


@pytest.fixture(scope="module")
def two(fleet):
    """What two workers with 4 rows each come to: a list."""
    outputs = tuple(str(fleet.folder / f"two-{n}") for n in range(2))
    fleet.run("train", 2, kind="multiworker", output=outputs, models=MODELS)
    return [outcome(path) for path in outputs]


def assert_same_numbers(found, expected):
    assert len(found["weights"]) == len(expected["weights"]) > 1
    for one, other in zip(found["weights"], expected["weights"], strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=TOLERANCE)
    np.testing.assert_allclose(found["loss"], expected["loss"], rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("model", MODELS)
def test_two_workers_are_one_process_with_twice_the_batch(alone, two, model):
    """After 56 steps (of the stream's 14 an epoch: 98): masks, clipping, states that go on, drawn words, two passes."""
    for worker in two:
        assert_same_numbers(worker[model], alone[model])
    assert_same_state(two[0][model]["weights"], two[1][model]["weights"])
    assert alone[model]["loss"][-1] < alone[model]["loss"][0]


def test_each_worker_reads_its_own_share(alone, two):
    whole = alone["tagger"]["read"]
    assert len(whole) == 56 and all(len(rows) == 8 for rows in whole)
    for rows, first, second in zip(whole, two[0]["tagger"]["read"], two[1]["tagger"]["read"], strict=True):
        assert len(first) == len(second) == 4 and first + second == rows


def test_gradients_of_embeddings_travel_as_the_rows_that_were_read(two):
    """4 sentences of 16 words: their rows of the 40 x 4 embedding, float32, each with its number, int32; the rest is dense."""
    lstm, dense = 4 * 5 * (4 + 5 + 1), 5 + 1
    assert two[0]["tagger"]["traffic"] == {"dense": 4 * (lstm + dense + 2), "sparse": 4 * 16 * (4 * 4 + 4)}
    read, drawn = 4 * 8, 5 + 7  # words of the stream; words that compete: both meet the tied embedding of 40 x 4
    assert two[0]["next_word"]["traffic"]["sparse"] == (read + drawn + read) * (4 * 4 + 4)


def test_a_step_that_carries_states_is_traced_once(two):
    """The second step was given another kind of value for them, and traced anew."""
    assert [two[0][model]["traces"] for model in ("stateful", "next_word")] == [1, 1]


@pytest.mark.parametrize("model", ["adversarial", pytest.param("tagger", marks=pytest.mark.slow)])
def test_four_workers(fleet, alone, model):
    outputs = tuple(str(fleet.folder / f"four-{model}-{n}") for n in range(4))
    fleet.run("train", 4, kind="multiworker", output=outputs, models=[model])
    for path in outputs:
        assert_same_numbers(outcome(path)[model], alone[model])


@pytest.mark.parametrize("compiled", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["graph", "xla"])
def test_two_devices_of_one_process(fleet, alone, compiled):
    output, options = str(fleet.folder / f"mirrored-{compiled}"), {"models": ["tagger", "stateful"], "compiled": compiled}
    fleet.run("train", 0, kind="mirrored", output=output, **options)
    if compiled:
        fleet.run("train", 0, kind="alone", output=str(fleet.folder / "compiled"), **options)
        alone = outcome(fleet.folder / "compiled")
    for model, figures in outcome(output).items():
        assert_same_numbers(figures, alone[model])


@pytest.fixture(scope="module")
def told(fleet):
    outputs = tuple(str(fleet.folder / f"told-{n}") for n in range(2))
    fleet.run("talk", 2, output=outputs)
    return [json.load(open(path)) for path in outputs]


def test_what_workers_exchange(told):
    for found in told:
        assert found["exchanged"] == ["from 0", "from 1" * 3001] and found["broadcast"] == "the chief's"
        assert found["over_all"] == [[row, 0 if row < 3 else 1] for row in range(7)] and found["none"] == [0]
        assert found["made"] == {"by": 0}
    assert told[0]["failed"] == "ZeroDivisionError: division by zero"
    assert told[1]["failed"].startswith("ConnectionAbortedError: The chief, worker 0 (127.0.0.1:")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("version", "version of keras '0.0.1' (the chief: '3."),
        ("argument", "argument units 8 (the chief: 4)"),
        ("data", "data fingerprint of train 'ffffffff' (the chief: 'e')"),
    ],
)
def test_a_worker_that_differs_is_refused_by_name(told, kind, words):
    assert told[0]["same"] is None and told[1]["same"] is None
    for found in told:  # everywhere: no worker waits for one that has been refused
        assert "Received: worker 1 (127.0.0.1:" in found[kind] and words in found[kind]


def test_dropout_differs_by_worker_and_begins_as_that_of_one_process(fleet, told):
    masks = np.array(told[0]["masks"])  # two replicas of two rows each
    assert np.array_equal(masks, told[1]["masks"])
    assert 0.2 < (masks[:2] != masks[2:]).mean() < 0.8 and 0.3 < (masks > 0).mean() < 0.7
    path = str(fleet.folder / "mask.npy")
    fleet.run("alone_mask", 0, output=path)
    np.testing.assert_array_equal(masks[:2], np.load(path))


def test_statistics_are_the_mean_over_the_replicas(told):
    for found in told:
        assert found["statistics"] == pytest.approx([3.0])


def checkpoints(folder):
    return [int(path.stem[5:]) for path in (folder / "checkpoints").glob("step-*.safetensors")]


@pytest.fixture(scope="module")
def whole_run(fleet):
    """An uninterrupted run of two workers, with dropout."""
    outputs = tuple(str(fleet.folder / f"whole-{n}") for n in range(2))
    runs = (str(fleet.folder / "whole"), str(fleet.folder / "nowhere"))
    fleet.run("train", 2, kind="multiworker", output=outputs, models=["plain"], run=runs)
    return outcome(outputs[0])["plain"], outcome(outputs[1])["plain"]


def test_only_the_chief_writes(fleet, whole_run):
    assert sorted(os.listdir(fleet.folder / "whole")) == ["checkpoints", "config.json"]
    assert not (fleet.folder / "nowhere").exists()


@pytest.mark.parametrize("victim", [0, pytest.param(1, marks=pytest.mark.slow)], ids=["the chief", "the other"])
def test_one_is_killed_and_the_same_command_goes_on(fleet, whole_run, victim):
    run, outputs = fleet.folder / f"killed-{victim}", tuple(str(fleet.folder / f"killed-{victim}-{n}") for n in range(2))
    options = {"kind": "multiworker", "output": outputs, "models": ["plain"], "run": str(run)}
    workers = fleet.start("train", 2, pause=0.1, **options)
    workers[0].wait_for(lambda: checkpoints(run))
    os.kill(workers[victim].process.pid, signal.SIGKILL)
    killed, other = time.monotonic(), workers[1 - victim]
    assert other.wait(60) == 2 and time.monotonic() - killed < 60
    (line,) = [line for line in other.said().splitlines() if line.startswith("error: ")]
    assert line.startswith(f"error: WorkerLost: Lost worker {victim} (127.0.0.1:")
    assert f"start the same command on every worker again: it goes on from the last checkpoint in {run}" in line
    assert 0 < max(checkpoints(run)) < 56
    fleet.run("train", 2, **options)
    for path, expected in zip(outputs, whole_run, strict=True):
        found = outcome(path)["plain"]
        assert len(found["read"]) < 56, "it went on, it did not begin"
        assert_same_numbers(found, expected)


def test_ctrl_c_on_one_stops_all_after_the_same_step(fleet):
    run = fleet.folder / "interrupted"
    workers = fleet.start("train", 2, kind="multiworker", output="unused", models=["plain"], run=str(run), pause=0.1, every=1000)
    workers[0].wait_for(lambda: "epoch 1/" in workers[0].said())
    os.kill(workers[1].process.pid, signal.SIGINT)
    for worker in workers:
        assert worker.wait(60) == 2 and "error: KeyboardInterrupt" in worker.said()
    assert 8 <= max(checkpoints(run)) < 56


def test_a_worker_that_fails_is_named_to_the_others(fleet):
    workers = fleet.start("fails", 2)
    assert workers[1].wait(60) == 1 and "ValueError: this one has a reason" in workers[1].said()
    assert workers[0].wait(60) in (1, 2)
    assert "Lost worker 1 (127.0.0.1:" in workers[0].said() and "see the log of worker 1" in workers[0].said()


def test_a_worker_that_does_not_come_is_named(fleet):
    first, second = fleet.start("lonely", 2)
    second.process.kill()
    assert first.wait(60) == 1
    assert "TimeoutError: Every worker must be started within 3 s" in first.said() and "no worker 1 (127.0.0.1:" in first.said()
