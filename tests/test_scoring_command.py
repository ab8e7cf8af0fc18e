"""`seqzoo predict --input`: what is wrong is said before TensorFlow starts, Ctrl-C is answered, the answer names the columns."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from seqzoo import cli
from seqzoo.cli import predict
from seqzoo.scoring import rows as csv_rows
from tests import tiny
from tests.counting import Model

ROOT = Path(__file__).resolve().parents[1]
# The command with a model that needs no TensorFlow. After six rows it works for minutes in one call, deaf to signals.
COMMAND = """
import hashlib, sys
from seqzoo import cli
from seqzoo.cli import predict
from seqzoo.scoring import rows
from tests.counting import Model

class Deaf(Model):
    name = "deaf"
    def predict(self, texts):
        found = super().predict(texts)
        if self.scored > 6 and "deaf" in sys.argv:
            print("deaf", flush=True)
            hashlib.pbkdf2_hmac("sha256", b"x", b"y", 2**31 - 1)
        return found

rows.CHUNK = 3
predict.check_command, predict.load = lambda *_: None, lambda *_: Deaf()
sys.exit(cli.main(["predict", "deaf", "--input", "in.csv", "--output", "out.csv"]))
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.csv").write_text("id,text\n" + "".join(f"{k},{'word ' * (1 + k % 9)}\n" for k in range(20)))
    return tmp_path


