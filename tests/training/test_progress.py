import io
import time

import pytest

from seqzoo.training.progress import Progress


class Screen(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """A clock that is put forward by hand."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
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
    progress = Progress(screen)
    run(progress, clock, steps=30, seconds=0.1)
    parts = screen.getvalue().split("\r")
    assert parts[0] == "" and 10 <= len(parts) - 1 <= 15, "five times a second at most"
    assert "\n" not in screen.getvalue()
    progress.epoch(1, 2, {"epoch": 1, "loss": 0.25})
    last = screen.getvalue().split("\r")[-1]
    assert last == f"{'epoch 1/2  loss 0.2500':<78}\n", "long enough to cover what stood there"


def test_a_step_that_compiles_does_not_spoil_the_estimate(clock):
    log = io.StringIO()
    progress = Progress(log, interval=0)
    clock[0] += 60
    progress.step(1, 1, 1, 10, 0.5)
    for step in range(2, 6):
        clock[0] += 1
        progress.step(1, 1, step, 10, 0.5)
    assert log.getvalue().splitlines()[-1].endswith("1000 ms/step  0:05 left")


def test_an_epoch_prints_every_figure():
    log = io.StringIO()
    Progress(log).epoch(2, 3, {"epoch": 2, "loss": 0.25, "validation_accuracy": 0.875})
    assert log.getvalue() == "epoch 2/3  loss 0.2500  validation_accuracy 0.8750\n"


def test_standard_output_is_the_default(capsys):
    Progress().epoch(1, 1, {"epoch": 1, "loss": 1.0})
    assert capsys.readouterr().out == "epoch 1/1  loss 1.0000\n"
