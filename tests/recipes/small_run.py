"""A training run small enough for the tests, as a process of its own."""

import multiprocessing
import os
import runpy
import signal
import sys
import time
from pathlib import Path

from tests.training.distributed.fleet import PRELOAD, imports_from_root

ROOT = Path(__file__).resolve().parents[2]
STEPS = 4 * 135
# 64 tokens: every batch has the same shape, so that one is compiled.
ARGUMENTS = (
    "--data sample --vocabulary-size 400 --max-tokens 64 --units 16 --embedding-size 16 --word-vectors none "
    "--word-dropout 0.05 --embedding-dropout 0 --dropout 0.1 --epochs 4 --batch-size 16 --learning-rate 0.02"
).split()
QUIET = "--checkpoint-every 10 --no-baseline --no-saved-model".split()


class Run:
    """The process of `python -m recipes.imdb.sentiment` on a run folder, forked from one that has imported TensorFlow.

    With `dies_at` it kills itself where it has written that checkpoint but not yet given it its name.
    """

    def __init__(self, folder, dies_at=None):
        self.folder = folder
        self.log = folder.with_suffix(".log")
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([PRELOAD])
        self.process = context.Process(target=work, args=(str(folder), str(self.log), dies_at), daemon=True)
        with imports_from_root():
            self.process.start()

    def newest(self):
        """The step of the newest checkpoint, 0 when there is none."""
        names = [path.stem for path in (self.folder / "checkpoints").glob("step-*.safetensors")]
        return max((int(name.removeprefix("step-")) for name in names), default=0)

    def wait_for_step(self, step):
        while self.newest() < step:
            assert self.process.exitcode is None, f"ended before step {step}:\n{self.log.read_text()}"
            time.sleep(0.01)

    def interrupt(self):
        os.kill(self.process.pid, signal.SIGINT)

    def end(self):
        """Wait, and give the exit status."""
        try:
            self.process.join(500)
            return self.process.exitcode
        finally:
            self.process.kill()


def work(folder, log, dies_at):
    """In the forked process."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    # A shell that runs the tests in the background lets them, and so this, ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(ROOT)
    if dies_at:
        replace = os.replace

        def dying(source, target):
            if dies_at in str(target):
                os.kill(os.getpid(), signal.SIGKILL)
            replace(source, target)

        os.replace = dying
    sys.argv[1:] = [*ARGUMENTS, *QUIET, "--output", folder]
    runpy.run_module("recipes.imdb.sentiment", run_name="__main__", alter_sys=True)
