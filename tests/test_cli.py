import io
import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from seqzoo import __version__, cli, quiet
from seqzoo.cli import predict
from seqzoo.zoo import refresh_readme
from seqzoo.zoo.checks import Check
from tests import tiny

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def models(tmp_path, monkeypatch):
    monkeypatch.setattr("seqzoo.data.places.SOURCES", ("imdb", "sample", tiny.CARD["data"]["name"]))
    folder = tmp_path / "models"
    refresh_readme(tiny.copy_to(folder))  # which says whether its data are somebody's own
    monkeypatch.setenv("SEQZOO_MODELS", str(folder))
    return folder


@pytest.fixture
def run(models, capsys):
    """Runs a command in this process: `(status, stdout, stderr)`."""

    def run(*arguments):
        status = cli.main(list(arguments))
        return status, *capsys.readouterr()

    return run


def start(*arguments, **options):
    """Runs a command in a process of its own, without the quietness that the test session is given."""
    environment = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    options = {"capture_output": True, "timeout": 300, "cwd": ROOT, "env": environment} | options
    return subprocess.run([sys.executable, "-m", "seqzoo", *arguments], **options)


def type_in(monkeypatch, data, isatty=False):
    stdin = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8")
    stdin.isatty = lambda: isatty
    monkeypatch.setattr(sys, "stdin", stdin)


def test_list(run, models):
    status, output, errors = run("list")
    assert (status, errors) == (0, "")
    parameters = f"{tiny.model().count_parameters():,}"
    head, row = output.splitlines()
    assert head.split() == ["model", "test", "figure", "parameters", "what", "it", "is"]
    assert row.split() == ["tiny", "75.00", "%", parameters, *tiny.CARD["summary"].split()]
    assert row.index("A small") == head.index("what it is")
    assert json.loads(run("list", "t*", "--json")[1]) == [
        {
            "name": "tiny",
            "task": "text-classification",
            "summary": tiny.CARD["summary"],
            "parameters": tiny.model().count_parameters(),
            "test_accuracy": 0.75,
            "headline": "75.00 %",
        }
    ]
    assert run("list", "imdb-*") == (0, "", "no models match\n") and run("list", "imdb-*", "--json")[1] == "[]\n"


def test_list_shows_a_damaged_card_beside_the_others(run, models):
    (models / "broken").mkdir()
    (models / "broken" / "card.json").write_text("{")
    status, output, _ = run("list")
    begins = [line.split()[0] for line in output.splitlines() if not line.startswith(" ")]
    assert status == 0 and begins == ["model", "broken", "tiny"]
    assert "cannot be read" in output.splitlines()[1]
    assert "error" in json.loads(run("list", "--json")[1])[0]


def edit(folder, change):
    card = json.loads((folder / "card.json").read_text())
    change(card)
    (folder / "card.json").write_text(json.dumps(card))


@pytest.mark.parametrize(
    "change",
    [
        lambda card: card["metrics"]["test"].update(accuracy=10**400),
        lambda card: card["metrics"].update(test="all of it"),
        lambda card: card.update(summary=["a"]),
        lambda card: card.update(task="text-generation"),
        lambda card: card.update(parameters=10**400),
    ],
)
def test_one_broken_card_hides_no_other_model(run, models, change):
    shutil.copytree(models / "tiny", models / "broken")
    edit(models / "broken", change)
    status, output, _ = run("list")
    assert status == 0 and "75.00 %" in output and "broken  cannot be read: " in output
    assert max(map(len, output.splitlines())) <= 100
    assert [row["name"] for row in json.loads(run("list", "--json")[1])] == ["broken", "tiny"]


def test_the_table_of_the_zoo_fits_100_columns(capsys):
    assert cli.main(["list"]) == 0
    output = capsys.readouterr().out
    assert max(map(len, output.splitlines())) <= 100 and output.startswith("model ") and "imdb-lstm-pretrained" in output


