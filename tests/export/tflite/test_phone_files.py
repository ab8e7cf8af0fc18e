"""Phone files from the command line and in a zoo model's folder."""

import json

import numpy as np
import pytest

from recipes import add_tflite
from seqzoo import cli
from seqzoo.data.reviews import Split
from seqzoo.export import TFLiteRunner, export_tflite
from seqzoo.zoo import verify_model
from seqzoo.zoo.card import read_card
from seqzoo.zoo.integrity import ModelIntegrityError
from seqzoo.zoo.phone import check_answers, check_figures, measure_file
from tests import tiny


def test_the_command_exports_and_says_what_it_measured(tmp_path, capsys):
    (tmp_path / "texts").write_text("\n".join(tiny.TEXTS), encoding="utf-8")
    output = tmp_path / "out" / "tiny.tflite"
    command = ["export", str(tiny.shared_folder() / "tiny"), "--format", "tflite", "--output", str(output)]
    command += ["--target", "interpreter", "--quantization", "int8", "--calibration", str(tmp_path / "texts")]
    assert cli.main([*command, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["sidecar"]["quantization"] == "int8" and said["sidecar"]["model"] == "tiny"
    np.testing.assert_allclose(TFLiteRunner(output)(tiny.TEXTS), tiny.model().predict(tiny.TEXTS), atol=0.05)
    assert cli.main(command) == 2
    assert "overwrite" in capsys.readouterr().err


class OwnReviews:
    labels = np.array([0, 1, 0, 1])
    test = validation = Split(tiny.TEXTS, labels)


def test_files_are_added_to_a_model_and_its_card(tmp_path, monkeypatch):
    folder = tiny.copy_to(tmp_path)
    monkeypatch.setattr("seqzoo.data.reviews.load_reviews", lambda *_: OwnReviews)
    add_tflite.add_files(add_tflite.parse([str(folder), "--file", "interpreter:dynamic"]))
    card = read_card(folder)
    row = card["phone"]["interpreter-dynamic.tflite"]
    assert row["bytes"] == (folder / "interpreter-dynamic.tflite").stat().st_size and row["examples"] == 4
    assert row["accuracy"] == np.mean((tiny.model().predict(tiny.TEXTS) > 0.5) == OwnReviews.labels)
    assert {"interpreter-dynamic.tflite", "interpreter-dynamic.json"} <= set(card["files"])
    assert "## On a phone" in (folder / "README.md").read_text()
    checks = verify_model(folder)
    assert "golden outputs, interpreter-dynamic.tflite" in [check.name for check in checks]
    failed = [check for check in checks if not check.ok]
    assert not failed, failed
    np.testing.assert_allclose(
        TFLiteRunner(folder / "interpreter-dynamic.tflite")(tiny.TEXTS),
        tiny.model().predict(tiny.TEXTS),
        atol=1e-5,
    )


def test_figures_that_are_not_those_of_the_file_are_found(tmp_path):
    path = export_tflite(tiny.model(), tmp_path / "tiny.tflite")
    stated = measure_file(path, *OwnReviews.test)
    assert stated["examples"] == 4 and stated["milliseconds"] > 0
    assert check_figures(path, stated, *OwnReviews.test)[0]
    for change in ({"accuracy": stated["accuracy"] - 0.001}, {"target": "micro"}, {"examples": 5}):
        with pytest.raises(ModelIntegrityError, match="Received: "):
            check_figures(path, stated | change, *OwnReviews.test)
    outputs = tiny.model().predict(tiny.TEXTS)
    assert check_answers(path, {"inputs": tiny.TEXTS, "outputs": outputs})[0]
    with pytest.raises(ModelIntegrityError, match="within 1e-05 of golden.json. Received: "):
        check_answers(path, {"inputs": tiny.TEXTS, "outputs": outputs + 1e-4})


def test_the_files_that_are_right_for_a_model():
    forward, both = ({"cell": "lstm", "bidirectional": way} for way in (False, True))
    assert add_tflite.default_files(forward) == ["interpreter:dynamic", "interpreter:int8", "micro:int8"]
    assert add_tflite.default_files(both) == ["interpreter:dynamic", "interpreter:int8"]
    assert add_tflite.default_files(forward | {"cell": "rnn"}) == ["interpreter:dynamic"]
