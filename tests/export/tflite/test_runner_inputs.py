"""What people hand to a runner by mistake, and to a step: every error says what is wanted and what was received."""

import keras
import numpy as np
import pytest

from seqzoo.export import TFLiteRunner, export_tflite
from seqzoo.tasks.preprocess import check_arrays

SPECS = [
    {"name": "x", "dtype": "float32", "shape": [1, None, 2]},
    {"name": "ids", "dtype": "int32", "shape": [1, None]},
    {"name": "pixels", "dtype": "uint8", "shape": [1, 2]},
]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("x", np.full((1, 3, 2), 1e300), r"must lie within 3.403e\+38 \(float32\). Received: 1e\+300"),
        ("x", np.full((1, 3, 2), -1e39), r"Received: -1e\+39"),
        ("x", [[[1.0, 2.0], [3.0]]], "lists of equal lengths.*Received: lists of unequal lengths"),
        ("x", [[[1.0, 2.0]], [[1.0, 2.0], [3.0, 4.0]]], "pad rows that differ.*Received: lists of unequal"),
        ("ids", [[1, 2], [3]], "`ids` must be an array, or lists of equal.*Received: lists"),
        ("ids", np.array([[1, 2**31]]), r"-2147483648..2147483647 \(int32\). Received: 2147483648"),
        ("ids", np.array([[-(2**40), 1]]), "Received: -1099511627776"),
        ("x", None, r"must have shape \[n, time, 2\]. Received: shape \[\]"),
    ],
)
def test_values_that_no_file_takes(name, value, message):
    """1e300 became infinity and was computed with; ids of 2**31 became -2**31."""
    with pytest.raises(ValueError, match=message):
        check_arrays({"inputs": [spec for spec in SPECS if spec["name"] == name]}, value)


def test_values_at_the_edge_are_taken():
    greatest = np.finfo(np.float32).max
    x = np.array([[[float(greatest), -float(greatest)]]])
    assert check_arrays({"inputs": SPECS[:1]}, x)["x"].max() == greatest
    assert check_arrays({"inputs": SPECS[1:2]}, np.array([[2**31 - 1, -(2**31)]]))["ids"].dtype == np.int32


def test_a_step_is_given_states(tmp_path, in_process):
    network = keras.Sequential([keras.Input((None, 2), name="x"), keras.layers.LSTM(3, name="lstm")])
    runner = TFLiteRunner(export_tflite(network, tmp_path / "steps.tflite", "stream"))
    x = np.ones((1, 2), "float32")
    asked = r"`states` must be a dict with lstm_h, lstm_c, as `start\(\)` or the step before gave it. Received: "
    for states, received in (
        (None, "None"),
        ({}, "none"),
        ([np.zeros((1, 3))] * 2, r"\[array"),
        ({"lstm_h": np.zeros((1, 3))}, "lstm_h$"),
    ):
        with pytest.raises(ValueError, match=asked + received):
            runner.step(x, states)
    good = runner.start()
    for value, message in (
        (np.zeros((1, 4)), r"`lstm_c` must have shape \[n, 3\]. Received: shape \[1, 4\]"),
        (np.zeros((2, 3)), r"`lstm_c` must have shape \[1, 3\]. Received: shape \[2, 3\]"),
        (np.full((1, 3), np.nan), "`lstm_c` must be finite. Received: NaN"),
    ):
        with pytest.raises(ValueError, match=message):
            runner.step(x, good | {"lstm_c": value})
    for inputs, message in (
        (np.ones((2, 2)), "A step takes 1 rows. Received: 2"),
        (np.ones((1, 1, 2)), r"`x` must have shape \[n, 2\]. Received: shape \[1, 1, 2\]"),
        ({"y": x}, "The inputs must be x. Received: y"),
        (np.full((1, 2), 1e300), r"Received: 1e\+300"),
    ):
        with pytest.raises(ValueError, match=message):
            runner.step(inputs, good)
    np.testing.assert_allclose(runner.step({"x": x}, good)[0], runner.step(x, good)[0], atol=1e-6)
    with pytest.raises(ValueError, match="First states must be a dict with any of lstm_h, lstm_c. Received: list"):
        runner.start([1])
