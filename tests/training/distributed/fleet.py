"""Workers on this machine's loopback, forked from a process in which TensorFlow is imported already: a start costs little."""

import contextlib
import json
import multiprocessing
import os
import socket
import sys
import time
import traceback
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parents[3]
PRELOAD = "tests.training.distributed.preload"


def free_addresses(count):
    """So many addresses of this machine that nobody listens at."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]


def imports_from_root():
    """For the first start of a process, which is the server's, too."""
    return mock.patch.dict(os.environ, PYTHONPATH=str(ROOT))


class Fleet:
    """Starts `tests.training.distributed.jobs.NAME(...)` in processes of their own."""

    def __init__(self, folder):
        self.folder, self.started = folder, []
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload([PRELOAD])

    def start(self, job, count=2, environment=None, compiled=False, **arguments):
        """`count` workers, or for 0 one process alone, which call the job with `arguments` (of a tuple each has its own).

        Unless `compiled`, XLA compiles nothing of theirs: every process would do it anew.
        """
        addresses, workers = free_addresses(count), []
        for index in range(max(1, count)):
            task = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
            own = {name: value[index] if isinstance(value, tuple) else value for name, value in arguments.items()}
            log = self.folder / f"{len(self.started):03d}-{job}-{index}.log"
            given = {"TF_CONFIG": json.dumps(task)} if count else {}
            process = self.context.Process(
                target=run, args=(job, str(log), given | (environment or {}), compiled, own), daemon=True
            )
            with imports_from_root():
                process.start()
            workers.append(Worker(process, log))
            self.started.append(workers[-1])
        return workers

    def run(self, job, count=2, **arguments):
        """Start, and wait for a good end of all."""
        workers = self.start(job, count, **arguments)
        ends = [worker.wait() for worker in workers]
        assert not any(ends), "\n".join(worker.said() for worker in workers)
        return workers

    def close(self):
        for worker in self.started:
            worker.process.kill()


class Worker:
    """A started process."""

    def __init__(self, process, log):
        self.process, self.log = process, log

    def said(self):
        return self.log.read_text() if self.log.exists() else ""

    def wait(self, seconds=400):
        """The exit status; fails after so many seconds."""
        self.process.join(seconds)
        assert self.process.exitcode is not None, f"still at work after {seconds} s:\n{self.said()}"
        return self.process.exitcode

    def wait_for(self, condition, seconds=300):
        end = time.monotonic() + seconds
        while not condition():
            assert self.process.exitcode is None, self.said()
            assert time.monotonic() < end, self.said()
            time.sleep(0.02)


def run(job, log, environment, compiled, arguments):
    """In the forked process."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.environ.pop("TF_CONFIG", None)
    os.environ.update(environment)
    os.chdir(Path(log).parent)
    from tests.training.distributed import jobs

    jobs.impatient()
    if not compiled:
        jobs.uncompiled()
    try:
        status = getattr(jobs, job)(**arguments) or 0
    except SystemExit as error:
        status = error.code
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
