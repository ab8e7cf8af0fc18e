"""`make arm`: what is compared and why it is skipped. The emulation itself is no part of the suite: it takes minutes."""

import json

import pytest

from recipes.publishing import arm
from seqzoo.zoo.registry import find_model


def test_it_is_skipped_with_a_reason_where_debian_or_its_packages_are_not(monkeypatch, capsys):
    monkeypatch.setattr(arm.platform, "system", lambda: "Darwin")
    assert arm.main([]) == 0 and capsys.readouterr().out == "Skipped: this needs Debian.\n"
    monkeypatch.setattr(arm.platform, "system", lambda: "Linux")
    monkeypatch.setattr(arm.Path, "exists", lambda path: True)
    monkeypatch.setattr(arm.shutil, "which", lambda name: None if name == arm.EMULATOR else name)
    assert arm.reason_against() == f"there is no {arm.EMULATOR}: apt-get install qemu-user-static mmdebstrap"
    monkeypatch.setattr(arm.shutil, "which", lambda name: name)
    assert arm.reason_against() is None


def test_differences_are_shares_of_a_columns_greatest_answer():
    to_here, to_model, same = arm.compare([[0.5, 100.0]], [[0.5000001, 100.0]], [[0.25, 200.0]])
    assert to_here == pytest.approx(4e-7) and to_model == pytest.approx(1.0) and same
    assert not arm.compare([0.1234], [0.1236], [0.1])[2]


def test_every_interpreter_file_is_asked_and_other_answers_are_an_error(monkeypatch, capsys):
    pytest.importorskip("ai_edge_litert", reason="needs the extra `mobile`")
    files = dict.fromkeys(f"{name}/{path.name}" for name, path in arm.phone_files())
    assert len(files) >= 10 and not any("micro" in file for file in files)
    monkeypatch.setattr(arm, "phone_files", lambda: [("stock-volatility-rnn", file)])
    (file,) = find_model("stock-volatility-rnn").glob("*.tflite")
    assert arm.main(["--answers"]) == 0
    here = json.loads(capsys.readouterr().out)
    (rows,) = here.values()
    golden = json.loads((file.parent / "golden.json").read_text(encoding="utf-8"))["outputs"]
    assert arm.compare(rows, rows, golden)[1] < 0.02
    far = {name: [[1.01 * number for number in row] for row in rows] for name, rows in here.items()}
    monkeypatch.setattr(arm, "reason_against", lambda: None)
    monkeypatch.setattr(arm, "prepare", lambda folder, version: ((version,), ("here",)))
    monkeypatch.setattr(arm, "ask", lambda place: far if place == "9.9" else here)
    assert arm.main(["--versions", "1.1"]) == 0 and "ARM answers as" in capsys.readouterr().out
    assert arm.main(["--versions", "9.9"]) == 2
    assert "Received: other answers of stock-volatility-rnn" in capsys.readouterr().err
