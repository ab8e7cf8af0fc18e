"""The .tflite files of the registered text models, against their cards and the README's programs."""

import json

import numpy as np
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
    everything = card["metrics"]["test"]["examples"]
    assert row["examples"] == (2500 if row["target"] == "micro" else everything)
    if row["examples"] == everything:
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


def test_the_micro_file_runs_on_a_microcontrollers_runtime_in_the_memory_that_the_readme_says():
    runtime = pytest.importorskip(
        "tflite_micro.python.tflite_micro.runtime", reason="needs the package tflite-micro"
    )
    from seqzoo.data.vocabulary import Vocabulary

    folder = find_model("imdb-lstm")
    vocabulary = Vocabulary.load(folder / "vocabulary.txt")
    golden = json.loads((folder / "golden.json").read_text(encoding="utf-8"))
    micro = runtime.Interpreter.from_file(str(folder / "micro-int8.tflite"), arena_size=170_000)
    for text, expected in list(zip(golden["inputs"], golden["outputs"]))[-3:]:  # the last is empty
        words = vocabulary.encode(text, 800)
        micro.set_input(np.pad(words, (0, 800 - len(words)))[None].astype(np.int32), 0)
        micro.set_input(np.array([len(words)], np.int32), 1)
        micro.invoke()
        assert micro.get_output(0)[0] == pytest.approx(expected, abs=0.05)
