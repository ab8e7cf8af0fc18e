"""Files and folders that are either whole or absent: written beside, flushed to disk, renamed into place."""

import contextlib
import hashlib
import os
import re
import shutil
from pathlib import Path

from seqzoo.scratch import held, sweep


def sha256_of(path) -> str:
    """The SHA-256 of a file's bytes, as 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_atomically(path, data: bytes | str) -> None:
    """Write a file so that a reader, a crash or a full disk never meets half of it.

    Args:
        path: the file; its folder must exist. A file already there stays whole until the new one is.
        data: bytes, or a str that is written as UTF-8 without newline translation.

    Raises:
        TypeError: if `data` is neither bytes nor str.
        OSError: if the disk is full or the folder cannot be written; `path` is as it was before.
    """
    if not isinstance(data, (bytes, str)):
        raise TypeError(f"`data` must be bytes or str. Received: {type(data).__name__}")
    path = Path(os.path.realpath(path))  # a link stays a link: what it points to is replaced
    partial = _beside(path)
    try:
        with open(partial, "xb") as file:
            file.write(data.encode("utf-8") if isinstance(data, str) else data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:  # an interrupt must not leave the partial file either
        with contextlib.suppress(OSError):
            partial.unlink()
        raise
    _fsync_folder(path.parent)


@contextlib.contextmanager
def atomic_folder(path, overwrite: bool = False, replaces: str | None = None):
    """Yield an empty folder beside `path` that becomes `path` when the block ends without an error.

    With `overwrite`, the folder already there is moved aside, the new one is renamed into place, and only
    then is the old one deleted. A process killed between the two renames leaves the old folder under the
    name that `existing_folder` also looks at; one killed before leaves its partial folder, which the next call removes.

    Args:
        path: the folder to make; missing parents are made.
        overwrite: whether a folder already at `path` may be replaced.
        replaces: name of a file that an existing folder must hold to be replaced, so that a mistyped
            path cannot delete something else.

    Raises:
        FileExistsError: if `path` exists and may not be replaced.
    """
    path = Path(os.path.realpath(path))
    previous = _aside(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if previous.exists() and not path.exists():
        previous.rename(path)  # an earlier process died between its two renames
    _refuse_existing(path, overwrite, replaces)
    sweep(path.parent, rf"\.{re.escape(path.name)}\.[0-9a-f]{{12}}\.partial")  # of killed processes
    partial = _beside(path)
    partial.mkdir()
    try:
        with held(partial):
            yield partial
            _fsync_tree(partial)
            _refuse_existing(path, overwrite, replaces)  # somebody may have made it meanwhile
            _move_into_place(partial, path, previous)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    _fsync_folder(path.parent)
    shutil.rmtree(previous, ignore_errors=True)


def existing_folder(path) -> Path:
    """`path`, or the previous folder that a process killed while replacing `path` had moved aside."""
    path = Path(os.path.realpath(path))
    return path if path.exists() or not _aside(path).is_dir() else _aside(path)


def _move_into_place(partial: Path, path: Path, previous: Path) -> None:
    if not path.exists():
        partial.rename(path)
        return
    shutil.rmtree(previous, ignore_errors=True)  # left by a process that died while deleting it
    try:
        path.rename(previous)
        partial.rename(path)
    except BaseException:
        if not path.exists():
            previous.rename(path)
        raise


def _refuse_existing(path: Path, overwrite: bool, replaces: str | None) -> None:
    if not os.path.lexists(path):
        return
    if not overwrite:
        raise FileExistsError(
            "The output folder already exists: choose a new path, remove the folder, or pass overwrite=True "
            f"to replace it. Received: {path}"
        )
    if not path.is_dir():
        raise FileExistsError(f"Only a folder can be replaced by a folder. Received: {path}")
    if replaces and any(path.iterdir()) and not (path / replaces).exists():
        raise FileExistsError(
            f"overwrite=True replaces only an empty folder or one that holds {replaces}; this one holds "
            f"something else. Choose a new path. Received: {path}"
        )


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.urandom(6).hex()}.partial")


def _aside(path: Path) -> Path:
    return path.with_name(f".{path.name}.previous")


def _fsync_tree(folder: Path) -> None:
    for parent, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(parent, name), "rb") as file:
                os.fsync(file.fileno())
        _fsync_folder(parent)


def _fsync_folder(folder) -> None:
    if os.name == "nt":  # Windows opens no folders
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
