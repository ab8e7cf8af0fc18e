import io
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import seqzoo
from recipes import demo
from recipes.imdb import sentiment
from tests.processes import TENSORFLOW_ALONE, forked

ROOT = Path(__file__).resolve().parents[2]


needs_model = pytest.mark.skipif("sentiment-lstm" not in seqzoo.list_pretrained(), reason="saved_models/ holds no sentiment-lstm")
TYPED = "A masterpiece, wonderful from start to end.\n\nnever read\n"
SHORT = "--epochs 1 --batch-size 128 --max-tokens 16 --units 4 --embedding-size 4 --word-vectors none".split()


@needs_model
def test_the_demo_in_short(tmp_path, monkeypatch, capsys):
    """In this process, with a training of a few steps, and the process that asks forked from one with TensorFlow."""
    pytest.importorskip("matplotlib", reason="needs seqzoo[plot]")
    train = sentiment.main

    def ask(command, **_):
        assert command[1:3] == ["-c", demo.ASK]
        return forked(*command[2:], begun=TENSORFLOW_ALONE, cwd=tmp_path)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sentiment, "main", lambda options: train([*options, *SHORT]))
    monkeypatch.setattr(demo, "subprocess", SimpleNamespace(run=ask, DEVNULL=subprocess.DEVNULL))
    monkeypatch.setattr(sys, "stdin", io.StringIO(TYPED))
    demo.main([])
    printed = capsys.readouterr().out
    check_printed(printed, tmp_path)
    assert printed.count("  A great start, but") == 1, "asked of the exported model"


def check_printed(printed, folder):
    """What the demo prints whatever its training comes to, and where it says that things lie; {text: probability}."""
    scored = {text: float(p) for p, text in re.findall(r"^   (\d\.\d{3})  (.*)$", printed, re.MULTILINE)}
    assert all(scored[text] > 0.5 for text in demo.REVIEWS[3:]), "negations and turns are read"
    assert scored[demo.REVIEWS[0]] < 0.5 < scored["A masterpiece, wonderful from start to end."]
    assert "never read" not in printed
    assert "epoch 1/" in printed and "bag of bigrams" in printed
    assert "loaded without seqzoo" in printed and "source .venv/bin/activate" in printed
    assert set(demo.SAMPLE_REVIEWS) < set(scored)
    named = re.findall(r"^   (runs/\S+)  ", printed, re.MULTILINE)
    assert len(named) == 4 and all((folder / path).exists() for path in named)
    return scored


@pytest.mark.slow
@needs_model
def test_the_demo_does_what_it_says(tmp_path):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "recipes.demo"],
        cwd=tmp_path,
        env=environment,
        input=TYPED,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr, "no chatter"
    scored = check_printed(done.stdout, tmp_path)
    bad, good = (scored[text] for text in demo.SAMPLE_REVIEWS)
    assert bad < 0.5 < good, "only the order of the words tells these two apart"
    (accuracy,) = re.findall(r"validation_accuracy (\d\.\d+)", done.stdout)[-1:]
    assert float(accuracy) > 0.9, "the one training command without a download beats its bag of bigrams"


def test_an_earlier_demo_is_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("runs/demo", "runs/demo-2", "runs/demo-3"):
        assert str(demo.new_folder()) == name
        Path(name).mkdir(parents=True)


@pytest.mark.parametrize("stdin", [None, "closed"])
def test_without_an_input_nothing_is_asked(monkeypatch, stdin):
    if stdin:
        stdin = open(os.devnull)
        stdin.close()
    monkeypatch.setattr(sys, "stdin", stdin)
    assert list(demo.typed()) == []
