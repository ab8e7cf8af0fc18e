"""A training run small enough for the tests, as a process of its own."""

import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STEPS = 4 * 135
# 64 tokens: every batch has the same shape, so that one is compiled.
ARGUMENTS = (
    "--data sample --vocabulary-size 400 --max-tokens 64 --units 16 --embedding-size 16 --word-vectors none "
    "--word-dropout 0.05 --embedding-dropout 0 --dropout 0.1 --epochs 4 --batch-size 16 --learning-rate 0.02"
).split()
QUIET = "--checkpoint-every 10 --no-baseline --no-saved-model".split()


class Run:
    """`python -m recipes.imdb.sentiment` at work on a run folder."""

    def __init__(self, folder, program=("-m", "recipes.imdb.sentiment")):
        self.folder = folder
        self.log = folder.with_suffix(".log")
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                [sys.executable, *program, *ARGUMENTS, *QUIET, "--output", str(folder)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A shell that runs the tests in the background lets them, and so this, ignore it.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )

    def newest(self):
        """The step of the newest checkpoint, 0 when there is none."""
        names = [path.stem for path in (self.folder / "checkpoints").glob("step-*.safetensors")]
        return max((int(name.removeprefix("step-")) for name in names), default=0)

    def wait_for_step(self, step):
        while self.newest() < step:
            assert self.process.poll() is None, f"ended before step {step}:\n{self.log.read_text()}"
            time.sleep(0.01)

    def end(self):
        """Wait, and give the exit status."""
        try:
            return self.process.wait(timeout=500)
        finally:
            self.process.kill()
