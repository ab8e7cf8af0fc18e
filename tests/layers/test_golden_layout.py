"""Weights that were saved once load for ever: names, shapes and meaning against the files in tests/golden."""

import json

import numpy as np
import pytest
from golden import write

HOW = "Saved weights would no longer load. If that is meant, run `python tests/golden/write.py`."


def golden(name):
    return json.loads((write.FOLDER / f"{name}.json").read_text())


@pytest.fixture(scope="module")
def model():
    return write.model()


@pytest.mark.parametrize("name", write.LAYERS)
def test_names_and_shapes_are_kept(name, model):
    assert write.layout(model.get_layer(name)) == golden(name)["weights"], HOW


def test_weights_of_an_earlier_version_give_their_numbers(model):
    """Names and shapes alone would not notice two gates that change places."""
    before = {name: np.array(output) for name, output in model(write.INPUTS).items()}
    model.load_weights(write.WEIGHTS)
    for name, output in model(write.INPUTS).items():
        expected = golden(name)["output"]
        assert not np.allclose(before[name], expected, atol=1e-3)
        np.testing.assert_allclose(output, expected, atol=1e-6, err_msg=f"{name}: {HOW}")


def test_every_golden_file_is_of_a_layer():
    assert {path.stem for path in write.FOLDER.glob("*.json")} == set(write.LAYERS)
