"""A CSV file scored into another, which is whole or can be gone on with."""

import hashlib
import json
import os
import time
from pathlib import Path

import numpy as np

from seqzoo.files import write_atomically
from seqzoo.scoring import rows as csv_rows
from seqzoo.scoring.scorer import Scorer


def score_csv(model, source, target, column="text", encoding="utf-8", overwrite=False, progress=None):
    """Write `source` with three columns more: probability, label (one of the model's classes) and error.

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
        ValueError: as `seqzoo.scoring.rows.read_rows` does, and for a partial file made from other input.
    """
    source, target = Path(source), Path(target)
    if target.exists() and not overwrite:
        raise FileExistsError(f"The output must not exist yet; overwrite replaces it. Received: {target}")
    partial, note = (target.with_name(target.name + suffix) for suffix in (".partial", ".partial.json"))
    job = {"input": _identity(source), "column": column, "encoding": encoding, "model": _weights(model)}
    state = _resumed(partial, note, job)
    start, resumed = time.perf_counter(), state["rows"]
    with open(source, "rb") as raw:
        header, rows = csv_rows.read_rows(raw, column, encoding, source)
        with open(partial, "r+b" if resumed else "wb") as out, Scorer(model, csv_rows.CHUNK, job["model"]) as scorer:
            out.truncate(state["bytes"])
            out.seek(state["bytes"])
            if not resumed:
                out.write(csv_rows.as_csv([[*header, *csv_rows.ADDED]]))
            for scored in _scored(scorer, csv_rows.chunks(rows, resumed), header.index(column), len(header)):
                out.write(csv_rows.as_csv(scored))
                _to_disk(out)
                state["rows"] += len(scored)
                state["failed"] += sum(bool(row[-1]) for row in scored)
                write_atomically(note, json.dumps(job | state | {"bytes": out.tell()}))
                if progress is not None:
                    progress(state["rows"], raw.tell() / max(1, job["input"]["bytes"]))
            _to_disk(out)
    os.replace(partial, target)
    note.unlink(missing_ok=True)
    seconds = time.perf_counter() - start
    return {"rows": state["rows"], "failed": state["failed"], "resumed": resumed, "seconds": seconds}


def _scored(scorer, chunks, place, width):
    """Chunks of rows with their answers. While one is being computed, the next is read."""
    classes = getattr(scorer.model, "classes", ("negative", "positive"))
    begun = None
    for rows in chunks:
        faults = [csv_rows.fault(row, place, width) for row in rows]
        texts = [row[place] for row, fault in zip(rows, faults) if not fault]
        following = rows, faults, scorer.start(texts)
        if begun:
            yield _finished(begun, width, classes)
        begun = following
    if begun:
        yield _finished(begun, width, classes)


def _finished(begun, width, classes):
    rows, faults, answers = begun
    # As Python's numbers, which are formatted five times as fast as NumPy's.
    return list(csv_rows.with_answers(rows, width, faults, np.asarray(answers()).tolist(), classes))


def _to_disk(file):
    file.flush()
    os.fsync(file.fileno())


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
