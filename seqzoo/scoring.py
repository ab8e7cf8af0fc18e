"""Scoring a CSV file of any length: in constant memory, resumable, no row lost."""

import csv
import hashlib
import io
import json
import os
import sys
import time
from pathlib import Path

from seqzoo.files import write_atomically

# So many rows are sorted by length together. More pad less; fewer are lost when the process is killed.
CHUNK = 4096
# A text beyond this is an accident (a file pasted into a cell), and reading it as words would take minutes.
LONGEST = 10_000_000
ADDED = ("probability", "label", "error")


def score_csv(model, source, target, column="text", encoding="utf-8", overwrite=False, progress=None):
    """Write `source` with three columns more: probability, label (positive or negative) and error.

    Rows keep their order and cells. A row that can't be scored (no text, more cells than the header, a text of more
    than 10,000,000 characters) is written too, with the reason under `error` and the other two empty.

    The file is written beside `target`, as `TARGET.partial`, and renamed when it is whole. Where a killed run left
    one, the same call goes on after the last rows that reached the disk.

    Args:
        model: a text classifier with `predict` (`seqzoo.load_pretrained`).
        source: path of a CSV file with a header.
        target: path of the CSV file to write (UTF-8).
        column: name of the column with the texts.
        encoding: of `source`; a byte order mark is taken off UTF-8.
        overwrite: replace `target`.
        progress: called with (rows done, share of the bytes read) after every chunk, or None.

    Returns:
        `{"rows": ..., "failed": ..., "resumed": rows that an earlier run had done, "seconds": ...}`.

    Raises:
        FileExistsError: for a target that exists, without `overwrite`.
        ValueError: for an empty file, a missing column, a header that has one of the added columns already, bytes
            that are not of the encoding, quotes that never close, a partial file made from other input.
    """
    source, target = Path(source), Path(target)
    if target.exists() and not overwrite:
        raise FileExistsError(f"The output must not exist yet; overwrite replaces it. Received: {target}")
    partial, note = (target.with_name(target.name + suffix) for suffix in (".partial", ".partial.json"))
    job = {"input": _identity(source), "column": column, "encoding": encoding, "model": _weights(model)}
    state = _resumed(partial, note, job)
    start, resumed = time.perf_counter(), state["rows"]
    with open(source, "rb") as raw, open(partial, "r+b" if resumed else "wb") as out:
        header, rows = _read(raw, column, encoding, source)
        out.truncate(state["bytes"])
        out.seek(state["bytes"])
        if not resumed:
            out.write(_lines_of([[*header, *ADDED]]))
        for chunk in _chunks(rows, resumed):
            scored = _score(model, chunk, header.index(column), len(header))
            out.write(_lines_of(scored))
            out.flush()
            os.fsync(out.fileno())
            state["rows"] += len(chunk)
            state["failed"] += sum(bool(row[-1]) for row in scored)
            write_atomically(note, json.dumps(job | state | {"bytes": out.tell()}))
            if progress is not None:
                progress(state["rows"], raw.tell() / max(1, job["input"]["bytes"]))
        out.flush()
        os.fsync(out.fileno())
    os.replace(partial, target)
    note.unlink(missing_ok=True)
    seconds = time.perf_counter() - start
    return {"rows": state["rows"], "failed": state["failed"], "resumed": resumed, "seconds": seconds}


def _identity(source):
    with open(source, "rb") as file:
        return {"bytes": os.path.getsize(source), "begins": hashlib.sha256(file.read(1 << 20)).hexdigest()}


def _weights(model):
    digest = hashlib.sha256(json.dumps(model.config, sort_keys=True).encode())
    for name, tensor in sorted(model.tensors().items()):
        digest.update(name.encode() + tensor.tobytes())
    return digest.hexdigest()


