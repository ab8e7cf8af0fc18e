import keras
import numpy as np
import pytest
from reference import numpy_cells
from reference.inputs import FEATURES, UNITS, random_weights, sequences, states

from seqzoo import GRUCell, LSTMCell, RNNCell
from seqzoo.cells import LSTMGates, LSTMState

GATES = [
    *[(LSTMCell, {}, numpy_cells.lstm_step, name) for name in LSTMGates._fields],
    *[
        (GRUCell, {"reset_after": after}, numpy_cells.gru_step, name)
        for after in (True, False)
        for name in ("update", "reset", "candidate", "hidden")
    ],
    (RNNCell, {}, numpy_cells.rnn_step, "hidden"),
]
CELLS = [LSTMCell, GRUCell, RNNCell]


def built(cell_class, **options):
    cell = cell_class(UNITS, **options)
    cell.build((None, FEATURES))
    cell.set_weights(random_weights(cell))
    return cell


def one_step(cell, dtype="float32"):
    return sequences(dtype=dtype)[:, 0], states(len(cell.state_names), dtype=dtype)


@pytest.mark.parametrize("cell_class, options, step, name", GATES)
@pytest.mark.parametrize("dtype, tolerance", [("float32", 1e-6), ("float64", 1e-12)])
def test_gate_equals_its_equation(cell_class, options, step, name, dtype, tolerance):
    cell = built(cell_class, dtype=dtype, **options)
    x, before = one_step(cell, dtype)
    expected = step(x.astype("float64"), before, cell.get_weights())[name]
    np.testing.assert_allclose(getattr(cell.gates(x, before), name), expected, atol=tolerance, rtol=0)


@pytest.mark.parametrize(
    "cell_class, names",
    [(LSTMCell, ["input", "forget", "candidate", "output"]), (GRUCell, ["update", "reset", "candidate"])],
)
def test_each_gate_has_its_own_columns(cell_class, names):
    """Moves the bias of one gate and sees that gate alone move: the layout, without an oracle."""
    cell = built(cell_class)
    weights, (x, before) = cell.get_weights(), one_step(cell)
    at_rest = cell.gates(x, before)
    for k, name in enumerate(names):
        bias = weights[2].copy()
        bias[..., k * UNITS : (k + 1) * UNITS] += 1
        cell.set_weights([*weights[:2], bias])
        moved = cell.gates(x, before)
        changed = {n for n in names if not np.allclose(getattr(moved, n), getattr(at_rest, n))}
        # A GRU's reset gate acts on its candidate.
        assert changed == ({name, "candidate"} if name == "reset" else {name})


@pytest.mark.parametrize("cell_class", CELLS)
def test_call_returns_what_gates_show(cell_class):
    cell = built(cell_class)
    x, before = one_step(cell)
    gates = cell.gates(x, before)
    output, after = cell(x, before)
    assert isinstance(after, list)
    np.testing.assert_allclose(output, gates.hidden, rtol=0, atol=1e-6)
    for name, state in zip(cell.state_names, after, strict=True):
        np.testing.assert_allclose(state, getattr(gates, name), rtol=0, atol=1e-6)


def test_state_has_the_structure_it_came_in():
    lstm, rnn = built(LSTMCell), built(RNNCell)
    x, (h, c) = one_step(lstm)
    assert isinstance(lstm(x, LSTMState(h, c))[1], LSTMState)
    assert isinstance(lstm(x, [h, c])[1], list)
    np.testing.assert_allclose(rnn(x, h)[1], rnn(x, [h])[1][0], rtol=0, atol=1e-6)


@pytest.mark.parametrize("cell_class", CELLS)
def test_activations_stand_in_their_places(cell_class):
    options = {} if cell_class is RNNCell else {"recurrent_activation": lambda x: 0 * x + 0.25}
    cell = built(cell_class, activation=lambda x: 0 * x + 3, **options)
    x, before = one_step(cell)
    h, c = before[0], before[-1]
    expected = {
        LSTMCell: {"input": 0.25, "forget": 0.25, "candidate": 3, "output": 0.25, "hidden": 0.25 * 3}
        | {"cell": 0.25 * c + 0.25 * 3},
        GRUCell: {"update": 0.25, "reset": 0.25, "candidate": 3, "hidden": 0.25 * h + 0.75 * 3},
        RNNCell: {"hidden": 3},
    }[cell_class]
    for name, value in cell.gates(x, before)._asdict().items():
        np.testing.assert_allclose(value, np.broadcast_to(expected[name], value.shape), rtol=1e-6)


def test_head_maps_the_state_and_leaves_it():
    cell = built(RNNCell, output_units=2, output_activation="softmax")
    x, before = one_step(cell)
    y, (h,) = cell(x, before)
    *weights, output_kernel, output_bias = cell.get_weights()
    expected_h = numpy_cells.rnn_step(x, before, weights)["hidden"]
    exponents = np.exp(expected_h @ output_kernel + output_bias)
    np.testing.assert_allclose(h, expected_h, atol=1e-6)
    np.testing.assert_allclose(y, exponents / exponents.sum(axis=1, keepdims=True), atol=1e-6)
    assert (cell.state_size, cell.output_size) == (UNITS, 2)


def test_head_without_bias_or_activation_is_a_product():
    cell = built(RNNCell, output_units=2, use_bias=False)
    assert [w.name for w in cell.weights] == ["kernel", "recurrent_kernel", "output_kernel"]
    y, (h,) = cell(*one_step(cell))
    np.testing.assert_allclose(y, np.array(h) @ cell.get_weights()[-1], atol=1e-6)


def test_head_starts_from_numbers_of_its_own():
    cell = RNNCell(FEATURES, output_units=FEATURES, kernel_initializer=keras.initializers.GlorotUniform())
    cell.build((None, FEATURES))
    assert not np.allclose(cell.kernel, cell.output_kernel)


def test_head_inside_keras_rnn():
    layer = keras.layers.RNN(RNNCell(UNITS, output_units=2), return_sequences=True, return_state=True)
    outputs, state = layer(keras.Input([7, FEATURES]))
    assert outputs.shape == (None, 7, 2) and state.shape == (None, UNITS)
    outputs, state = layer(sequences())
    np.testing.assert_allclose(outputs[:, -1], layer.cell.head(state), atol=1e-6)


def test_forget_bias_starts_at_one():
    bias = LSTMCell(2)
    bias.build((None, 3))
    np.testing.assert_array_equal(bias.bias, [0, 0, 1, 1, 0, 0, 0, 0])
    plain = LSTMCell(2, unit_forget_bias=False, bias_initializer=keras.initializers.Constant(0.5))
    plain.build((None, 3))
    np.testing.assert_array_equal(plain.bias, np.full(8, 0.5))


@pytest.mark.parametrize("cell_class", CELLS)
def test_initial_state_is_zero(cell_class):
    cell = cell_class(UNITS, dtype="float64")
    for state in cell.get_initial_state(2):
        assert state.shape == (2, UNITS) and keras.backend.standardize_dtype(state.dtype) == "float64"
        assert not np.any(np.asarray(state))


@pytest.mark.parametrize("cell_class", CELLS)
def test_gates_build_the_cell_and_take_what_keras_takes(cell_class):
    cell = cell_class(UNITS)
    x, before = one_step(cell)
    from_integers = cell.gates((10 * x).astype("int32"), before).hidden
    from_floats = cell.gates((10 * x).astype("int32").astype("float64"), before).hidden
    np.testing.assert_allclose(from_integers, from_floats, rtol=0, atol=1e-6)
