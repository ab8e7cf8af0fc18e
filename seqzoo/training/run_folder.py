"""One folder per run: what was asked, how far it is, what came out."""

import io
import json
import platform
import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from seqzoo import __version__
from seqzoo.files import write_atomically


class RunFolder:
    """A training run's folder; opening it again with the same arguments continues the run.

    ```
    config.json     the arguments that decide the result, and the versions it ran with
    checkpoints/    the last two states; see `seqzoo.training.checkpoint`
    metrics.json    history by epoch and final figures
    curves.png      loss and accuracy by epoch
    model/          the trained model, as `seqzoo.load_pretrained` takes it
    ```

    Args:
        path: the folder; made when missing.
        arguments: dict of plain JSON values.

    Raises:
        FileExistsError: when the folder holds something that is not a run, or a run with other arguments that
            has produced something.
    """

    def __init__(self, path, arguments):
        self.path = Path(path)
        self.arguments = json.loads(json.dumps(arguments))
        before = self._arguments_before()
        if before is not None:
            self._check_same(before)
        self.path.mkdir(parents=True, exist_ok=True)
        self._remove_partial()
        if before != self.arguments:
            self.write_json("config.json", {"arguments": self.arguments, "versions": versions()})

    def _check_same(self, before):
        changed = sorted(k for k in {*before, *self.arguments} if before.get(k) != self.arguments.get(k))
        started = [entry for entry in self.path.iterdir() if entry.name != "config.json" and not _is_partial(entry)]
        if started and changed:
            was, now = (", ".join(f"{k}={of.get(k)!r}" for k in changed) for of in (before, self.arguments))
            raise FileExistsError(
                f"{self.path} holds a run made with {was}: give those arguments to continue it, or name another "
                f"output folder. Received: {now}"
            )

    def _remove_partial(self):
        """Delete what a killed process left half-written."""
        for entry in [*self.path.iterdir(), *self.checkpoints.glob("*")]:
            if _is_partial(entry):
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()

    def _arguments_before(self):
        """The arguments of the run that the folder holds, None when there is no folder or it is empty."""
        if not self.path.exists() or (self.path.is_dir() and all(map(_is_partial, self.path.iterdir()))):
            return None
        try:
            return dict(json.loads((self.path / "config.json").read_text(encoding="utf-8"))["arguments"])
        except (OSError, ValueError, KeyError, TypeError):
            raise FileExistsError(
                "The output must be a new folder, an empty one, or an earlier run's. "
                f"Received: {self.path}, which holds something else"
            ) from None

    @property
    def checkpoints(self):
        return self.path / "checkpoints"

    def write_json(self, name, value):
        write_atomically(self.path / name, json.dumps(value, indent=1) + "\n")

    def array(self, name, make):
        """The array of this file: `make()` when the run begins, the same one when it goes on."""
        path = self.path / name
        if not path.exists():
            buffer = io.BytesIO()
            np.save(buffer, make())
            write_atomically(path, buffer.getvalue())
        return np.load(path, allow_pickle=False)


def _is_partial(path):
    return path.name.startswith(".") and path.name.endswith(".partial")  # see seqzoo.files


def versions():
    """Versions of what decides a result, for configs and cards."""
    found = {"python": platform.python_version(), "seqzoo": __version__}
    for package in ("tensorflow", "keras", "numpy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # e.g. tensorflow, where a variant such as tensorflow-cpu stands in for it
            continue
    return found
