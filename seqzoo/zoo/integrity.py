"""Sizes and hashes of a model's files, checked before anything in them is parsed."""

import hashlib
import os
from pathlib import Path, PurePosixPath, PureWindowsPath

from seqzoo.files import sha256_of


class ModelIntegrityError(ValueError):
    """A file of a model's folder is missing, is not what the card says, or gives other results."""


def describe_files(folder: Path) -> dict:
    """`{relative path: {"sha256": str, "bytes": int}}` of every file under `folder`, sorted by path."""
    return {name: {"sha256": sha256_of(folder / name), "bytes": (folder / name).stat().st_size} for name in file_names(folder)}


def file_names(folder: Path) -> list[str]:
    """Relative paths, with forward slashes, of everything under `folder` that is not itself a folder."""
    return sorted(
        (Path(parent) / name).relative_to(folder).as_posix()
        for parent, folders, names in os.walk(folder)
        # `os.walk` lists a link to a folder among the folders, and does not follow it
        for name in names + [entry for entry in folders if os.path.islink(os.path.join(parent, entry))]
    )


def stays_inside(relative: str) -> bool:
    """Whether a path written in a card can only lead into the model's folder, on any system."""
    parts = PurePosixPath(relative).parts
    return bool(
        parts
        and ".." not in parts
        and "\\" not in relative
        and "\0" not in relative
        and not PurePosixPath(relative).is_absolute()
        and not PureWindowsPath(relative).drive
    )


def read_checked(folder: Path, relative: str, files: dict) -> bytes:
    """The bytes of one file, once size and SHA-256 have been found to be those of the card.

    Args:
        folder: the model's folder.
        relative: the file's path inside it.
        files: the card's `files`.

    Raises:
        ModelIntegrityError: if the file is not listed, leads out of the folder, is missing or differs.
    """
    if relative not in files:
        raise ModelIntegrityError(
            f"card.json must list {relative}, which this model needs. Received: {', '.join(sorted(files))[:1000] or 'no files'}"
        )
    expected = _as_text(files[relative]["bytes"], files[relative]["sha256"])
    root = os.path.realpath(folder)
    path = os.path.realpath(os.path.join(root, relative))
    if not stays_inside(relative) or os.path.commonpath([root, path]) != root:
        raise ModelIntegrityError(f"Every file in card.json must lie inside {root}. Received: {relative!r:.200}")
    if not os.path.isfile(path):  # a named pipe would block for ever
        raise ModelIntegrityError(f"{relative} is missing from {root}: expected {expected}. Received: no such file")
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        content = file.read() if size == files[relative]["bytes"] else b""  # a swapped file may be of any size
    digest = hashlib.sha256(content).hexdigest()
    if size != files[relative]["bytes"] or digest != files[relative]["sha256"]:
        received = _as_text(size, digest) if size == files[relative]["bytes"] else f"{size} bytes"
        raise ModelIntegrityError(f"{relative} in {root} is damaged or was changed: expected {expected}. Received: {received}")
    return content


def _as_text(size: int, digest: str) -> str:
    return f"{size} bytes with SHA-256 {digest}"