def test_what_a_card_says_cannot_disturb_the_terminal(run, models):
    trick = "\x1b[2J\x1b]0;owned\x07\u202eold\x9b31m"

    def change(card):
        card.update(summary=f"A {trick}film", command=f"python\n{trick}", limits=[trick])
        card["data"].update(citation=trick, splits={trick: {"examples": 4, "fingerprint": trick}})
        card["files"][trick] = {"sha256": trick, "bytes": 1}

    edit(models / "tiny", change)
    for command in (["list"], ["info", "tiny"], ["verify", "tiny"]):
        status, output, errors = run(*command)
        text = output + errors
        assert "film" in text or command[0] == "verify"
        assert all(c.isprintable() or c == "\n" for c in text), command
    edit(models / "tiny", lambda card: card["data"]["splits"].update({trick: None}))  # an error that names the key
    for command in (["list"], ["info", "tiny"], ["verify", "tiny"]):
        _, output, errors = run(*command)
        assert "must be" in output + errors and all(c.isprintable() or c == "\n" for c in output + errors), command


def test_a_file_that_could_not_be_run_has_not_passed(run, models, monkeypatch):
    phone = {"x.tflite": {"target": "interpreter", "bytes": 1, "milliseconds": 1.0, "examples": 4, "accuracy": 0.5}}
    edit(models / "tiny", lambda card: card.update(phone=phone))
    refresh_readme(models / "tiny")
    monkeypatch.setattr("seqzoo.tasks.phone.RUNTIME", "no_such_runtime")
    status, output, _ = run("verify", "tiny")
    assert status == 0 and "--      golden outputs, x.tflite: not run; pip install 'seqzoo[mobile]' for it" in output
    assert "not made: golden outputs, x.tflite, figures" in output.splitlines()[-1]
    check = next(c for c in json.loads(run("verify", "tiny", "--json")[1])["checks"] if "x.tflite" in c["name"])
    assert check["made"] is False


def test_info(run, models):
    card = (models / "tiny" / "card.json").read_text()
    assert run("info", "tiny") == (0, (models / "tiny" / "README.md").read_text(), "")
    assert json.loads(run("info", str(models / "tiny"), "--json")[1]) == json.loads(card)


def test_predict(run):
    status, output, _ = run("predict", "tiny", *tiny.TEXTS)
    expected = tiny.model().predict(tiny.TEXTS).tolist()
    for line, text, probability in zip(output.splitlines(), tiny.TEXTS, expected, strict=True):
        number, label, start = line.split(maxsplit=2)
        assert float(number) == pytest.approx(probability, abs=1e-4)
        assert label == ("positive" if probability > 0.5 else "negative")
        assert start[:20] == text[:20] and len(start) <= 80
    assert status == 0
    found = json.loads(run("predict", "tiny", *tiny.TEXTS, "--json")[1])
    assert found["model"] == "tiny" and [item["text"] for item in found["predictions"]] == tiny.TEXTS
    assert [item["probability"] for item in found["predictions"]] == pytest.approx(expected, abs=1e-6)


def test_predict_says_which_texts_have_no_known_word(run):
    texts = ["asdf qwertz", tiny.TEXTS[0]]
    first, second = run("predict", "tiny", *texts)[1].splitlines()
    assert first.endswith("  (unknown words)  asdf qwertz") and "unknown words" not in second
    found = json.loads(run("predict", "tiny", *texts, "--json")[1])["predictions"]
    assert [item["known"] for item in found] == [False, True] and found[0]["label"] in ("negative", "positive")


def test_predict_reads_lines_from_standard_input(run, monkeypatch):
    type_in(monkeypatch, b"great film\r\n\ncaf\xc3\xa9 \xff\x00 bad\nlast")
    found = json.loads(run("predict", "tiny", "first", "-", "end", "--json")[1])["predictions"]
    texts = ["first", "great film", "", "caf\u00e9 \udcff\0 bad", "last", "end"]
    assert [item["text"] for item in found] == texts
    assert [item["probability"] for item in found] == pytest.approx(tiny.model().predict(texts).tolist(), abs=1e-6)
    type_in(monkeypatch, b"")
    assert run("predict", "tiny", "-") == (0, "", "")


