"""The .tflite files of the registered text models, against their cards and the README's programs."""

import json

import pytest

from seqzoo.zoo import list_pretrained, read_card
from seqzoo.zoo.registry import find_model

LOSS = {None: 1e-4, "float16": 1e-3, "dynamic": 1e-3, "int8": 5e-3}  # of accuracy, at most
FILES = [
    (name, file)
    for name in list_pretrained()
    for file in sorted(read_card(find_model(name)).get("phone", {}))
]


def test_what_the_review_models_carry():
    assert [file for name, file in FILES if name == "imdb-lstm"] == [
        "interpreter-dynamic.tflite",
        "interpreter-int8.tflite",
        "micro-int8.tflite",
    ]
    assert [file for name, file in FILES if name == "imdb-rnn"] == ["interpreter-dynamic.tflite"]


@pytest.mark.parametrize(("name", "file"), FILES)
def test_figures_and_size(name, file):
    folder = find_model(name)
    card = read_card(folder)
    row = card["phone"][file]
    assert row["examples"] == card["metrics"]["test"]["examples"]
    assert row["accuracy"] >= card["metrics"]["test"]["accuracy"] - LOSS[row["quantization"]]
    assert row["bytes"] == (folder / file).stat().st_size
    assert row["bytes"] + (folder / "vocabulary.txt").stat().st_size < 1_500_000


@pytest.mark.parametrize(("name", "file"), FILES)
def test_the_signature_is_that_of_the_readme(name, file):
    sidecar = json.loads((find_model(name) / file).with_suffix(".json").read_text(encoding="utf-8"))
    steps = sidecar["time_steps"]
    specs = sidecar["inputs"] + sidecar["outputs"]
    signature = {spec["name"]: (spec["dtype"], spec["shape"]) for spec in specs}
    expected = {"ids": ("int32", [1, steps]), "length": ("int32", [1]), "probability": ("float32", [1])}
    if sidecar["target"] != "micro":
        assert steps is None
        del expected["length"]
    assert list(signature.items()) == list(expected.items())
    assert sidecar["text"]["vocabulary"] == "vocabulary.txt" and sidecar["text"]["max_tokens"] > 0
    assert not {"WHILE", "CUSTOM"} & set(sidecar["operators"])
