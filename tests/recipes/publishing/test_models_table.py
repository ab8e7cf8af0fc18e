import csv
import io
import json

import pytest

from recipes.publishing import latency, models_table
from recipes.publishing.phone_table import HEADS, phone_rows
from recipes.publishing.short_table import TAKE_THIS_WHEN
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


def test_the_command_writes_all_pages_and_the_csv(zoo, tmp_path, monkeypatch):
    monkeypatch.setattr(models_table, "ROOT", tmp_path)
    before = {
        page: "".join(f"{kind}\n{models_table.MARKS[kind][0]}old\n{models_table.MARKS[kind][1]}\n" for kind in kinds)
        for page, kinds in models_table.PAGES.items()
    }
    for page, text in before.items():
        (tmp_path / page).parent.mkdir(exist_ok=True)
        (tmp_path / page).write_text(text)
    models_table.main([])
    assert (zoo / "models.csv").read_text() == models_table.models_csv() and list_pretrained() == ["tiny"]
    for page, text in before.items():
        written = (tmp_path / page).read_text()
        assert written == models_table.with_tables(page, text) and "old" not in written
        for kind in models_table.PAGES[page]:
            begin, end = models_table.MARKS[kind]
            table = models_table.MAKERS[kind]()
            assert begin + table + end in written
            head, rule, *rows = table.splitlines()
            assert all(row.count("|") == head.count("|") == rule.count("|") for row in rows)
    assert all("`tiny`" in of() and "75.00 %" in of() for of in (models_table.all_table, models_table.models_table))
    assert models_table.stocks_table().count("\n") == 2, "a head and a rule"
    assert "| 1 kB |" in models_table.short_table(), "700 bytes and a vocabulary"
    with pytest.raises(SystemExit):
        models_table.main(["tiny"])


def test_nothing_is_written_where_a_page_lacks_its_marks(zoo, tmp_path, monkeypatch):
    monkeypatch.setattr(models_table, "ROOT", tmp_path)
    with pytest.raises(SystemExit):
        models_table.main([])  # no page at all
    (tmp_path / "docs").mkdir()
    for page in models_table.PAGES:
        (tmp_path / page).write_text("no marks")
    with pytest.raises(ValueError, match="README.md needs the marks .* Received: 0"):
        models_table.main([])
    assert not (zoo / "models.csv").exists()


@pytest.mark.skipif(not REGISTERED, reason="saved_models/ holds no model")
def test_pages_and_csv_state_what_the_cards_and_the_measurement_say():
    for page in models_table.PAGES:
        text = (models_table.ROOT / page).read_text(encoding="utf-8")
        assert models_table.with_tables(page, text) == text, "run python -m recipes.publishing.models_table"
    table = (latency.latency_path().parent / "models.csv").read_bytes()
    assert table == models_table.models_csv().encode(), "run python -m recipes.publishing.models_table"


@pytest.mark.skipif(not REGISTERED, reason="saved_models/ holds no model")
def test_every_model_was_measured():
    missing = [row["name"] for row in models_table.rows() if row["cpu_milliseconds"] is None]
    assert not missing, f"run python -m recipes.publishing.models_table --measure {' '.join(missing)}"


def test_every_model_says_when_to_take_it():
    assert set(TAKE_THIS_WHEN) == set(REGISTERED), "recipes/publishing/short_table.py has a line for each model"