def test_typed_lines_are_answered_one_by_one(monkeypatch):
    type_in(monkeypatch, b"one\ntwo\n", isatty=True)
    assert list(predict._batches(["-"])) == [["one"], ["two"]]
    type_in(monkeypatch, b"line\n" * 600)
    assert [len(batch) for batch in predict._batches(["a", "b", "-"])] == [2, 256, 256, 88]


def test_what_is_shown_of_a_text_cannot_disturb_the_terminal(run):
    output = run("predict", "tiny", "great\x1b[31m\r\nfilm\a \udcff " + "long " * 50)[1]
    assert output.count("\n") == 1 and output.rstrip("\n").isprintable() and len(output) < 110


def test_export(run, tmp_path):
    import tensorflow as tf

    target = tmp_path / "out" / "model"
    status, output, _ = run("export", "tiny", "--format", "saved_model", "--output", str(target))
    assert status == 0 and str(target) in output and output.count("\n") == 1
    serve = tf.saved_model.load(str(target)).signatures["serving_default"]
    assert serve(text=tf.constant(tiny.TEXTS))["probability"].numpy() == pytest.approx(tiny.model().predict(tiny.TEXTS), abs=1e-6)
    status, output, errors = run("export", "tiny", "--format", "saved_model", "--output", str(target))
    assert status == 2 and output == "" and "already exists" in errors and errors.count("\n") == 1
    again = run("export", "tiny", "--format", "saved_model", "--output", str(target), "--overwrite", "--json")
    assert json.loads(again[1]) == {"model": "tiny", "format": "saved_model", "path": str(target)}


def test_export_in_a_form(run, tmp_path):
    pytest.importorskip("ai_edge_litert")
    path = str(tmp_path / "tiny.tflite")
    (tmp_path / "labels").write_text("good\n", encoding="utf-8")
    stated = ("--labels", str(tmp_path / "labels"), "--normalization=-1,2:0.5,4")
    status, output, _ = run("export", "tiny", "--format", "tflite", "--form", "loop", "--output", path, "--json", *stated)
    sidecar = json.loads(output)["sidecar"]
    assert (status, sidecar["form"], sidecar["labels"]) == (0, "loop", ["good"])
    assert sidecar["normalization"] == {"mean": [-1.0, 2.0], "std": [0.5, 4.0]}
    for text in ("127.5", "1:2:3", "a:b", "1,:2"):
        status, _, error = run("export", "tiny", "--format", "tflite", "--normalization", text, "--output", path)
        assert status == 2 and f"such as 127.5:127.5 or 1,2:0.5,4. Received: {text!r}" in error
    wrong = ("--form", "fused", "--target", "compiled", "--overwrite")
    status, _, error = run("export", "tiny", "--format", "tflite", *wrong, "--output", path)
    assert status == 2 and "takes 'loop' or 'unrolled'. Received: form='fused'" in error
    status, _, error = run("export", "tiny", "--format", "saved_model", "--form", "loop", "--output", str(tmp_path / "x"))
    assert status == 2 and "--form" in error and "Received: --form with --format saved_model" in error


def test_export_to_onnx(run, tmp_path):
    runtime = pytest.importorskip("onnxruntime", reason="needs the extra `onnx`")
    path = tmp_path / "tiny.onnx"
    status, output, _ = run("export", "tiny", "--format", "onnx", "--output", str(path))
    assert status == 0 and output.count("\n") == 1 and str(path) in output and f"{path.stat().st_size:,} bytes" in output
    assert [of.name for of in runtime.InferenceSession(str(path)).get_inputs()] == ["ids"]
    status, _, error = run("export", "tiny", "--format", "onnx", "--quantization", "int8", "--output", str(path))
    assert status == 2 and "Received: --quantization with --format onnx" in error


