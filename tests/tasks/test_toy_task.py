"""A new kind of model is one folder (here one file, `toy_task`) and its name in one list: all the rest is there."""

import json

import numpy as np
import pytest

import seqzoo
from seqzoo import cli
from seqzoo.export import TFLiteRunner, export_saved_model, export_tflite
from seqzoo.insight import explain, trace_gates
from seqzoo.tasks import TASKS, TaskError, get_task, task_of
from seqzoo.zoo import load_pretrained, save_folder, verify_model
from tests import tiny
from tests.tasks.toy_task import Summer

SERIES = np.random.default_rng(0).normal(size=(3, 5, 2)).round(3)
TYPICAL = list(np.random.default_rng(1).normal(size=(40, 5, 2)))  # as many as the scales of 8 bits need


@pytest.fixture(autouse=True)
def listed(monkeypatch):
    monkeypatch.setitem(TASKS, "toy-sum", "tests.tasks.toy_task:TASK")


@pytest.fixture(scope="module")
def zoo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zoo")
    card = tiny.card(
        name="toy",
        metrics={"test": {"error": 0.25}},
        baselines=[{"name": "zero", "split": "test", "figures": {"error": 1.5}}],
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(TASKS, "toy-sum", "tests.tasks.toy_task:TASK")
        save_folder(Summer({"units": 3}), folder / "toy", card, SERIES)
    return folder


@pytest.fixture
def model(zoo):
    return load_pretrained(zoo / "toy")


def test_it_is_saved_loaded_and_answers(model):
    assert isinstance(model, Summer) and task_of(model) is get_task("toy-sum")
    np.testing.assert_allclose(model.predict(SERIES), model.golden["outputs"], atol=1e-6)


def test_every_promise_of_its_folder_is_verified(zoo):
    checks = verify_model(zoo / "toy")
    assert [check.name for check in checks if not check.ok] == []
    assert {"golden outputs", "golden outputs, SavedModel", "parameters"} <= {check.name for check in checks}
    assert [check.name for check in checks if not check.made] == ["figures"]


def test_other_weights_are_found(zoo, model):
    kernel = model.network.layers[0].weights[0]
    kernel.assign(np.asarray(kernel.value) + 0.1)
    with pytest.raises(seqzoo.zoo.ModelIntegrityError, match="Received: "):
        seqzoo.zoo.check_golden(model)


def test_it_becomes_a_saved_model_that_answers_alike(model, tmp_path):
    import tensorflow as tf

    served = tf.saved_model.load(str(export_saved_model(model, tmp_path / "served"))).signatures["serving_default"]
    answers = served(series=tf.constant(SERIES, tf.float32))["sum"].numpy()[:, 0]
    np.testing.assert_allclose(answers, model.predict(SERIES), atol=1e-6)


COMPILED = {"target": "compiled", "time_steps": 5}


@pytest.mark.parametrize(
    "options", [{}, pytest.param(COMPILED, marks=pytest.mark.slow), {"target": "stream"}, {"quantization": "int8"}]
)
def test_it_becomes_a_checked_phone_file(model, tmp_path, options):
    runner = TFLiteRunner(export_tflite(model, tmp_path / "toy.tflite", calibration=TYPICAL, **options))
    if "target" in options and options["target"] == "stream":
        states, answers = runner.start(), []
        for step in np.moveaxis(SERIES[:1].astype(np.float32), 1, 0):
            answer, states = runner.step(step, states)
        answers.append(answer[0, 0])
        expected = model.predict(SERIES[:1])
    else:
        answers, expected = runner(SERIES.astype(np.float32))[:, 0], model.predict(SERIES)
    np.testing.assert_allclose(answers, expected, atol=runner.sidecar["tolerance"])


def test_its_gates_are_seen_and_explained(model):
    (trace,) = trace_gates(model, SERIES[:1]).values()
    assert trace.forget.shape == (1, 5, 3)
    report = explain(model, SERIES[0])
    (panel,) = report.panels
    assert panel["verdicts"][-1] == pytest.approx(float(model.predict(SERIES[:1])[0])) and len(panel["verdicts"]) == 6
    assert "toy reading a series" in report.html and "5 steps of 2 numbers" in report.html


def test_the_command_line_lists_and_describes_it(zoo, monkeypatch, capsys):
    monkeypatch.setenv("SEQZOO_MODELS", str(zoo))
    assert cli.main(["list"]) == 0
    assert "error 0.25" in capsys.readouterr().out
    assert cli.main(["info", "toy"]) == 0
    shown = capsys.readouterr().out
    assert "| zero | test | 1.5 |" in shown and "load_pretrained" in shown
    assert cli.main(["predict", "toy", "a text"]) == 2
    assert "answers in Python: seqzoo.load_pretrained('toy').predict(...)" in capsys.readouterr().err


def test_the_command_line_explains_and_exports_it(zoo, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("SEQZOO_MODELS", str(zoo))
    np.savetxt(tmp_path / "series.csv", SERIES[0], delimiter=",")
    page, file = str(tmp_path / "page.html"), str(tmp_path / "toy.tflite")
    assert cli.main(["explain", "toy", str(tmp_path / "series.csv"), "--output", page, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["models"][0]["model"] == "toy"
    assert cli.main(["export", "toy", "--format", "tflite", "--output", file]) == 0
    assert "bytes for the LiteRT" in capsys.readouterr().out
    assert cli.main(["export", "toy", "--format", "saved_model", "--output", str(tmp_path / "out")]) == 0
    assert "series" in capsys.readouterr().out


@pytest.fixture(scope="module")
def file(zoo, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(TASKS, "toy-sum", "tests.tasks.toy_task:TASK")
        return export_tflite(load_pretrained(zoo / "toy"), tmp_path_factory.mktemp("file") / "toy.tflite")


@pytest.mark.parametrize("entry", ["seqzoo.tasks.nope:TASK", "json:loads", "tests.tasks.toy_task:NOPE"])
def test_an_entry_that_is_no_task_is_named_and_hinders_no_other(entry, zoo, file, monkeypatch, capsys):
    monkeypatch.setitem(TASKS, "broken", entry)
    with pytest.raises(TaskError, match=f"Task 'broken' in seqzoo.tasks.TASKS must name .* Received: '{entry}', "):
        get_task("broken")
    assert TFLiteRunner(file)(SERIES.astype(np.float32)).shape == (3, 1)
    monkeypatch.setenv("SEQZOO_MODELS", str(zoo))
    monkeypatch.setitem(TASKS, "toy-sum", entry)
    assert cli.main(["list"]) == 0
    assert "Task 'toy-sum' in seqzoo.tasks.TASKS" in " ".join(capsys.readouterr().out.split())


def test_a_task_that_is_not_listed_is_named():
    with pytest.raises(ValueError, match="must be one of text-classification, .* Received: 'nothing'"):
        get_task("nothing")
