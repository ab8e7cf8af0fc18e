"""Where a file is read and written, checked before anything is: nothing of the user's is ever in the way."""

import os
import stat
from pathlib import Path
from typing import NamedTuple


class Places(NamedTuple):
    """The files of one run, as `pathlib.Path`."""

    source: Path
    target: Path
    partial: Path  # the rows so far
    note: Path  # how many they are, and of what
    lock: Path


def places_of(source, target):
    """`Places` of a run, unchecked."""
    target = Path(os.path.realpath(target))  # a link stays a link: what it points to is made
    beside = (target.with_name(target.name + end) for end in (".partial", ".partial.json", ".partial.lock"))
    return Places(Path(source), target, *beside)


def find_places(source, target, overwrite):
    """`Places` of a run, checked.

    Raises:
        FileNotFoundError: for a source, or a folder of the target, that is not there.
        FileExistsError: for a target that exists, without `overwrite`, or that is no file.
        ValueError: for a source that is no file (a pipe can't be read again), and for one that would be written.
    """
    places = places_of(source, target)
    source, target = places.source, places.target
    if not source.exists():
        raise FileNotFoundError(f"The input must be a CSV file (--input). Received: {source}, which is not there")
    if not source.is_file():
        raise ValueError(f"The input must be a file, so that a stopped run can go on in it. Received: {source}")
    for path in places[1:]:
        if path.exists() and path.samefile(source):
            raise ValueError(
                f"The output must be another file than the input, also with .partial, .partial.json or .partial.lock "
                f"after its name. Received: {source} for both"
            )
    if not target.parent.is_dir():
        raise FileNotFoundError(f"The output's folder must exist (--output). Received: {target.parent}, which does not")
    check_free(places, overwrite)
    return places


def check_free(places, overwrite):
    """Raises FileExistsError unless the target may be written and what lies beside it are files of a run's kind."""
    if places.target.exists():
        if not places.target.is_file():
            raise FileExistsError(f"The output must be a file (--output). Received: {places.target}")
        if not overwrite:
            raise FileExistsError(f"The output must not exist yet; overwrite replaces it. Received: {places.target}")
    for path in (places.partial, places.note):
        if os.path.lexists(path) and not _is_own_file(os.lstat(path)):
            raise in_the_way(path)


def in_the_way(path):
    """The FileExistsError for what is no run's file where one is to be made."""
    return FileExistsError(
        f"A file of rows so far, or the note of it, is to be made here, and what is there is not of such a run: move it, or "
        f"name another output. Received: {path}"
    )


def _is_own_file(status):
    return stat.S_ISREG(status.st_mode) and status.st_nlink == 1
