import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import seqzoo
from recipes import demo

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif("sentiment-lstm" not in seqzoo.list_pretrained(), reason="saved_models/ holds no sentiment-lstm")
def test_the_demo_does_what_it_says(tmp_path):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "recipes.demo"],
        cwd=tmp_path,
        env=environment,
        input="A masterpiece, wonderful from start to end.\n\nnever read\n",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr, "no chatter"
    scored = {text: float(p) for p, text in re.findall(r"^   (\d\.\d{3})  (.*)$", done.stdout, re.MULTILINE)}
    assert all(scored[text] > 0.5 for text in demo.REVIEWS[3:]), "negations and turns are read"
    assert scored[demo.REVIEWS[0]] < 0.5 < scored["A masterpiece, wonderful from start to end."]
    assert "never read" not in done.stdout
    assert "epoch 1/" in done.stdout and "bag of bigrams" in done.stdout
    bad, good = (scored[text] for text in demo.SAMPLE_REVIEWS)
    assert bad < 0.5 < good, "only the order of the words tells these two apart"
    assert "loaded without seqzoo" in done.stdout
    (accuracy,) = re.findall(r"validation_accuracy (\d\.\d+)", done.stdout)[-1:]
    assert float(accuracy) > 0.9, "the one training command without a download beats its bag of bigrams"
    assert "source .venv/bin/activate" in done.stdout
    named = re.findall(r"^   (runs/\S+)  ", done.stdout, re.MULTILINE)
    assert len(named) == 4 and all((tmp_path / path).exists() for path in named)


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
