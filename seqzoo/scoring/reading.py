"""The input of a run: its first rows, which decide how all are scored, and a file that tells what was read of it."""

import hashlib
import io
from typing import NamedTuple

from seqzoo.scoring import rows as csv_rows
from seqzoo.scoring.partial import Mark


class Opening(NamedTuple):
    """What the beginning of a file says."""

    header: list
    added: dict  # see `seqzoo.scoring.rows.added_columns`
    texts: list  # of the first chunk's rows that can be scored
    more: bool  # whether that chunk is full, so that others may follow


def read_opening(source, column, encoding, prefix=None):
    """`Opening` of a CSV file.

    Raises: as `seqzoo.scoring.rows.read_rows` and `added_columns` do.
    """
    with open(source, "rb") as raw:
        header, rows = csv_rows.read_rows(raw, column, encoding, source)
        added, place = csv_rows.added_columns(header, prefix), header.index(column)
        first = next(csv_rows.chunks(rows, 0), [])
        full = len(first) >= csv_rows.CHUNK or sum(len(cell) for row in first for cell in row) >= csv_rows.CHARACTERS
        return Opening(header, added, [row[place] for row in first if not csv_rows.fault(row, place, len(header))], full)


class MarkedFile(io.RawIOBase):
    """A binary file, open without a buffer, that hashes what is read of it."""

    def __init__(self, raw):
        super().__init__()
        self.raw, self.bytes, self.digest = raw, 0, hashlib.sha256()

    def readable(self):
        return True

    def readinto(self, buffer):
        count = self.raw.readinto(buffer)
        self.digest.update(memoryview(buffer)[:count])
        self.bytes += count
        return count

    def mark(self):
        """The `Mark` of what has been read: the rows so far, and a few kilobytes more."""
        return Mark(self.bytes, self.digest.hexdigest())
