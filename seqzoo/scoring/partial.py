"""The file of rows so far, and the note of them: made together, gone on with only where both are whole, removed together."""

import contextlib
import glob
import hashlib
import json
import os
from typing import NamedTuple

from seqzoo.files import write_atomically
from seqzoo.scoring.places import in_the_way

FORM = "seqzoo predict, form 1"  # another form of notes gets another number


class Mark(NamedTuple):
    """How far the input had been read."""

    bytes: int
    sha256: str  # of these bytes


class Partial:
    """Rows that are added to `places.partial`, and noted once they are on the disk.

    Args:
        places: `Places`, which are locked.
        job: what must be the same when the run goes on, JSON values by name; see `settle`.
        header: bytes that the file begins with.

    Attributes:
        rows, failed: what the file holds now.
        resumed: rows that an earlier run had written.
        read: bytes of the input that an earlier run had read.
        remark: what is to be said of an earlier run's files, or None.

    Raises:
        FileExistsError: for files of these names that are not of such a run.
        ValueError: for those of another job, or an input that is not what it was.
    """

    def __init__(self, places, job, header):
        self.places, self.job, self.header, self.remark = places, dict(job), header, None
        self.rows = self.failed = self.bytes = self.read = 0
        self.digest, self.file = hashlib.sha256(), None
        self.earlier = self._earlier()
        if self.earlier:
            self.rows, self.failed, self.bytes, self.read = (
                self.earlier[key] for key in ("rows", "failed", "bytes", "read_bytes")
            )
        self.resumed = self.rows

    def settle(self, name, value):
        """Part of the job that is known only now. Raises ValueError where the earlier run had another."""
        if self.earlier and self.earlier["job"].get(name) != value:
            raise self._another([name])
        self.job[name] = value

    def __enter__(self):
        """Opens the file: an earlier one where it goes on, else a new one."""
        places = self.places
        for left in places.note.parent.glob(f".{glob.escape(places.note.name)}.{'[0-9a-f]' * 12}.partial"):
            left.unlink(missing_ok=True)  # of a process that was killed while it noted something
        if self.resumed:
            self.file = open(places.partial, "r+b")
            self.file.truncate(self.bytes)
            self.file.seek(self.bytes)
            return self
        # The note first, and a new file rather than one made empty: no note ever outlives the file that it is about.
        self._note(Mark(0, hashlib.sha256().hexdigest()))
        places.partial.unlink(missing_ok=True)
        self.file = open(places.partial, "xb")
        self._write(self.header)
        return self

    def __exit__(self, *_):
        """Closes the file. What holds no rows is removed."""
        self.file.close()
        if not self.rows:
            for path in (self.places.partial, self.places.note):
                with contextlib.suppress(FileNotFoundError):
                    path.unlink()

    def add(self, content, rows, failed, mark):
        """Rows as bytes, their number, that of the failed ones, and the `Mark` of the input after them."""
        self._write(content)
        self._to_disk()
        self.rows, self.failed = self.rows + rows, self.failed + failed
        self._note(mark)

    def finish(self):
        """The file becomes the target."""
        self._to_disk()
        self.file.close()
        os.replace(self.places.partial, self.places.target)
        self.places.note.unlink(missing_ok=True)

    def _write(self, content):
        self.file.write(content)
        self.digest.update(content)
        self.bytes += len(content)

    def _to_disk(self):
        self.file.flush()
        os.fsync(self.file.fileno())

    def _note(self, mark):
        size, changed = _status(self.places.source)
        counts = {"rows": self.rows, "failed": self.failed, "bytes": self.bytes, "sha256": self.digest.hexdigest()}
        read = {"read_bytes": mark.bytes, "read_sha256": mark.sha256, "input_bytes": size, "input_changed": changed}
        note = {"made_by": FORM, "job": self.job, **counts, **read}
        write_atomically(self.places.note, json.dumps(note | {"check": _check(note)}))

    def _earlier(self):
        """The note of the rows that an earlier run left, None where there are none to go on with."""
        partial, path = self.places.partial, self.places.note
        note, there = _read_note(path), partial.exists()
        ours = there and _begins_with(partial, self.header, whole=note is None)
        if note is None or not there:
            if note is None and path.exists() and not ours:
                raise in_the_way(path)
            if there and not ours:
                raise in_the_way(partial)
            if there:
                self.remark = f"begins anew: the note {path} is {'damaged' if path.exists() else 'gone'}"
            elif note and note["rows"]:
                self.remark = f"begins anew: {partial} is gone, of which {path} says that it holds {note['rows']:,} rows"
            return None
        self._check_same(note)
        if not ours:
            raise in_the_way(partial)
        if not note["rows"]:
            return None
        self.digest = digest_of(partial, note["bytes"])
        if self.digest is None or self.digest.hexdigest() != note["sha256"]:
            what = "shorter than" if self.digest is None else "not what"
            self.remark = f"begins anew: {partial} is {what} its note says"
            self.digest = hashlib.sha256()
            return None
        return note

    def _check_same(self, note):
        other = [key for key, value in self.job.items() if note["job"].get(key) != value]
        size, changed = _status(self.places.source)
        read = digest_of(self.places.source, note["read_bytes"])
        ended = note["read_bytes"] >= note["input_bytes"]
        if read is None or read.hexdigest() != note["read_sha256"] or (ended and size != note["input_bytes"]):
            other.insert(0, "input")
        if other:
            raise self._another(other)
        if (size, changed) != (note["input_bytes"], note["input_changed"]) and note["rows"]:
            self.remark = (
                f"goes on: {self.places.source} was changed after the {note['rows']:,} rows that are done, which are as they were"
            )

    def _another(self, what):
        why = " (this machine or version answers otherwise in the last digits)" * ("program" in what)
        return ValueError(
            f"To go on, input, column, encoding, added columns, model and program must be those that {self.places.partial} "
            f"was made with; to begin anew, delete it. Received: another {', '.join(what)}{why}"
        )


def kept_rows(partial, note):
    """How many rows a stopped run has left to go on with."""
    found = _read_note(note) if partial.exists() else None
    return found["rows"] if found else 0


def digest_of(path, size):
    """SHA-256, a hashlib object, of the first `size` bytes of a file; None where it has fewer."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while size and (block := file.read(min(size, 1 << 20))):
            digest.update(block)
            size -= len(block)
    return None if size else digest


def _status(path):
    status = os.stat(path)
    return status.st_size, status.st_mtime_ns


def _begins_with(path, header, whole):
    with open(path, "rb") as file:
        found = file.read(len(header))
    return found == header or not whole and header.startswith(found)  # less, where a run was killed at once


def _read_note(path):
    """What a note says; None where there is none, or none that is whole."""
    try:
        with open(path, "rb") as file:
            found = json.loads(file.read(1_000_000))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("made_by") != FORM or found.pop("check", None) != _check(found):
        return None
    return found


def _check(note):
    return hashlib.sha256(json.dumps(note, sort_keys=True).encode()).hexdigest()
