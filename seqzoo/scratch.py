"""Scratch folders that do not outlive their process, even one that was killed."""

import contextlib
import os
import re
import shutil
import stat
import tempfile
import time
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, where no lock tells whether a process is gone: nothing is swept there
    fcntl = None

PREFIX = "seqzoo-scratch-"
YOUNG = 60.0  # seconds: a folder's process may be about to lock it


@contextlib.contextmanager
def scratch_folder():
    """Yield an empty folder among the system's temporary ones; it is removed afterwards.

    A process that is killed removes nothing: the next one that asks for a folder does, see `sweep`.
    """
    sweep(tempfile.gettempdir(), re.escape(PREFIX) + r"\w+")
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder, held(folder):
        yield Path(folder)


@contextlib.contextmanager
def held(folder):
    """Within the block `folder` is locked as one in use. The system releases the lock with the process, however it ends."""
    descriptor = None
    if fcntl is not None:
        descriptor = os.open(folder, os.O_RDONLY)
        with contextlib.suppress(OSError):  # a file system without locks: then nobody can lock it to sweep it either
            fcntl.flock(descriptor, fcntl.LOCK_SH)
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def sweep(parent, pattern):
    """Remove the folders of this user in `parent` that nobody holds, and whose whole name matches `pattern`.

    Returns:
        the names of those that were removed.
    """
    removed = []
    if fcntl is None or not os.path.isdir(parent):
        return removed
    for name in os.listdir(parent):
        if re.fullmatch(pattern, name):
            with contextlib.suppress(OSError):  # in use, or another process sweeps it
                removed += [name] * _removed(os.path.join(parent, name))
    return removed


def _removed(folder):
    # No link is followed. A folder, not a file in it, is locked: it can be renamed, and holds nothing but its content.
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        found = os.fstat(descriptor)
        if found.st_uid != os.getuid() or not stat.S_ISDIR(found.st_mode) or abs(time.time() - found.st_ctime) < YOUNG:
            return False
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder)
        return True
    finally:
        os.close(descriptor)
