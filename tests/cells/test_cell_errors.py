import re

import numpy as np
import pytest

from seqzoo import GRUCell, LSTMCell, RNNCell

CELLS = [LSTMCell, GRUCell, RNNCell]
X = np.zeros((2, 3), "float32")


def state(cell, shape=(2, 4)):
    return [np.zeros(shape, "float32") for _ in cell.state_names]


@pytest.fixture(params=CELLS)
def cell(request):
    built = request.param(4)
    built.build((None, 3))
    return built


def refuses(error, pattern):
    return pytest.raises(error, match=f"(?s){pattern}.*Received: ")


@pytest.mark.parametrize("units", [0, -1, 2.5, "4", None, True])
@pytest.mark.parametrize("cell_class", CELLS)
def test_units(cell_class, units):
    with refuses(ValueError, "`units` must be a positive integer"):
        cell_class(units)


@pytest.mark.parametrize("rate", [-0.1, 1, 1.5, "0.5"])
@pytest.mark.parametrize("name", ["dropout", "recurrent_dropout"])
def test_dropout(name, rate):
    with refuses(ValueError, f"`{name}` must be a number"):
        LSTMCell(4, **{name: rate})


def test_implementation():
    with refuses(ValueError, "`implementation` must be one of 0, 1, 2"):
        LSTMCell(4, implementation=3)


def test_output_head():
    with refuses(ValueError, "give `output_units` too"):
        RNNCell(4, output_activation="tanh")
    with refuses(ValueError, "`output_units` must be a positive integer"):
        RNNCell(4, output_units=0)


def test_rank(cell):
    with refuses(ValueError, re.escape("[batch, features]")):
        cell(np.zeros((2, 5, 3), "float32"), state(cell))


def test_features(cell):
    with refuses(ValueError, "3 features"):
        cell(np.zeros((2, 5), "float32"), state(cell))


@pytest.mark.parametrize("bad", [np.full((2, 3), "a"), np.zeros((2, 3), "complex64")])
def test_dtype(cell, bad):
    with refuses(TypeError, "float, int or bool"):
        cell(bad, state(cell))


@pytest.mark.parametrize("shape", [(2, 5), (3, 4), (4,)])
def test_state_shape(cell, shape):
    with refuses(ValueError, re.escape("[2, 4]")):
        cell(X, state(cell, shape))
    with refuses(ValueError, re.escape("[2, 4]")):
        cell.gates(X, state(cell, shape))


def test_number_of_states(cell):
    with refuses(ValueError, re.escape("[2, 4]")):
        cell(X, [*state(cell), *state(cell)])


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite(cell, value):
    weights = cell.get_weights()
    before = [w.copy() for w in weights]
    weights[1][0, 0] = value
    with refuses(ValueError, "finite"):
        cell.set_weights(weights)
    for w, b in zip(cell.get_weights(), before, strict=True):
        np.testing.assert_array_equal(w, b)


def test_weights_that_do_not_fit(cell):
    kernel, *rest = cell.get_weights()
    with refuses(ValueError, "recurrent_kernel"):
        cell.set_weights([kernel])
    with refuses(ValueError, "recurrent_kernel"):
        cell.set_weights([kernel[:-1], *rest])