def test_verify(run, models):
    status, output, _ = run("verify", "tiny")
    assert status == 0 and "FAILED" not in output
    assert output.splitlines()[-1].endswith("checks passed; not made: figures")
    (models / "tiny" / "vocabulary.txt").write_text("[PAD]\n[UNK]\n")
    status, output, errors = run("verify", "tiny")
    assert status == 1 and "FAILED  vocabulary.txt: " in output and errors == ""
    found = json.loads(run("verify", "tiny", "--json")[1])
    assert found["ok"] is False
    assert [check["name"] for check in found["checks"] if not check["ok"]] == ["vocabulary.txt"]


def test_verify_all_says_of_each_whether_it_holds(run, models):
    shutil.copytree(models / "tiny", models / "second")
    status, output, _ = run("verify", "--all")
    assert status == 0 and [line.split(":")[0] for line in output.splitlines()[-2:]] == ["second", "tiny"]
    (models / "second" / "vocabulary.txt").write_text("[PAD]\n[UNK]\n")
    (models / "third").mkdir()
    (models / "third" / "card.json").write_text("{")
    status, output, _ = run("verify", "--all")
    assert status == 1
    assert [line.partition("; ")[2] for line in output.splitlines()[-3:]] == [
        *("FAILED: vocabulary.txt", "FAILED: card", "not made: figures")
    ]
    found = json.loads(run("verify", "tiny", "second", "--json")[1])
    assert found["ok"] is False
    assert [(of["model"], of["ok"]) for of in found["models"]] == [("tiny", True), ("second", False)]


def test_one_model_that_cannot_be_verified_hides_no_other(run, models, monkeypatch, tmp_path):
    shutil.copytree(models / "tiny", models / "second")
    (tmp_path / "tfds" / "imdb_reviews" / "plain_text" / "1.0.0").mkdir(parents=True)
    (tmp_path / "tfds" / "imdb_reviews" / "plain_text" / "1.0.0" / "dataset_info.json").write_text("{}")

    def not_installed(name, data_dir):
        assert data_dir == tmp_path / "tfds"
        raise ImportError("pip install 'seqzoo[data]'")

    monkeypatch.setattr("seqzoo.data.reviews.load_reviews", not_installed)
    status, output, _ = run("verify", "--all", "--data-dir", str(tmp_path))
    assert status == 1 and output.count("FAILED  verification: pip install 'seqzoo[data]'") == 2


def test_verify_tells_each_check_when_it_is_made(run, monkeypatch):
    from seqzoo.cli import verify

    lines = []
    monkeypatch.setattr("builtins.print", lambda *args, **options: lines.append((args, options.get("flush"))))
    monkeypatch.setattr("seqzoo.zoo.verify.open_card", lambda _: lines.append("reading") or pytest.fail("stop here"))
    with pytest.raises(pytest.fail.Exception):
        verify._verify("tiny", None, several=True, quiet=False)
    assert lines == [(("\ntiny",), None), "reading"]
    verify._report("golden outputs", Check("golden outputs", True, "differ by 0"))
    assert lines[-1] == (("ok      golden outputs: differ by 0",), True)


@pytest.mark.parametrize(
    "arguments, text",
    [
        (["info", "tinny"], "Did you mean tiny? Available: tiny. Received: 'tinny'"),
        (["predict", "tinny", "a"], "Did you mean tiny?"),
        (["verify", "./nowhere"], "card.json"),
        (["verify", "tiny", "--data-dir", "nowhere"], "must hold imdb_reviews"),
        (["predict", "tiny"], "either TEXT ... or --input CSV"),
        (["verify"], "Give either NAME ... or --all. Received: neither"),
        (["verify", "tiny", "--all"], "Received: tiny and --all"),
        (["verify", "tiny", "tinny"], "Did you mean tiny?"),
        (["export", "tiny", "--output", "x"], "--format"),
        (["export", "tiny", "--format", "coreml", "--output", "x"], "saved_model"),
        (["sing"], "sing"),
        ([], "COMMAND"),
        (["list", "--colour"], "--colour"),
    ],
)
def test_errors_are_one_line_and_status_2(run, monkeypatch, arguments, text):
    def no_data(name, data_dir):
        raise ValueError(f"The name\nmust be one of two. Received: {name}")

    monkeypatch.setattr("seqzoo.data.reviews.load_reviews", no_data)
    status, output, errors = run(*arguments)
    assert status == 2 and output == ""
    assert errors.startswith("seqzoo: error: ") and errors.count("\n") == 1 and text in errors


