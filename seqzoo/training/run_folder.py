"""One folder per run: what was asked, how far it is, what came out."""

import hashlib
import io
import json
import os
import platform
import shutil
import warnings
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from seqzoo import __version__
from seqzoo.files import sha256_of, write_atomically


class RunFolder:
    """A training run's folder; opening it again with the same arguments continues the run.

    ```
    config.json     the arguments that decide the result, the folder they were given in, and the versions it ran with
    checkpoints/    the last two states; see `seqzoo.training.checkpoint`
    metrics.json    history by epoch and final figures
    curves.png      loss and accuracy by epoch
    model/          the trained model, as `seqzoo.load_pretrained` takes it
    ```

    An argument that is a path is the same as another that leads to the same place, whichever folder each was written in.

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
        before, place = self._arguments_before()
        same = before is not None and self._is_same(before, place)
        self.path.mkdir(parents=True, exist_ok=True)
        self._remove_partial()
        if same:
            self.arguments = before  # paths as they were first written
        else:
            config = {"arguments": self.arguments, "started_in": _way(self.path), "versions": versions()}
            self.write_json("config.json", config)

    def _is_same(self, before, place):
        """Whether a run that began in the folder `place` had these arguments; raises for another that has produced something."""
        changed = sorted(k for k in {*before, *self.arguments} if not _alike(before.get(k), self.arguments.get(k), place))
        started = [entry for entry in self.path.iterdir() if entry.name != "config.json" and not _is_partial(entry)]
        if started and changed:
            was, now = (", ".join(f"{k}={of.get(k)!r}" for k in changed) for of in (before, self.arguments))
            raise FileExistsError(
                f"{self.path} holds a run made with {was}: give those arguments to continue it, or name another "
                f"output folder. Received: {now}"
            )
        return not changed

    def _remove_partial(self):
        """Delete what a killed process left half-written."""
        for entry in [*self.path.iterdir(), *self.checkpoints.glob("*")]:
            if _is_partial(entry):
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()

    def _arguments_before(self):
        """Of the run that the folder holds: the arguments, None without a run; the folder that it was started in, if known."""
        if not self.path.exists() or (self.path.is_dir() and all(map(_is_partial, self.path.iterdir()))):
            return None, None
        try:
            config = json.loads((self.path / "config.json").read_text(encoding="utf-8"))
            way = config.get("started_in")
            return dict(config["arguments"]), None if way is None else self.path.resolve() / str(way)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
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
        """The array of this file: `make()` when the run begins, the same one when it goes on.

        Raises:
            ValueError: if the file is damaged and `make` no longer gives what it held.
        """
        path, stated = self.path / name, self.path / f"{name}.sha256"
        if path.exists() and (not stated.exists() or sha256_of(path) == stated.read_text(encoding="utf-8").strip()):
            return np.load(path, allow_pickle=False)  # one without a hash is from before there were any
        buffer = io.BytesIO()
        np.save(buffer, make())
        digest = hashlib.sha256(buffer.getvalue()).hexdigest()
        if path.exists():
            if digest != stated.read_text(encoding="utf-8").strip():
                raise ValueError(
                    f"{path} is damaged, and could not be made again as it was: start the run anew. Received: {path}"
                )
            warnings.warn(f"{path} was damaged and is made again", stacklevel=2)
        write_atomically(stated, digest + "\n")
        write_atomically(path, buffer.getvalue())
        return np.load(io.BytesIO(buffer.getvalue()), allow_pickle=False)


def _way(path):
    """From the run's folder to the one that the program was started in: the two may be moved together."""
    try:
        return os.path.relpath(os.getcwd(), path.resolve())
    except ValueError:  # another drive, on Windows
        return os.getcwd()


def _alike(before, now, place):
    """Whether two arguments mean the same: equal, or paths (with commas between them) to the same places."""
    if place is None or not (isinstance(before, str) and isinstance(now, str)):
        return before == now
    parts = before.split(","), now.split(",")
    return len(parts[0]) == len(parts[1]) and all(_same_place(a, b, place) for a, b in zip(*parts, strict=True))


def _same_place(before, now, place):
    then, here = os.path.realpath(os.path.join(place, before)), os.path.realpath(now)
    if before != now:
        return then == here and os.path.exists(here)
    # The same letters in another folder may name another file; a word such as "sample" is most often no path.
    is_path = os.sep in now or os.path.isfile(here)
    return then == here or not (is_path and os.path.exists(then) and os.path.exists(here))


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