def _resumed(partial, note, job):
    """Rows, failures and bytes of an earlier run's partial file; zeros where there is none."""
    if not (partial.exists() and note.exists()):
        return {"rows": 0, "failed": 0, "bytes": 0}
    found = json.loads(note.read_text(encoding="utf-8"))
    other = [key for key, value in job.items() if found.get(key) != value]
    if other:
        raise ValueError(
            f"To go on, input, column, encoding and model must be those that {partial} was made with; to begin anew, "
            f"delete it. Received: another {', '.join(other)}"
        )
    return {key: found[key] for key in ("rows", "failed", "bytes")}


def _read(raw, column, encoding, source):
    """The header, and an iterator over the rows, of which an empty line is none."""
    name = "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
    csv.field_size_limit(sys.maxsize)  # its default, 131,072 characters, would end the run in the middle
    reader = csv.reader(_lines(raw, name, source), strict=True)

    def rows():
        try:
            for row in reader:
                if row:
                    yield row
        except csv.Error as error:
            raise ValueError(f"{source} must be CSV. Received: {error}, line {reader.line_num}") from None

    found = rows()
    header = next(found, None)
    if header is None:
        raise ValueError(f"{source} must hold a header and rows. Received: an empty file")
    if column not in header:
        raise ValueError(f"The column must be one of {', '.join(header)}. Received: {column}")
    taken = [name for name in ADDED if name in header]
    if taken:
        raise ValueError(f"The columns {', '.join(ADDED)} are added and must not be there. Received: {', '.join(taken)}")
    return header, found


def _lines(raw, encoding, source):
    """Decoded lines; the place of bytes that are not of the encoding is named."""
    number = 0
    try:
        text = io.TextIOWrapper(raw, encoding, newline="")
        for number, line in enumerate(text, 1):
            yield line
        text.detach()  # or `raw` is closed, and tells its place no more
    except UnicodeError as error:
        raise ValueError(
            f"{source} must be text in the encoding {encoding}; another, such as latin-1, can be named. "
            f"Received: {error.reason if isinstance(error, UnicodeDecodeError) else error}, after line {number}"
        ) from None
    except LookupError:
        raise ValueError(f"The encoding must be one that Python knows, such as utf-8. Received: {encoding}") from None


def _chunks(rows, skip):
    chunk = []
    for number, row in enumerate(rows):
        if number >= skip:
            chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _score(model, rows, place, width):
    """The rows with probability, label and error."""
    errors = [_fault(row, place, width) for row in rows]
    good = [k for k, error in enumerate(errors) if not error]
    found = dict(zip(good, model.predict([rows[k][place] for k in good]).tolist())) if good else {}
    scored = []
    for k, row in enumerate(rows):
        row = row + [""] * (width - len(row))
        answer = [f"{found[k]:.6f}", "positive" if found[k] > 0.5 else "negative"] if k in found else ["", ""]
        scored.append([*row, *answer, errors[k]])
    return scored


def _fault(row, place, width):
    if len(row) > width:
        return f"{len(row)} cells, the header has {width}"
    if len(row) <= place or not row[place].strip():
        return "no text"
    if len(row[place]) > LONGEST:
        return f"a text of {len(row[place]):,} characters, more than {LONGEST:,}"
    return ""


def _lines_of(rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", errors="surrogatepass")


class ProgressBar:
    """Rows, share, rate and time left on one line that is rewritten; nothing where `stream` is no screen."""

    def __init__(self, stream):
        self.stream, self.screen, self.first = stream, stream.isatty(), None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.screen and self.first is not None:
            self.stream.write("\n")

    def __call__(self, rows, share):
        if self.first is None:  # where this run began, which an earlier one may have left far on
            self.first = (rows, share, time.perf_counter())
        if not self.screen:
            return
        seconds = time.perf_counter() - self.first[2]
        done, left = rows - self.first[0], ""
        if seconds and done:
            remaining = int((1 - share) * seconds / max(share - self.first[1], 1e-9))
            left = f"  {done / seconds:,.0f} rows/s  {remaining // 60}:{remaining % 60:02d} left"
        bar = "#" * int(30 * share)
        self.stream.write(f"\r[{bar:30}] {100 * share:3.0f} %  {rows:,} rows{left:<30}")
        self.stream.flush()
