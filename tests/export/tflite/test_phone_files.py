"""Phone files from the command line and in a zoo model's folder."""

import json

import numpy as np

from recipes import add_tflite
from seqzoo import cli
from seqzoo.data.reviews import Split
from seqzoo.export import TFLiteRunner
from seqzoo.zoo import verify_model
from seqzoo.zoo.card import read_card
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
    failed = [check for check in verify_model(folder) if not check.ok]
    assert not failed, failed
    np.testing.assert_allclose(
        TFLiteRunner(folder / "interpreter-dynamic.tflite")(tiny.TEXTS),
        tiny.model().predict(tiny.TEXTS),
        atol=1e-5,
    )
