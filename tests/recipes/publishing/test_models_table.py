import csv
import io
import json

import pytest

from recipes.publishing import latency, models_table
from recipes.publishing.phone_table import HEADS, phone_rows
from seqzoo.zoo import list_pretrained, read_card
from tests import tiny

REGISTERED = list_pretrained()


@pytest.fixture
def zoo(tmp_path, monkeypatch):
    """A folder of models with one, of which a file for a phone is only said to be there."""
    folder = tiny.copy_to(tmp_path)
    card = json.loads((folder / "card.json").read_text())
    row = {"milliseconds": 1.0, "accuracy": 0.75, "examples": 4}
    card["phone"] = {
        name: {"target": target, "quantization": "int8", "bytes": size, **row}
        for name, target, size in (("a.tflite", "interpreter", 900), ("b.tflite", "interpreter", 700), ("c.tflite", "micro", 5))
    }
    card["files"] |= {name: {"sha256": "", "bytes": of["bytes"]} for name, of in card["phone"].items()}
    (folder / "card.json").write_text(json.dumps(card))
    monkeypatch.setenv("SEQZOO_MODELS", str(tmp_path))
    return tmp_path


def test_a_row_says_what_the_card_says(zoo):
    card = read_card(zoo / "tiny")
    (row,) = models_table.rows()
    assert row == {
        **{"name": "tiny", "task": "text-classification", "figure": "accuracy", "value": 0.75},
        "parameters": card["parameters"],
        "weights_bytes": (zoo / "tiny" / "weights.safetensors").stat().st_size,
        **{"phone_file": "b.tflite", "phone_bytes": 700 + (zoo / "tiny" / "vocabulary.txt").stat().st_size},
        **{"cpu_milliseconds": None, "mobile_milliseconds": None},
    }
    assert list(csv.DictReader(io.StringIO(models_table.models_csv()))) == [
        {key: "" if value is None else str(value) for key, value in row.items()}
    ]


def test_latency_is_measured_and_kept_for_the_weights_that_were_measured(zoo, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr("seqzoo.export.TFLiteRunner", lambda path: lambda texts: asked.append((path.name, texts)))
    latency.measure_latency(calls=3)
    assert "tiny: " in capsys.readouterr().out
    assert {name for name, _ in asked} == {"b.tflite"} and len(asked) == 3 + latency.WARM_UP
    assert len(asked[0][1]) == 1 and len(asked[0][1][0].split()) == latency.WORDS
    (row,) = models_table.rows()
    assert row["cpu_milliseconds"] > 0 and row["mobile_milliseconds"] >= 0
    assert list_pretrained() == ["tiny"], "latency.json is no model"
    found = json.loads((zoo / "latency.json").read_text())
    found["models"]["tiny"]["weights"] = "f" * 64
    (zoo / "latency.json").write_text(json.dumps(found))
    assert models_table.rows()[0]["cpu_milliseconds"] is None


def test_a_phone_file_is_compared_with_its_model_on_the_same_examples_only(zoo):
    card = read_card(zoo / "tiny")
    examples = card["metrics"]["test"]["examples"]
    card["phone"]["a.tflite"] |= {"examples": examples, "accuracy": 0.7, "quantization": None}
    card["phone"]["b.tflite"]["examples"] = examples + 1
    same, other, _ = phone_rows([("tiny", card)])
    assert same == ("`tiny`", "interpreter", "float32", "900", "1.0", "accuracy", "70.00 %", "75.00 %", f"{examples:,}")
    assert other[-3:] == ("75.00 %", "", f"the first {examples + 1:,}")
    assert len(same) == len(HEADS)


def test_the_command_writes_both_and_only_them(zoo, tmp_path, monkeypatch):
    before = "".join(f"{kind}\n{begin}old\n{end}\n" for kind, (begin, end) in models_table.MARKS.items())
    monkeypatch.setattr(models_table, "README", tmp_path / "README.md")
    (tmp_path / "README.md").write_text(before)
    models_table.main([])
    assert (zoo / "models.csv").read_text() == models_table.models_csv() and list_pretrained() == ["tiny"]
    written = (tmp_path / "README.md").read_text()
    assert written == models_table.with_table(before) and "old" not in written
    for kind, table in (("all models", models_table.all_table()), ("models", models_table.models_table())):
        begin, end = models_table.MARKS[kind]
        head, rule, row = table.splitlines()
        assert head.count("|") == rule.count("|") == row.count("|")
        assert "`tiny`" in row and "75.00 %" in row and begin + table + end in written
    assert models_table.stocks_table().count("\n") == 2, "a head and a rule"
    begin, end = models_table.MARKS["phone files"]
    assert begin + models_table.phone_table() + end in written
    with pytest.raises(SystemExit):
        models_table.main(["tiny"])


@pytest.mark.skipif(not REGISTERED, reason="saved_models/ holds no model")
def test_readme_and_csv_state_what_the_cards_and_the_measurement_say():
    text = models_table.README.read_text(encoding="utf-8")
    assert models_table.with_table(text) == text, "run python -m recipes.publishing.models_table"
    table = (latency.latency_path().parent / "models.csv").read_bytes()
    assert table == models_table.models_csv().encode(), "run python -m recipes.publishing.models_table"


@pytest.mark.skipif(not REGISTERED, reason="saved_models/ holds no model")
def test_every_model_was_measured():
    missing = [row["name"] for row in models_table.rows() if row["cpu_milliseconds"] is None]
    assert not missing, f"run python -m recipes.publishing.models_table --measure {' '.join(missing)}"