def start(folder, *arguments):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    options = {"cwd": folder, "env": environment, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-c", COMMAND, *arguments], **options)


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(folder):
    child = start(folder, "deaf")
    assert child.stdout.readline() == "deaf\n"
    began = time.perf_counter()
    child.send_signal(signal.SIGINT)
    try:
        errors = child.communicate(timeout=20)[1]
    finally:
        child.kill()  # or, unheard, it would compute for an hour
    assert child.returncode == 130 and time.perf_counter() - began < 2
    assert errors.splitlines()[-1] == (
        f"Stopped. 6 rows are kept in {folder / 'out.csv.partial'}: the same command goes on after them."
    )
    child = start(folder)
    output, errors = child.communicate(timeout=60)
    assert child.returncode == 0 and "20 rows, 6 of them by an earlier run" in output
    assert len((folder / "out.csv").read_text().splitlines()) == 21


def test_ctrl_c_before_the_first_rows_keeps_nothing(folder, monkeypatch, capfd):
    monkeypatch.setattr(predict, "check_command", lambda *_: None)
    monkeypatch.setattr(csv_rows, "CHUNK", 3)
    monkeypatch.setattr(predict, "load", lambda *_: Model(dies_after=0))
    assert cli.main(["predict", "any", "--input", "in.csv", "--output", "out.csv"]) == 130
    assert "Stopped before the first rows were written. The same command begins anew" in capfd.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["in.csv"]


@pytest.mark.parametrize(
    "arguments, text",
    [
        (["--input", "none.csv"], "--input). Received: none.csv, which is not there"),
        (["--input", "other.csv"], "must be one of id, Review, and there once; name it, such as --column Review. Received: text"),
        (["--input", "bad.csv", "--column", "Review"], "another, such as latin-1, can be named: --encoding latin-1."),
        (["--input", "in.csv", "--encoding", "klingon"], "The encoding (--encoding) must be one that Python knows"),
        (["--input", "in.csv", "--prefix", "i", "--column", "id"], "--prefix predicted_ may. Received: 'i', which gives ilabel"),
        (["--input", "in.csv", "--output", "there.csv"], "must not exist yet; overwrite replaces it. Received: "),
        (["--input", "in.csv", "--output", "none/out.csv"], "folder must exist (--output)"),
        (["--input", "in.csv", "--output", "in.csv", "--overwrite"], "another file than the input"),
        (["a text", "--column", "id"], "--column, --encoding, --prefix, --overwrite go with --input. Received: --column"),
        (["a text", "--overwrite"], "go with --input. Received: --overwrite"),
        ([], "either TEXT ... or --input CSV with --output CSV. Received: neither"),
        (["a text", "--input", "in.csv"], "Received: texts, input, output"),
    ],
)
def test_what_is_wrong_is_said_before_tensorflow_starts(folder, capsys, monkeypatch, arguments, text):
    (folder / "other.csv").write_text("id,Review\n1,x\n")
    (folder / "bad.csv").write_bytes(b"id,Review\n1,caf\xe9\n")
    (folder / "in.csv").write_text("id,text,ilabel\n1,x,y\n")
    (folder / "there.csv").write_text("mine")
    monkeypatch.setattr(predict, "load", lambda *_: pytest.fail("too late"))
    output = ["--output", "out.csv"] if "--input" in arguments and "--output" not in arguments else []
    assert cli.main(["predict", str(tiny.shared_folder() / "tiny"), *arguments, *output]) == 2
    errors = capsys.readouterr().err
    assert text in errors and errors.startswith("seqzoo: error: ") and errors.count("\n") == 1
    assert not (folder / "out.csv").exists() and (folder / "there.csv").read_text() == "mine"


def test_two_commands_do_not_write_one_output(folder, capsys, monkeypatch):
    """The second is told before it loads its model, though the first has not loaded its own yet."""
    monkeypatch.setattr(predict, "check_command", lambda *_: None)
    arguments = ["predict", "any", "--input", "in.csv", "--output", "out.csv"]

    def load(*_):
        monkeypatch.setattr(predict, "load", lambda *_: pytest.fail("too late"))
        assert cli.main([*arguments, "--overwrite"]) == 2
        raise ValueError("the first ends here")

    monkeypatch.setattr(predict, "load", load)
    assert cli.main(arguments) == 2
    second, first = capsys.readouterr().err.strip().splitlines()
    assert re.search(rf"Only one process at a time may write .*out.csv; .*Received: process {os.getpid()} on ", second)
    assert first == "seqzoo: error: the first ends here" and [path.name for path in folder.iterdir()] == ["in.csv"]


def test_checking_a_file_imports_no_tensorflow(folder):
    code = (
        "import sys; from seqzoo.cli import main, predict; predict.load = lambda *_: sys.exit(print(*sys.modules))\n"
        f"main(['predict', {str(tiny.shared_folder() / 'tiny')!r}, '--input', 'in.csv', '--output', 'out.csv'])"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    child = subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True)
    assert "seqzoo.scoring.files" in child.stdout.split() and not {"tensorflow", "keras"} & set(child.stdout.split())


def test_the_command_scores_the_file_that_a_model_was_trained_on(folder, capsys):
    name = str(tiny.shared_folder() / "tiny")
    (folder / "in.csv").write_text("label,review\npositive,great\nnegative,\n")
    arguments = ["predict", name, "--input", "in.csv", "--output", "out.csv", "--column", "review"]
    assert cli.main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["rows"], found["failed"], found["path"]) == (2, 1, "out.csv")
    assert found["columns"] == {"probability": "probability", "label": "predicted_label", "error": "error"}
    with open(folder / "out.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["label"] for row in rows] == ["positive", "negative"] and rows[1]["error"] == "no text"
    assert cli.main([*arguments, "--overwrite", "--prefix", "my_"]) == 0
    output = capsys.readouterr().out
    assert (
        output == "out.csv: 2 rows, 1 not scored (column my_error says why). Columns added: my_probability, my_label, my_error\n"
    )


def test_what_is_said_of_an_earlier_run_is_one_line(folder, capsys, monkeypatch):
    (folder / "out.csv.partial").write_text("id,text,probability,label,error\n1,half")
    monkeypatch.setattr(predict, "check_command", lambda *_: None)
    model = Model()
    model.name = "any"
    monkeypatch.setattr(predict, "load", lambda *_: model)
    assert cli.main(["predict", "any", "--input", "in.csv", "--output", "out.csv"]) == 0
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("seqzoo")]
    assert len(lines) == 1 and re.match(r"seqzoo: note: .*out.csv begins anew: the note .* is gone$", lines[0])


def test_json_gives_the_probability_of_every_class(capsys, monkeypatch):
    class Model3(Model):
        name, classes = "three", ("few", "some", "many")
        vocabulary, config = tiny.model().vocabulary, tiny.model().config

        def predict(self, texts):
            return np.float32([[0.25, 0.5, 0.25]] * len(texts))

    monkeypatch.setattr(predict, "load", lambda *_: Model3())
    monkeypatch.setattr(predict, "load_for_few", lambda *_: Model3(), raising=False)
    assert cli.main(["predict", "three", "--json", "great"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["predictions"]
    assert found == {
        "text": "great", "probability": 0.5, "label": "some", "probabilities": {"few": 0.25, "some": 0.5, "many": 0.25},
        "known": True,
    }  # fmt: skip
    assert cli.main(["predict", "three", "great"]) == 0
    assert capsys.readouterr().out == "0.5000  some  great\n"
    assert csv_rows.probabilities_of(0.75, ("negative", "positive")) == {"negative": 0.25, "positive": 0.75}
