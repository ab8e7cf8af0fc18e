"""The .tflite files of the registered models, against their cards and the programs of docs/phone.md."""

import json

import numpy as np
import pytest

from seqzoo.zoo import list_pretrained, read_card
from seqzoo.zoo.registry import find_model

LOSS = {None: 1e-4, "float16": 1e-3, "dynamic": 1e-3, "int8": 5e-3}  # of accuracy, at most
CARDS = {name: read_card(find_model(name)) for name in list_pretrained()}
EVERY = [(name, file) for name, card in CARDS.items() for file in sorted(card.get("phone", {}))]
FILES = [of for of in EVERY if CARDS[of[0]]["task"] == "text-classification"]
STOCK_FILES = [of for of in EVERY if CARDS[of[0]]["task"].startswith("stock-")]


def test_what_the_review_models_carry():
    assert [file for name, file in FILES if name == "imdb-lstm"] == [
        "interpreter-dynamic.tflite",
        "interpreter-int8.tflite",
        "micro-int8.tflite",
    ]
    assert [file for name, file in FILES if name == "imdb-rnn"] == ["interpreter-dynamic.tflite"]


@pytest.mark.parametrize("name", [name for name, card in CARDS.items() if card["task"].startswith("stock-")])
def test_what_the_stock_models_carry(name):
    cell = CARDS[name]["architecture"]["cell"]
    expected = {f"interpreter-{of}.tflite" for of in (("dynamic", "int8") if cell == "lstm" else ("dynamic",))}
    left_out = {of for of in expected if any(f"There is no {of}: " in line for line in CARDS[name]["limits"])}
    assert {file for of, file in STOCK_FILES if of == name} == expected - left_out
    assert len(expected - left_out) >= 1


@pytest.mark.parametrize(("name", "file"), STOCK_FILES)
def test_a_forecasters_file_is_as_good_as_the_model(name, file):
    folder, card = find_model(name), CARDS[name]
    row, test = card["phone"][file], card["metrics"]["test"]
    features = 32 if card["architecture"].get("market") else 11
    loss = "qlike" if card["task"] == "stock-volatility" else "pinball"
    assert (
        row["examples"] == test["examples"] and row["bytes"] == (folder / file).stat().st_size < 10_000 + 1.5 * card["parameters"]
    )
    assert row["figures"][loss] == pytest.approx(test[loss], rel=5e-3)
    sidecar = json.loads((folder / file).with_suffix(".json").read_text(encoding="utf-8"))
    assert [(of["name"], of["dtype"], of["shape"]) for of in sidecar["inputs"]] == [("sequence", "float32", [1, 60, features])]
    assert sidecar["form"] == "fused" and not {"WHILE", "CUSTOM"} & set(sidecar["operators"])


@pytest.mark.parametrize(("name", "file"), STOCK_FILES)
def test_a_forecasters_file_answers_as_the_model(name, file):
    from seqzoo.export import TFLiteRunner

    golden = json.loads((find_model(name) / "golden.json").read_text(encoding="utf-8"))
    answers = TFLiteRunner(find_model(name) / file)(golden["inputs"])
    expected = np.asarray(golden["outputs"])
    scale = np.abs(expected).max(axis=0)
    np.testing.assert_allclose(np.stack(list(answers.values()), axis=1) / scale, expected / scale, atol=0.02)


@pytest.mark.parametrize(("name", "file"), [of for of in FILES + STOCK_FILES if "int8" in of[1]])  # with fused LSTMs
def test_an_8_bit_file_states_its_scales(name, file):
    sidecar = json.loads((find_model(name) / file).with_suffix(".json").read_text(encoding="utf-8"))
    scales = {of["name"]: of for of in sidecar["scales"]}
    ends = {"probability"} if "text" in sidecar else {"sequence"}
    assert set(scales) == ends | {"lstm_0/hidden", "lstm_0/cell"}
    assert all(of["scale"] > 0 and -128 <= of["zero_point"] <= 127 for of in scales.values())
    assert scales["lstm_0/cell"]["dtype"] == "int16" and np.log2(scales["lstm_0/cell"]["scale"]) % 1 == 0


@pytest.mark.parametrize(("name", "file"), FILES)
def test_figures_and_size(name, file):
    folder = find_model(name)
    card = read_card(folder)
    row = card["phone"][file]
    everything = card["metrics"]["test"]["examples"]
    # Of some files fewer reviews were judged than of the model: the row states how many.
    fewer = {("sentiment-lstm", "interpreter-dynamic.tflite"): 500}
    assert row["examples"] == (2500 if row["target"] == "micro" else fewer.get((name, file), everything))
    if row["examples"] == everything:
        assert row["accuracy"] >= card["metrics"]["test"]["accuracy"] - LOSS[row["quantization"]]
    assert row["bytes"] == (folder / file).stat().st_size
    assert row["bytes"] < 1.2 * card["parameters"]  # a byte for each, and what is around them
    if name in ("imdb-lstm", "imdb-rnn"):  # the small ones, for phones
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
    runtime = pytest.importorskip("tflite_micro.python.tflite_micro.runtime", reason="needs the package tflite-micro")
    from seqzoo.data.vocabulary import Vocabulary

    folder = find_model("imdb-lstm")
    vocabulary = Vocabulary.load(folder / "vocabulary.txt")
    golden = json.loads((folder / "golden.json").read_text(encoding="utf-8"))
    micro = runtime.Interpreter.from_file(str(folder / "micro-int8.tflite"), arena_size=170_000)
    for text, expected in list(zip(golden["inputs"], golden["outputs"], strict=True))[-3:]:  # the last is empty
        words = vocabulary.encode(text, 800)
        micro.set_input(np.pad(words, (0, 800 - len(words)))[None].astype(np.int32), 0)
        micro.set_input(np.array([len(words)], np.int32), 1)
        micro.invoke()
        assert micro.get_output(0)[0] == pytest.approx(expected, abs=0.05)
