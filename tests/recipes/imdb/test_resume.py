import os
import random
import signal
import time

from tests.recipes.small_run import STEPS, Run


def hidden(folder):
    return [path.name for path in folder.rglob(".*")]


def test_a_killed_and_an_interrupted_run_end_as_if_they_were_not(uninterrupted, tmp_path, request):
    folder = tmp_path / "run"

    run = Run(folder)  # SIGKILL at a random moment after the first checkpoint
    run.wait_for_step(1)
    delay = random.uniform(0, 0.5)
    time.sleep(delay)
    run.process.kill()
    assert run.end() == -signal.SIGKILL, f"after {delay} s"
    killed_at = run.newest()
    print(f"killed {delay} s after the first checkpoint, at step {killed_at} or later")

    run = Run(folder)  # Ctrl-C
    run.wait_for_step(killed_at + 1)
    run.interrupt()
    assert run.end() == 130
    assert "Traceback" not in run.log.read_text()
    assert run.log.read_text().endswith("Interrupted; the same command goes on from the last checkpoint.\n")

    step = (run.newest() // 10 + 3) * 10
    assert killed_at < run.newest() < step < STEPS - 10
    run = Run(folder, dies_at=f"step-{step:08d}")  # SIGKILL while a checkpoint is written
    assert run.end() == -signal.SIGKILL
    assert run.newest() < step
    assert hidden(folder), "the checkpoint that was being written"

    run = Run(folder)
    assert run.end() == 0, run.log.read_text()
    assert not hidden(folder)
    finished = request.getfixturevalue("finished")
    names = ["model/weights.safetensors", "metrics.json", "model/card.json", "config.json"]
    assert {name: (folder / name).read_bytes() for name in names} == {name: (finished / name).read_bytes() for name in names}
    checkpoints = [f"step-{STEPS - 10:08d}.safetensors", f"step-{STEPS:08d}.safetensors"]
    assert sorted(os.listdir(folder / "checkpoints")) == checkpoints
    last = f"checkpoints/{checkpoints[-1]}"
    assert (folder / last).read_bytes() == (finished / last).read_bytes()
