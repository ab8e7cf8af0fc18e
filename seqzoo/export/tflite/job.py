"""What an export hands to the process that builds its file (`build.py`), and what it takes from it."""

import contextlib
import json
import os
import subprocess
import sys

import numpy as np

from seqzoo.export.tflite.converter import LIMIT, child_environment
from seqzoo.export.tflite.holdout import to_check
from seqzoo.export.tflite.samples import expected_outputs
from seqzoo.export.tflite.sidecar import sidecar_path
from seqzoo.export.tflite.targets import ExportError
from seqzoo.tasks import task_of_sidecar


def write_job(folder, job, source, samples, time_steps):
    """Samples, and what the Keras model answers to those that are checked, beside the raw file."""
    job["checked"] = to_check(len(samples), job["held_out"])
    asked = [samples[place] for place in job["checked"]]
    if job["sidecar"]["form"] == "step":
        from seqzoo.export.tflite.stream import checked_steps, expected_steps

        job["steps"] = [checked_steps(source, sample) for sample in asked]
        expected = expected_steps(source, asked, job["steps"])
    else:
        expected = expected_outputs(source, asked, time_steps)
    arrays = {f"{row}/out/{name}": value for row, outputs in enumerate(expected) for name, value in outputs.items()}
    if not source.task.samples_are_raw:
        arrays |= {f"{row}/in/{name}": value for row, sample in enumerate(samples) for name, value in sample.items()}
    np.savez(folder / "samples.npz", **arrays)
    job |= {
        "samples": len(samples),
        "answers": source.outputs,
        "raw": samples if source.task.samples_are_raw else None,
    }
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")


def run_job(folder):
    """Patch, quantize and check in a process of its own.

    Returns:
        what to warn of, or None.

    Raises:
        ExportError: if the file is not right.
        RuntimeError: if the process crashes.
    """
    child = subprocess.run(
        [sys.executable, "-m", "seqzoo.export.tflite.build", str(folder)],
        env=child_environment(),
        capture_output=True,
        text=True,
        errors="replace",
        timeout=LIMIT,
    )
    if (folder / "error.txt").exists():
        raise ExportError((folder / "error.txt").read_text(encoding="utf-8"))
    if child.returncode:
        raise RuntimeError(
            "The process that builds the file must end well; nothing was written. Received: exit status "
            f"{child.returncode} and {child.stderr.strip()[-2000:] or 'no message'}"
        )
    warning = folder / "warning.txt"
    return warning.read_text(encoding="utf-8") if warning.exists() else None


def publish(folder, path, sidecar):
    """What the task needs, file, sidecar: a reader between two of the renames finds hashes that do not match, and says so."""
    names = task_of_sidecar(sidecar).sidecar_files(sidecar)
    for name in [*names, path.name, sidecar_path(path).name]:
        with open(folder / name, "rb") as file:
            os.fsync(file.fileno())
        os.replace(folder / name, path.parent / name)
    with contextlib.suppress(OSError):  # not every system can
        descriptor = os.open(path.parent, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
