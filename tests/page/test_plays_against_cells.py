"""What a reader changes on the page (gates held, shifted, cut; words left out or swapped) against the package's own cells."""

import json

import numpy as np
import pytest

from seqzoo import GRUCell, LSTMCell, RNNCell

CELLS = {"lstm": LSTMCell, "gru": GRUCell, "rnn": RNNCell}
UNITS, FEATURES, OUTPUTS = 5, 3, 2
READOUTS = {"trained": ("last", "max", "mean"), "word": ("last", "last", "last")}


@pytest.fixture(scope="module")
def cells():
    random = np.random.default_rng(3)
    made = {}
    for kind, cell_class in CELLS.items():
        cell = cell_class(UNITS)
        cell.build((1, FEATURES))
        cell.set_weights([random.normal(0, 0.7, value.shape).astype(np.float32) for value in cell.get_weights()])
        made[kind] = cell
    return made


@pytest.fixture(scope="module")
def head():
    random = np.random.default_rng(4)
    return random.normal(size=(3 * UNITS, OUTPUTS)).astype(np.float32), random.normal(size=OUTPUTS).astype(np.float32)


def random_case(random, network, kind):
    steps = int(random.integers(1, 9))
    play = {"clamp": None, "shift": 0.0, "unit": None, "cut": None}
    if random.random() < 0.5:
        play["clamp"] = float(random.choice([0.0, 1.0, random.random()]))
    elif random.random() < 0.7:
        play["shift"] = float(random.normal(0, 2))
    if random.random() < 0.5:
        play["unit"] = int(random.integers(UNITS))
    if random.random() < 0.5:
        play["cut"] = int(random.integers(steps))
    readout = str(random.choice(list(READOUTS)))
    x = random.normal(size=(steps, FEATURES)).round(3).tolist()
    return {"network": network, "kind": kind, "x": x, "steps": steps, "play": play, "readout": readout}


def keep(play, usual, shifted):
    """The gate that keeps, as played; `shifted`: what it is with the shift on every unit's bias."""
    chosen = np.arange(UNITS) == play["unit"] if play["unit"] is not None else np.ones(UNITS, bool)
    return np.where(chosen, shifted if play["clamp"] is None else play["clamp"], usual)


def stepped(cell, kind, case, places, nudge=(None, None, 0.0)):
    """States of the steps at `places`, one after the other, each from the package's cell: {name: [steps, units]}.

    `nudge`: (step, "cell" or "hidden", what is added to that state right after it).
    """
    play, x, h, c = case["play"], np.array(case["x"], np.float32), np.zeros((1, UNITS)), np.zeros((1, UNITS))
    weights, found = cell.get_weights(), []
    bias = weights[2].copy()
    at = slice(UNITS, 2 * UNITS) if kind == "lstm" else slice(0, UNITS)
    (bias[0] if bias.ndim == 2 else bias)[at] += play["shift"]
    for t in places:
        states = (h.astype(np.float32), c.astype(np.float32))[: 2 if kind == "lstm" else 1]

        def gates(bias, t=t, states=states):
            cell.set_weights([*weights[:2], bias])
            return {name: np.asarray(value)[0] for name, value in cell.gates(x[t : t + 1], states)._asdict().items()}

        shifted, usual = gates(bias), gates(weights[2])
        if kind == "lstm":
            usual["forget"] = keep(play, usual["forget"], shifted["forget"])
            usual["input"] = usual["input"] * (play["cut"] != t)
            c = (usual["forget"] * c + usual["input"] * usual["candidate"]).reshape(1, -1)
            c = c + nudge[2] if nudge[:2] == (t, "cell") else c
            h = usual["output"] * np.tanh(c)
            usual["cell"] = c[0]
        elif kind == "gru":
            usual["update"] = np.ones(UNITS) if play["cut"] == t else keep(play, usual["update"], shifted["update"])
            h = (usual["update"] * h + (1 - usual["update"]) * usual["candidate"]).reshape(1, -1)
        else:
            h = usual["hidden"][None]
        h = h + nudge[2] if nudge[:2] == (t, "hidden") else h
        usual["hidden"] = h[0]
        found.append(usual)
    return {name: np.array([step[name] for step in found]) for name in found[0]} if found else {}


