"""The table of what can be exported: three of its networks through the same code, and what counts as wrong."""

import importlib.util
import json

import numpy as np
import pytest

from recipes.benchmarks import export_attempts, export_table
from recipes.benchmarks.export_attempts import INTERNAL, REFUSED, WRITTEN, WRONG, Subject, attempt

needs_runtime = pytest.mark.skipif(importlib.util.find_spec("ai_edge_litert") is None, reason="needs the extra `mobile`")
NAMES = ["Masking, LSTM", "TextVectorization in front", "siamese LSTM"]


@needs_runtime
def test_three_networks(tmp_path, capsys):
    options = ["--only", *NAMES, "--targets", "interpreter", "--quantizations", "none", "--output", str(tmp_path)]
    assert export_table.main([*options, "--page", str(tmp_path / "page.md")]) == 0
    rows = {
        row["key"][0]: row for row in map(json.loads, (tmp_path / "attempts.jsonl").read_text().splitlines()) if "result" in row
    }
    assert {name: row["result"] for name, row in rows.items()} == dict(zip(NAMES, [WRITTEN, REFUSED, WRITTEN], strict=True))
    assert 0 < rows["Masking, LSTM"]["error"] < 1e-5 and "Input `text` is text" in rows[NAMES[1]]["message"]
    page = (tmp_path / "page.md").read_text()
    assert "3 networks" in page and "- *a*: Input `…` is text" in page and "| TextVectorization in front | a |" in page
    assert "2 files are right, 0 are silently wrong, 1 attempts were refused" in " ".join(capsys.readouterr().out.split())
    before = (tmp_path / "attempts.jsonl").read_text()
    assert export_table.main(options) == 0 and (tmp_path / "attempts.jsonl").read_text() == before  # nothing twice


@needs_runtime
def test_a_file_of_another_network_is_silently_wrong(tmp_path, monkeypatch):
    subject = Subject("three quantiles, an output each")
    answer = subject.answer
    monkeypatch.setattr(subject, "answer", lambda feed: [1.01 * of for of in answer(feed)])
    found = attempt(subject, "interpreter", None, tmp_path)
    assert found["result"] == WRONG and found["error"] > 1e-3


def test_padding_is_where_it_is_said_and_a_row_is_whole():
    subject = Subject("Masking, LSTM")
    for place, steps in (("behind", range(4, 8)), ("front", range(4)), ("gaps", range(1, 8, 2))):
        x = subject.feed(8, place)["x"]
        hidden = np.all(x == -1, axis=2)
        assert [list(np.flatnonzero(row)) for row in hidden] == [list(steps)] * 2 + [[]]
    assert len(subject.feeds(True)) == 8 and len(Subject("GRU, any length").feeds(True)) == 2


def test_what_killed_its_process_and_what_was_found_by_other_code(tmp_path):
    log = export_table.Log(tmp_path, "one")
    log.write(("net", "compiled", None))
    log.write(("net", "stream", None), result=WRITTEN, error=0.0)
    again = export_table.Log(tmp_path, "one")
    assert again.died == {("net", "compiled", None)} and list(again.found) == [("net", "stream", None)]
    assert not export_table.Log(tmp_path, "two").found


def test_errors_without_a_cause_are_internal_and_advice_is_tried(tmp_path, monkeypatch):
    monkeypatch.setattr(export_attempts, "_attempt", lambda *_: [][0])
    assert attempt(None, "compiled", None, tmp_path)["message"] == "IndexError: list index out of range"
    assert attempt(None, "compiled", None, tmp_path)["result"] == INTERNAL
    refusal = {"result": REFUSED, "message": "Layer `a` cannot; target 'compiled' can. Received: 'stream'"}
    found = {("n", "interpreter", None): refusal, ("n", "compiled", None): {"result": WRITTEN, "error": 1e-7}}
    assert export_table.advice(("n", "interpreter", None), refusal, found) is True
    found["n", "compiled", None] = {"result": REFUSED, "message": "no. Received: 3"}
    assert [line.partition(":")[0] for line in export_table.faults(found)] == ["advice that does not work"]
    assert export_table.reason("Layer `lstm_3` is odd. Received: 4") == export_table.reason("Layer `lstm` is odd. Received: 5")


def test_a_loop_is_asked_for_where_a_refusal_says_so(tmp_path, monkeypatch):
    def refusing(subject, target, quantization, folder, form):
        if form is None:
            raise ValueError("Layer `a` steps a Cell; form='loop' steps it. Received: target 'interpreter'")
        return {"result": WRITTEN, "error": 0.0}

    monkeypatch.setattr(export_attempts, "_attempt", refusing)
    found = attempt(None, "interpreter", None, tmp_path)
    assert (found["result"], found["form"]) == (WRITTEN, "loop")
    row = export_table.page(
        ["n"], {("n", "interpreter", None): found, ("n", "compiled", None): {"result": WRITTEN, "error": 2e-7}}
    )
    assert "| n | 0° | 2e-7 |" in row


def test_a_stream_is_fed_step_by_step_but_for_what_is_no_series():
    class Runner:
        sidecar = {"states": ["h"], "inputs": [{"name": n, "shape": [1, k]} for n, k in (("static", 3), ("x", 4), ("h", 2))]}

        def start(self, given):
            return given

        def step(self, now, states):
            assert {name: value.shape for name, value in now.items()} == {"static": (1, 3), "x": (1, 4)}
            return now["x"].sum(axis=1, keepdims=True) + states["h"][:, :1], {"h": states["h"] + 1}

    feed = {"static": np.ones((1, 3)), "x": np.ones((1, 5, 4)), "h": np.ones((1, 2))}
    (answers,) = export_attempts._stepped(Runner(), feed)
    assert answers[..., 0].tolist() == [[5, 6, 7, 8, 9]]


def test_a_subclassed_model_says_what_it_takes():
    (spec,) = Subject("subclassed").signature
    assert tuple(spec.shape) == (None, 12) and spec.dtype == "int32" and Subject("siamese LSTM").signature is None


def test_findings_of_earlier_code_stand_only_where_they_are_trusted(tmp_path):
    export_table.Log(tmp_path, "one").write(("net", "stream", None), result=WRITTEN, error=0.0)
    assert not export_table.Log(tmp_path, "two").found and export_table.Log(tmp_path, "two", ["one"]).found
    log = export_table.Log(tmp_path, "two", ["one"])
    log.write(("net", "compiled", None), result=WRITTEN, error=0.0)
    assert "\n1 of the attempts were made before" in export_table.page(["net"], log.found, "two")
    assert "were made before" not in export_table.page(["net"], log.found, None)
