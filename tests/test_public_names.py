import pytest

import seqzoo
from tests.processes import python

HEAVY = ("cells", "layers")  # last: each of the others in a process that has reached none
ROOMS = ("data", "export", "insight", "scoring", "tasks", "training", "zoo", *HEAVY)
NAMES = {"RNNCell", "LSTMCell", "GRUCell", "RNN", "LSTM", "GRU", "list_pretrained", "load_pretrained"}


def test_the_public_names():
    assert set(seqzoo.__all__) == NAMES | {"__version__"}
    assert set(dir(seqzoo)) >= NAMES
    for name in NAMES:
        assert getattr(seqzoo, name).__name__ == name


def test_each_room_is_reached_after_a_bare_import():
    code = f"""
import os, sys, seqzoo
for room in {ROOMS}:
    heavy = room in {HEAVY}  # TensorFlow is imported once
    if heavy or not os.fork():
        print(getattr(seqzoo, room).__name__, room in dir(seqzoo), 'tensorflow' in sys.modules, flush=True)
        heavy or os._exit(0)
    heavy or os.wait()"""
    lines = [line.split() for line in python(code).stdout.splitlines()]
    assert [line[:2] for line in lines] == [[f"seqzoo.{room}", "True"] for room in ROOMS]
    assert [room for room, line in zip(ROOMS, lines, strict=True) if line[2] == "True"] == list(HEAVY)


def test_an_unknown_name_lists_those_there_are():
    with pytest.raises(AttributeError, match="'LSTMCel'.*LSTMCell"):
        seqzoo.LSTMCel  # noqa: B018, the attribute is asked for


def test_importing_costs_no_tensorflow():
    code = "import sys, seqzoo; dir(seqzoo); print([m for m in sys.modules if m in ('tensorflow', 'keras', 'numpy')])"
    result = python(code)
    assert result.stdout.strip() == "[]"
