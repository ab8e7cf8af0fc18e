"""Only one process at a time may write a file, also after one was killed."""

import contextlib
import os
import re
import socket
import stat
import warnings


class Lock:
    """Held inside a `with`. The operating system gives it free when its process ends, however that happens.

    Args:
        path: a small file that is made and removed; a killed process leaves it, and the next takes it over.
        target: what is written, for the error.

    Raises:
        BlockingIOError: when it is held, by this process or another, which is named.
        FileExistsError: when `path` is somebody's file.
    """

    def __init__(self, path, target):
        self.path, self.target, self.file = path, target, None

    def __enter__(self):
        while self.file is None:
            file = self._open()
            try:
                self._take(file)
                # Whoever held it a moment ago removed the file: then this is no longer the one that others see.
                if self._is_there(file):
                    self.file = file
            finally:
                if self.file is None:
                    os.close(file)
        os.ftruncate(self.file, 0)
        os.lseek(self.file, 0, os.SEEK_SET)
        os.write(self.file, f"process {os.getpid()} on {socket.gethostname()}".encode())
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):  # Windows removes no open file
            os.unlink(self.path)
        os.close(self.file)
        with contextlib.suppress(OSError):
            if os.name == "nt":
                os.unlink(self.path)
        self.file = None

    def _open(self):
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            file = os.open(self.path, flags, 0o666)
        except OSError as error:
            if os.path.lexists(self.path):
                raise FileExistsError(_IN_THE_WAY.format(self.path)) from error
            raise
        if stat.S_ISREG(os.fstat(file).st_mode) and _ours(_content(file)):
            return file
        os.close(file)
        raise FileExistsError(_IN_THE_WAY.format(self.path))

    def _take(self, file):
        try:
            _lock(file)
        except BlockingIOError:
            owner = _content(file).decode(errors="replace") or "another process"
            raise BlockingIOError(
                f"Only one process at a time may write {self.target}; wait for it, or name another output. Received: "
                f"{owner} is writing it"
            ) from None
        except OSError as error:
            warnings.warn(
                f"{self.path.parent} has no locks ({error}): see to it that nothing else writes {self.target}", stacklevel=4
            )

    def _is_there(self, file):
        try:
            return os.name == "nt" or os.path.samestat(os.fstat(file), os.lstat(self.path))
        except FileNotFoundError:
            return False


_IN_THE_WAY = "A lock file is to be made here; move what is in its place, or name another output. Received: {}"


def _ours(content):
    return re.fullmatch(rb"(process \d+ on [^\n]*)?", content) is not None


def _content(file):
    os.lseek(file, 0, os.SEEK_SET)
    return os.read(file, 1000)


def _lock(file):
    if os.name == "nt":
        import msvcrt

        os.lseek(file, 1 << 30, os.SEEK_SET)  # far behind what others may read
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError from error
        finally:
            os.lseek(file, 0, os.SEEK_SET)
        return
    import fcntl

    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