def answer(states, head, readout):
    if not len(states):
        return head[1]
    pooled = {"last": states[-1], "max": states.max(axis=0), "mean": states.mean(axis=0)}
    return np.concatenate([pooled[part] for part in READOUTS[readout]]) @ head[0] + head[1]


def form_and_tensors(kind, cell, head):
    form = {"layers": [[{"cell": kind, "path": "x", "reverse": False}]], "pooling": READOUTS["trained"]}
    form["head"] = {"kernel": "k", "bias": "b"}
    names = {"x/kernel": 0, "x/recurrent_kernel": 1, "x/bias": 2}
    arrays = {name: cell.get_weights()[place] for name, place in names.items()} | {"k": head[0], "b": head[1]}
    return {"form": form, "tensors": {n: {"shape": a.shape, "data": a.ravel().tolist()} for n, a in arrays.items()}}


def test_clamps_shifts_cuts_and_words_left_out(node, cells, head, tmp_path):
    random = np.random.default_rng(5)
    cases = [random_case(random, number, kind) for _ in range(8) for number, kind in enumerate(cells)]
    job = {"networks": [form_and_tensors(kind, cell, head) for kind, cell in cells.items()], "cases": cases}
    (tmp_path / "job.json").write_text(json.dumps(job))
    node("plays.mjs", tmp_path / "job.json", tmp_path / "found.json")
    result = json.loads((tmp_path / "found.json").read_text())
    for case, found in zip(cases, result["found"], strict=True):
        kind, steps = case["kind"], case["steps"]
        weights = cells[kind].get_weights()
        expected = stepped(cells[kind], kind, case, range(steps))
        for name, values in expected.items():
            np.testing.assert_allclose(np.reshape(found["traces"][name], (steps, UNITS)), values, atol=1e-5, err_msg=str(case))
        answers = np.reshape(found["answers"], (steps + 1, OUTPUTS))
        for end in range(steps + 1):
            np.testing.assert_allclose(answers[end], answer(expected["hidden"][:end], head, case["readout"]), atol=2e-5)
        for gone in range(steps):
            left = stepped(cells[kind], kind, case, [t for t in range(steps) if t != gone]).get("hidden", [])
            moved = answers[-1][0] - answer(left, head, case["readout"])[0]
            assert found["influences"][gone] == pytest.approx(moved, abs=2e-5), case
        cells[kind].set_weights(weights)
    assert result["orders"] == {"swapped": [0, 4, 2, 3, 1, 5], "halves": [2, 3, 4, 0, 1]}


HELD = {"clamp": 0.5, "shift": 0.0, "unit": None, "cut": 2}
SHIFTED = {"clamp": None, "shift": 1.5, "unit": 3, "cut": None}


@pytest.mark.parametrize("play", [HELD, SHIFTED], ids=["held and cut", "shifted"])
def test_gradients_under_plays_are_those_of_finite_differences(node, cells, head, tmp_path, play):
    x, step, size = np.random.default_rng(6).normal(size=(4, FEATURES)).round(3).tolist(), 1, 1e-2
    cases = [{"network": k, "x": x, "steps": 4, "play": play, "readout": "word"} for k in range(len(cells))]
    job = {"networks": [form_and_tensors(kind, cell, head) for kind, cell in cells.items()], "cases": cases}
    (tmp_path / "job.json").write_text(json.dumps(job))
    node("plays.mjs", tmp_path / "job.json", tmp_path / "found.json")
    results = json.loads((tmp_path / "found.json").read_text())["found"]
    for case, found, (kind, cell) in zip(cases, results, cells.items(), strict=True):
        weights = cell.get_weights()
        for state, norms in found["norms"].items():

            def loss(nudge, case=case, cell=cell, kind=kind, state=state):
                hidden = stepped(cell, kind, case, range(4), (step, state, nudge))["hidden"]
                return answer(hidden, head, "word").sum()

            slope = [(loss(size * unit) - loss(-size * unit)) / (2 * size) for unit in np.eye(UNITS)]
            assert norms[step] == pytest.approx(np.linalg.norm(slope), rel=5e-3, abs=1e-4), (kind, state)
            cell.set_weights(weights)
