"""Phone files from the command line and in a zoo model's folder."""

import json

import numpy as np
import pytest

from recipes.publishing import add_tflite
from recipes.stocks.card import golden_windows, stock_card
from seqzoo import cli, load_pretrained
from seqzoo.data.reviews import Split
from seqzoo.data.stock_examples import CalendarSplit, make_examples
from seqzoo.data.stocks import load_stocks
from seqzoo.export import TFLiteRunner, export_tflite
from seqzoo.tasks.parts import Subject
from seqzoo.tasks.stock_forecasting.figures import measure_forecaster, rounded
from seqzoo.tasks.stock_forecasting.heads import VolatilityForecaster
from seqzoo.tasks.text_classification.phone import check_phone_figures, measure_file
from seqzoo.zoo import save_folder, verify_model
from seqzoo.zoo.card import read_card
from seqzoo.zoo.integrity import ModelIntegrityError
from seqzoo.zoo.phone import check_answers
from tests import tiny
from tests.export.tflite.networks import typical_texts
from tests.stock_prices import frame


def test_the_command_exports_and_says_what_it_measured(tmp_path, capsys):
    (tmp_path / "texts").write_text("\n".join(typical_texts()), encoding="utf-8")
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
    subject = Subject(None, path.parent, open_file=TFLiteRunner)
    stated = measure_file(TFLiteRunner(path), *OwnReviews.test)
    assert stated["examples"] == 4 and stated["milliseconds"] > 0
    assert check_phone_figures(subject, path.name, stated, *OwnReviews.test)[0]
    for change in ({"accuracy": stated["accuracy"] - 0.001}, {"target": "micro"}, {"examples": 5}):
        with pytest.raises(ValueError, match="The card states .* Received: "):
            check_phone_figures(subject, path.name, stated | change, *OwnReviews.test)
    outputs = tiny.model().predict(tiny.TEXTS)
    assert check_answers(path, {"inputs": tiny.TEXTS, "outputs": outputs})[0]
    with pytest.raises(ModelIntegrityError, match="within 1e-05 of golden.json. Received: "):
        check_answers(path, {"inputs": tiny.TEXTS, "outputs": outputs + 1e-4})


@pytest.fixture(scope="module")
def stocks(tmp_path_factory):
    """(folder with two CSV files, folder of a small forecaster that was measured on them)."""
    split, place = CalendarSplit("2016-12-30", "2017-06-30", "2017-12-29"), tmp_path_factory.mktemp("stocks")
    frames = {name: frame(780, seed) for seed, name in enumerate("AB")}
    for name, of in frames.items():
        of.to_csv(place / f"{name}.csv")
    series = load_stocks("files", place)
    parts = make_examples(series, split)
    model = VolatilityForecaster({"units": 4})
    made_with = {"task": "volatility", "cell": "lstm", "units": 4, "seed": 0}
    metrics = {"test": rounded(measure_forecaster(model, series, split, parts["test"]))}
    card = stock_card("tiny-stocks", made_with, series, split, parts, metrics, [])
    card["data"]["name"] = "stocks-files"
    save_folder(model, place / "tiny-stocks", card, golden_windows(), saved_model=False)
    return place, place / "tiny-stocks"


def test_a_forecasters_files_are_measured_on_the_test_days(stocks, monkeypatch):
    place, folder = stocks
    add_tflite.add_files(add_tflite.parse([str(folder), "--data-dir", str(place)]))
    card = read_card(folder)
    assert sorted(card["phone"]) == ["interpreter-dynamic.tflite", "interpreter-int8.tflite"]
    for row in card["phone"].values():
        assert row["examples"] == card["metrics"]["test"]["examples"] and row["milliseconds"] > 0
        assert row["figures"]["qlike"] == pytest.approx(card["metrics"]["test"]["qlike"], rel=5e-3)
    text = (folder / "README.md").read_text()
    assert "| `interpreter-int8.tflite` | interpreter | int8 |" in text and "QLIKE to HAR-log" in text
    checks = {check.name: check for check in verify_model(folder, place)}
    assert [check for check in checks.values() if not check.ok] == []
    assert "qlike_to_har" in checks["test figures, interpreter-int8.tflite"].detail
    # Of a model that was better than its file, the file is left out, and the limits say why.
    better = {"test": card["metrics"]["test"] | {"qlike": card["metrics"]["test"]["qlike"] * 0.99}}
    monkeypatch.setattr("seqzoo.load_pretrained", lambda folder: given_metrics(load_pretrained(folder), better))
    arguments = [str(folder), "--data-dir", str(place), "--file", "interpreter:dynamic"]
    add_tflite.add_files(add_tflite.parse(arguments))
    card = read_card(folder)
    assert list(card["phone"]) == ["interpreter-int8.tflite"] and not (folder / "interpreter-dynamic.json").exists()
    assert card["limits"][-1].startswith("There is no interpreter-dynamic.tflite: its qlike on the test part is")


def given_metrics(model, metrics):
    model.card = model.card | {"metrics": metrics}
    return model


def test_the_command_takes_prices_for_calibration(stocks, tmp_path, capsys):
    place, folder = stocks
    command = ["export", str(folder), "--format", "tflite", "--quantization", "int8", "--json"]
    output = tmp_path / "stock.tflite"
    assert cli.main([*command, "--output", str(output), "--calibration", str(place / "A.csv")]) == 0
    assert json.loads(capsys.readouterr().out)["sidecar"]["prices"]["task"] == "stock-volatility"
    frame(100).to_csv(tmp_path / "short.csv")
    assert cli.main([*command, "--output", str(output), "--calibration", str(tmp_path / "short.csv")]) == 2
    assert "at least 250 days. Received: 100 in" in capsys.readouterr().err


def test_forecasts_that_are_not_those_of_the_file_are_found(stocks):
    place, folder = stocks
    path = export_tflite(VolatilityForecaster({"units": 3}), place / "other.tflite")
    golden = load_pretrained(folder).golden
    with pytest.raises(ModelIntegrityError, match="of golden.json. Received: "):
        check_answers(path, golden)


def test_the_files_that_are_right_for_a_model():
    forward, both = ({"cell": "lstm", "bidirectional": way} for way in (False, True))
    assert add_tflite.default_files({"cell": "lstm"}) == ["interpreter:dynamic", "interpreter:int8"]
    assert add_tflite.default_files(forward) == ["interpreter:dynamic", "interpreter:int8", "micro:int8"]
    assert add_tflite.default_files(forward | {"bigrams": 9}) == ["interpreter:dynamic", "interpreter:int8"]
    assert add_tflite.default_files(both) == ["interpreter:dynamic", "interpreter:int8"]
    assert add_tflite.default_files(forward | {"cell": "rnn"}) == ["interpreter:dynamic"]
