import subprocess
import sys

import pytest

import seqzoo

NAMES = {"RNNCell", "LSTMCell", "GRUCell", "RNN", "LSTM", "GRU", "list_pretrained", "load_pretrained"}


def test_the_public_names():
    assert set(seqzoo.__all__) == NAMES | {"__version__"}
    assert set(dir(seqzoo)) >= NAMES
    for name in NAMES:
        assert getattr(seqzoo, name).__name__ == name


@pytest.mark.parametrize("room", ["cells", "data", "export", "insight", "layers", "scoring", "tasks", "training", "zoo"])
def test_a_room_is_reached_after_a_bare_import(room):
    code = f"import sys, seqzoo; print(seqzoo.{room}.__name__, {room!r} in dir(seqzoo), 'tensorflow' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = room in ("cells", "layers")
    assert result.stdout.split()[:2] == [f"seqzoo.{room}", "True"] and (heavy or result.stdout.split()[2] == "False")


def test_an_unknown_name_lists_those_there_are():
    with pytest.raises(AttributeError, match="'LSTMCel'.*LSTMCell"):
        seqzoo.LSTMCel  # noqa: B018, the attribute is asked for


def test_importing_costs_no_tensorflow():
    code = "import sys, seqzoo; dir(seqzoo); print([m for m in sys.modules if m in ('tensorflow', 'keras', 'numpy')])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