def test_unexpected_errors_name_their_kind(run, monkeypatch):
    def fail(_):
        raise RuntimeError("Keras writes \x1b[1mbold\x1b[0m words\nand many lines")

    monkeypatch.setattr("seqzoo.zoo.list_pretrained", fail, raising=False)
    assert run("list") == (2, "", "seqzoo: error: RuntimeError: Keras writes bold words and many lines\n")

    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("seqzoo.zoo.list_pretrained", interrupt, raising=False)
    assert run("list") == (130, "", "")


def test_what_only_phone_files_have_is_refused_for_a_saved_model(run, tmp_path):
    status, _, error = run("export", "tiny", "--format", "saved_model", "--quantization", "int8", "--output", str(tmp_path / "x"))
    assert status == 2 and "Only --format tflite takes --target, --quantization" in error and "Received: --quantization" in error


def test_a_pattern_without_a_star_is_helped(run):
    assert run("list", "tin") == (0, "", "no models match; '*tin*' matches 1\n")


def test_help_and_version(run):
    assert run("--version") == (0, f"seqzoo {__version__}\n", "")
    status, output, _ = run("--help")
    assert status == 0 and all(name in output for name in ("list", "info", "predict", "export", "verify"))
    for name in ("list", "info", "predict", "export", "verify"):
        assert "--json" in run(name, "--help")[1]


@pytest.mark.parametrize("arguments", [["list"], ["--help"], ["--version"], ["info", "tiny"], ["predict", "tinny", "a"]])
def test_what_needs_no_model_imports_nothing_heavy_and_is_quick(models, arguments):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start(*arguments)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Of the processor, not of the clock: other work may share the machine.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5
    code = f"import sys; from seqzoo.cli import main; main({arguments!r}); print(*sys.modules, file=sys.stderr)"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=ROOT)
    loaded = child.stderr.split()
    assert "seqzoo.cli" in loaded
    assert not {"tensorflow", "keras", "numpy", "safetensors"} & set(loaded)


def test_tensorflow_starts_without_a_word(models):
    child = start("predict", "tiny", "-", input=b"great \xff film\n" * (predict.FEW + 1))
    assert child.returncode == 0 and child.stderr == b""
    assert child.stdout.count(b"\n") == predict.FEW + 1 and b"great film" in child.stdout


def test_a_few_texts_are_answered_without_tensorflow(models):
    code = "import sys; from seqzoo.cli import main; main(['predict', 'tiny', 'great']); print(*sys.modules, file=sys.stderr)"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=ROOT)
    number, label, text = child.stdout.split()
    assert float(number) == pytest.approx(tiny.model().predict(["great"])[0], abs=1e-4) and text == "great"
    assert not {"tensorflow", "keras"} & set(child.stderr.split())


def test_what_was_held_back_is_shown_when_the_start_fails(capfd):
    with pytest.raises(ImportError), quiet.held_back_stderr():
        os.write(2, b"the reason\n")
        raise ImportError
    assert capfd.readouterr().err == "the reason\n"
    with quiet.held_back_stderr():
        os.write(2, b"chatter\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_a_reader_that_goes_away_is_no_error(models):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        child = start("info", "tiny", capture_output=False, stdout=writer, stderr=subprocess.PIPE)
    finally:
        os.close(writer)
    assert child.returncode == 141 and child.stderr == b""


def test_starting_up_leaves_out_what_is_only_installed_and_importable():
    for optional in ("sklearn", "matplotlib", "pandas"):
        pytest.importorskip(optional)
    code = (
        "import sys; from seqzoo.quiet import import_tensorflow; import_tensorflow(); assert 'keras' in sys.modules; "
        "assert not {'sklearn', 'matplotlib', 'pandas'} & set(sys.modules); import sklearn, matplotlib.pyplot, pandas"
    )
    environment = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
