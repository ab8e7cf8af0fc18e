"""What a model and traces print as: a line each, shapes in place of numbers."""

import numpy as np
import pytest

from seqzoo.insight import gradient_flow, trace_gates
from tests import tiny


def test_a_model_says_what_it_is():
    text = repr(tiny.model())
    assert text.startswith("<TextClassifier 223 parameters: vocabulary_size=30, max_tokens=12, ") and text.endswith(">")
    assert "units=3" in text and len(text) < 500
    model = tiny.model(classes=[f"class {n}" for n in range(300)])
    model.name = "tickets"
    assert repr(model).startswith("<TextClassifier tickets, ") and len(repr(model)) < 600


def test_traces_say_their_shapes():
    traces = trace_gates(tiny.model(), ["great film", "the acting was bad"])
    gates = ", ".join(f"{gate} [2, 4, 3]" for gate in ("input", "forget", "candidate", "output", "cell", "hidden"))
    assert repr(traces) == str(traces) == f"1 layer, 2 rows\n  lstm_0: LSTMTrace({gates})"


def test_gradients_say_their_shapes():
    flows = gradient_flow(tiny.model(cell="rnn", layers=2), ["great film"], [1])
    assert repr(flows).splitlines() == [
        "2 layers, 1 row",
        "  rnn_0: GradientFlow(hidden [1, 2], cell None)",
        "  rnn_1: GradientFlow(hidden [1, 2], cell None)",
    ]


@pytest.mark.parametrize("value", [np.zeros((2, 3)), "x" * 500])
def test_anything_else_is_short(value):
    from seqzoo.insight.observe import ByLayer

    found = ByLayer()
    found.add("layer", value)
    assert repr(found).startswith("1 layer\n  layer: ") and len(repr(found)) < 120
