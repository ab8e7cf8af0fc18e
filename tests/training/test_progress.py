import io
import os
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest
import tqdm

from seqzoo.training.progress import Progress

ROOT = Path(__file__).resolve().parents[2]


class Screen(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """A clock that is put forward by hand."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(tqdm.std, "time", lambda: now[0])
    return now


def run(progress, clock, steps, seconds):
    for step in range(1, steps + 1):
        clock[0] += seconds
        progress.step(1, 2, step, steps, 0.5)


def test_a_log_gets_a_line_now_and_then(clock):
    log = io.StringIO()
    run(Progress(log, interval=10), clock, steps=100, seconds=1)
    lines = log.getvalue().splitlines()
    assert len(lines) == 10 and "\r" not in log.getvalue()
    assert lines[0] == "epoch 1/2  step 10/100  loss 0.5000  1000 ms/step  3:10 left"
    assert lines[-1] == "epoch 1/2  step 100/100  loss 0.5000  1000 ms/step  1:40 left"


def test_a_screen_gets_one_line_that_is_rewritten(clock):
    screen = Screen()
    with Progress(screen) as progress:
        run(progress, clock, steps=30, seconds=0.1)
        parts = screen.getvalue().split("\r")
        assert parts[0] == "" and 10 <= len(parts) - 1 <= 16, "five times a second at most"
        assert "\n" not in screen.getvalue()
        assert parts[-1].startswith("epoch 1/2  step 28/30  loss 0.5000  100 ms/step  0:03 left  |")
        progress.epoch(1, 2, {"epoch": 1, "loss": 0.25})
        cleared, line = screen.getvalue().split("\r")[-2:]
        assert not cleared.strip() and len(cleared) >= len(parts[-1].rstrip()), "what stood there is gone"
        assert line == "epoch 1/2  loss 0.2500\n"
    assert screen.getvalue().endswith("\r"), "and the next line begins at the left edge"


def test_a_step_that_compiles_does_not_spoil_the_estimate(clock):
    log, screen = io.StringIO(), Screen()
    shown = Progress(log, interval=0), Progress(screen)
    for step in range(1, 6):
        clock[0] += 60 if step == 1 else 1
        for progress in shown:
            progress.step(1, 1, step, 10, 0.5)
    lines = log.getvalue().splitlines()
    assert lines[0] == "epoch 1/1  step 1/10  loss 0.5000", "nothing is known of the time yet"
    assert lines[1].endswith("1000 ms/step  0:08 left") and lines[-1].endswith("1000 ms/step  0:05 left")
    drawn = screen.getvalue().split("\r")
    assert "left" not in drawn[1] and "1000 ms/step  0:08 left" in drawn[2] and "0:05 left" in drawn[-1]


def test_steps_of_an_earlier_run_are_no_measure(clock):
    log = io.StringIO()
    progress = Progress(log, interval=0)
    for step in (901, 902):
        clock[0] += 2
        progress.step(1, 1, step, 1000, 0.5)
    assert log.getvalue().splitlines()[-1].endswith("2000 ms/step  3:16 left")


def test_a_fit_that_dies_leaves_the_line(monkeypatch):
    """So that the error does not stand behind the bar."""

    from seqzoo.training.fit import fit
    from tests.training import networks

    screen = Screen()
    monkeypatch.setattr("sys.stdout", screen)
    model = networks.network(seed=0)

    def validate(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(model, networks.batches(), 1, validate=validate)
    assert "step 1/" in screen.getvalue() and screen.getvalue().endswith("\r")


@pytest.mark.parametrize("size", [(0, 0), (30, 60)])  # what some containers' terminals say of themselves, and a narrow one
def test_a_real_terminal_gets_the_bar(size):
    pty, fcntl, termios = (pytest.importorskip(name) for name in ("pty", "fcntl", "termios"))
    code = """if True:
        import time
        from seqzoo.training.progress import Progress
        with Progress() as progress:
            for step in range(1, 5):
                time.sleep(0.25)
                progress.step(1, 1, step, 4, 0.5)
            progress.epoch(1, 1, {"loss": 0.25})"""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    subprocess.run([sys.executable, "-c", code], stdin=theirs, stdout=theirs, cwd=ROOT, env=environment, check=True)
    shown = os.read(ours, 10_000).decode().split("\r")
    assert shown[1].startswith("epoch 1/1  step 1/4  loss 0.5000") and "left" not in shown[1]
    assert "ms/step  0:00 left" in shown[2]
    assert all(len(line.rstrip()) <= (size[1] or 80) for line in shown)
    assert "epoch 1/1  loss 0.2500" in shown
    os.close(ours)
    os.close(theirs)


def test_an_epoch_prints_every_figure():
    log = io.StringIO()
    Progress(log).epoch(2, 3, {"epoch": 2, "loss": 0.25, "validation_accuracy": 0.875})
    assert log.getvalue() == "epoch 2/3  loss 0.2500  validation_accuracy 0.8750\n"


def test_standard_output_is_the_default(capsys):
    Progress().epoch(1, 1, {"epoch": 1, "loss": 1.0})
    assert capsys.readouterr().out == "epoch 1/1  loss 1.0000\n"
