"""TensorFlow's converter in a process of its own, where a crash ends no user's program.

Importing TensorFlow takes seconds, so the process waits for the next model until the caller ends.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any, NamedTuple

import seqzoo
from seqzoo.export.tflite.targets import ExportError
from seqzoo.quiet import OPTIONAL, hidden

LIMIT = 1800  # seconds for one file
_lock = threading.Lock()
_kept = []  # the one process that runs


class _Child(NamedTuple):
    process: subprocess.Popen
    log: Any  # its stderr: a pipe would fill up
    owner: int  # a fork of the caller's process may not talk to it too


def convert_saved_model(folder, path):
    """Write the .tflite file `path` of a SavedModel folder.

    Raises:
        ExportError: if TensorFlow cannot convert it.
        RuntimeError: if the process crashes, or takes longer than `LIMIT`.
    """
    with _lock:
        child = _running()
        timer = threading.Timer(LIMIT, child.process.kill)
        timer.start()
        try:
            answer = _ask(child.process, [str(folder), str(path)])
        except BaseException:
            child.process.kill()  # or its answer would be taken for that to the next question
            raise
        finally:
            timer.cancel()
    if not answer:
        raise _crash(child)
    if reason := json.loads(answer):
        raise ExportError(f"TensorFlow must be able to convert the model. Received: {reason}")


def start():
    """Start the process now, so that it imports TensorFlow while the caller traces a model."""
    with _lock:
        _running()


def child_environment():
    """Environment of a process that imports the `seqzoo` that runs here."""
    root = str(Path(seqzoo.__file__).resolve().parents[1])
    paths = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": paths}


def _running():
    if not _kept or _kept[0].process.poll() is not None or _kept[0].owner != os.getpid():
        log = tempfile.TemporaryFile()
        process = subprocess.Popen(
            [sys.executable, "-m", "seqzoo.export.tflite.converter"],
            # The caller keeps its accelerator for itself.
            env=child_environment() | {"CUDA_VISIBLE_DEVICES": ""},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        _kept[:] = [_Child(process, log, os.getpid())]
    return _kept[0]


def _ask(process, question):
    try:
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
    except BrokenPipeError:
        return ""
    return process.stdout.readline()


def _crash(child):
    status = child.process.wait()
    child.log.seek(0)
    said = child.log.read().decode(errors="replace").strip()[-2000:]
    return RuntimeError(
        "The process that runs TensorFlow's converter must end well; nothing was written. Received: exit "
        f"status {status} and {said or 'no message'}"
    )


def serve():
    """The process: a line [folder, file] in, a line with null or the reason out, until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # nothing that TensorFlow prints is taken for an answer
    with hidden(*OPTIONAL):
        import tensorflow as tf

    for line in sys.stdin:
        folder, path = json.loads(line)
        try:
            converter = tf.lite.TFLiteConverter.from_saved_model(folder)
            # What a loop writes, in place; otherwise every turn puts all of it together again.
            converter._experimental_enable_dynamic_update_slice = True
            converter.allow_custom_ops = True  # the composites; others are found by the check of operators
            Path(path).write_bytes(converter.convert())
            reason = None
        except Exception as error:  # TensorFlow's errors here have no common type
            reason = str(error)[-2000:] or type(error).__name__
        print(json.dumps(reason), file=answers, flush=True)


if __name__ == "__main__":
    serve()
