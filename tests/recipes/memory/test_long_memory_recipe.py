"""The long-memory recipe: equal sizes, real training, honest counting, and going on after a stop."""

import json

import keras
import numpy as np
import pytest

from recipes.memory import long_memory
from recipes.memory.training import Trainer, build_network, count_parameters, is_solved, units_for
from seqzoo.data.long_memory import TASKS


@pytest.mark.parametrize("name", ["adding", *(pytest.param(n, marks=pytest.mark.slow) for n in TASKS if n != "adding")])
def test_networks_have_equal_parameter_counts(name):
    task = TASKS[name]
    counts = []
    for cell in long_memory.CELLS:
        units = units_for(cell, 4500, task)
        network = build_network(cell, units, task, seed=0)
        assert network.count_params() == count_parameters(cell, units, task)
        assert network(task.make(np.random.default_rng(0), 2, 12)[0]).shape[-1] == task.outputs
        counts.append(network.count_params())
    assert max(counts) / min(counts) < 1.07


def test_an_lstm_learns_to_add_and_a_seed_repeats():
    task = TASKS["adding"]
    network = build_network("lstm", 16, task, seed=0)
    trainer, weights = Trainer(network, task, span=5, batch=32), network.get_weights()
    histories = []
    for _ in range(2):
        trainer.start(weights, 0.02, seed=3)
        histories.append([trainer.chunk()[1] for _ in range(4)])
    np.testing.assert_allclose(histories[0], histories[1], rtol=1e-3)
    assert histories[0][0][:10].mean() > 0.1 > 0.05 > histories[0][-1].mean()


def test_clipping_bounds_the_step_not_what_is_measured():
    task = TASKS["adding"]
    moved = {}
    for clip in (None, 1e-4):
        network = build_network("rnn", 4, task, seed=0)
        weights = network.get_weights()
        trainer = Trainer(network, task, span=5, clip=clip, optimizer=keras.optimizers.SGD())
        trainer.start(weights, 0.1, seed=0)
        norms = trainer.chunk()[2]
        moved[clip] = max(np.abs(a - b).max() for a, b in zip(weights, network.get_weights(), strict=True))
        assert norms[0] > 1e-2
    assert moved[1e-4] <= 50 * 0.1 * 1e-4 < moved[None]


def test_what_counts_as_solved():
    assert is_solved(TASKS["adding"], [0.008, 0.011]) and not is_solved(TASKS["adding"], [0.02])
    assert is_solved(TASKS["copy memory"], [1.0, 0.985]) and not is_solved(TASKS["copy memory"], [0.98])
    assert not is_solved(TASKS["adding"], [float("nan")])


def run(cell, span, rate, seed, solved, steps):
    return {"task": "adding", "cell": cell, "span": span, "learning_rate": rate, "seed": seed, "solved": solved, "steps": steps}


def test_the_rate_that_solves_most_counts_then_the_faster():
    results = [run("rnn", 10, 0.1, s, s == 0, 50) for s in range(2)] + [run("rnn", 10, 0.2, s, True, 90) for s in range(2)]
    results += [run("lstm", 10, rate, s, True, steps) for rate, steps in ((0.1, 80), (0.2, 60)) for s in range(2)]
    results += [run("rnn", 30, 0.1, 0, False, 90)]
    rows = {(row["cell"], row["span"]): row for row in long_memory.best_by_span(results)}
    assert (rows["rnn", 10]["learning_rate"], rows["rnn", 10]["solved"], rows["rnn", 10]["steps"]) == (0.2, 1.0, 90)
    assert (rows["lstm", 10]["learning_rate"], rows["lstm", 10]["steps"]) == (0.2, 60)
    assert (rows["rnn", 30]["solved"], rows["rnn", 30]["steps"]) == (0.0, None)
    lines = long_memory.table(list(rows.values())).splitlines()
    assert lines[2:] == ["| adding | RNN | 2 of 2 (90 steps) | 0 of 1 |", "| adding | LSTM | 2 of 2 (60 steps) |  |"]


class InProcess:
    """A process pool of one that is this process."""

    def __init__(self, *_):
        self.jobs = []

    def shutdown(self, **_):
        pass

    def submit(self, function, *arguments):
        from concurrent.futures import Future

        future = Future()
        future.set_result(function(*arguments))
        return future


def test_the_recipe_writes_its_figures_and_goes_on_with_what_is_missing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(long_memory.concurrent.futures, "ProcessPoolExecutor", InProcess)
    options = "--tasks adding --spans 10 --seeds 0 --steps 50 --learning-rates 0.01 --parameters 120 --batch-size 4".split()
    options += ["--output", str(tmp_path / "run")]
    long_memory.main(options)
    store = tmp_path / "run" / "metrics.json"
    first = json.loads(store.read_text())
    assert {r["cell"] for r in first["runs"]} == set(long_memory.CELLS)
    assert (tmp_path / "run" / "long_memory.png").read_bytes().startswith(b"\x89PNG\r\n")
    assert "| adding | GRU |" in capsys.readouterr().out
    store.write_text(json.dumps({"runs": first["runs"][1:]}))
    monkeypatch.setattr(InProcess, "submit", (lambda submit: lambda *a: jobs.append(a[3:5]) or submit(*a))(InProcess.submit))
    jobs = []
    long_memory.main(options)
    assert jobs == [("rnn", 10)] or jobs == [(first["runs"][0]["cell"], 10)]
    assert sorted(map(str, json.loads(store.read_text())["runs"])) == sorted(map(str, first["runs"]))
