"""A CSV file scored into another, which is whole or can be gone on with."""

import contextlib
import hashlib
import io
import json
import time
import warnings

import numpy as np

from seqzoo.scoring import rows as csv_rows
from seqzoo.scoring.lock import Lock
from seqzoo.scoring.partial import Partial
from seqzoo.scoring.places import check_free, find_places
from seqzoo.scoring.reading import MarkedFile, read_opening
from seqzoo.scoring.scorer import Scorer


def score_csv(model, source, target, column="text", encoding="utf-8", overwrite=False, progress=None, prefix=None):
    """Write `source` with three columns more: probability, label (one of the model's classes) and error.

    Rows keep their order and cells. A row that can't be scored (no text, more cells than the header, a text of more
    than 10,000,000 characters) is written too, with the reason under `error` and the other two empty. A column that
    the input has already keeps its name, and ours is called `predicted_label` (`predicted_probability`, ...).

    The file is written beside `target`, as `TARGET.partial`, with a note in `TARGET.partial.json`, and renamed when it
    is whole. Where a stopped or killed run left these, the same call goes on after the last rows that reached the disk,
    and ends with the bytes that it would have had in one go. What was read and written is compared with the note first.
    `TARGET.partial.lock` keeps a second run from writing the same file.

    Args:
        model: a text classifier with `predict` (`seqzoo.load_pretrained`).
        source: path of a CSV file with a header.
        target: path of the CSV file to write (UTF-8).
        column: name of the column with the texts.
        encoding: of `source`; a byte order mark is taken off UTF-8.
        overwrite: replace `target`.
        progress: called with (rows done, share of the bytes read) after every chunk, and at once where a run goes on; or
            None.
        prefix: stands before the names of all three columns, such as "predicted_".

    Returns:
        `{"rows": ..., "failed": ..., "resumed": rows that an earlier run had done, "columns": {"probability": the name
        of that column, "label": ..., "error": ...}, "seconds": ...}`.

    Raises:
        FileNotFoundError: for a source, or a folder of the target, that is not there.
        FileExistsError: for a target that exists, without `overwrite`; for files of another kind at one of the three
            names beside it, which are left alone.
        BlockingIOError: while another run writes `target`.
        ValueError: for a source that is no file or would be written, a file that is no CSV of that encoding, as
            `seqzoo.data.csv_lines.csv_rows` has it, a column that is not there or there twice, a prefix that gives a name
            which is taken, and an earlier run's rows made from another input, column, encoding, model or program.

    Warns:
        UserWarning: where an earlier run's files are damaged, so that this one begins anew, or the input was changed
            after the rows that are done.
    """
    with prepared(source, target, column, encoding, overwrite, prefix) as job:
        return job.run(model, progress)


@contextlib.contextmanager
def prepared(source, target, column="text", encoding="utf-8", overwrite=False, prefix=None):
    """A `Job` whose output nothing else writes while the `with` lasts. What can be checked without a model has been.

    Args, Raises, Warns: as of `score_csv`.
    """
    places = find_places(source, target, overwrite)
    with Lock(places.lock, places.target):
        check_free(places, overwrite)  # who held the lock may have finished it
        job = Job(places, column, encoding, overwrite, read_opening(places.source, column, encoding, prefix))
        if job.partial.remark:
            warnings.warn(f"{places.target} {job.partial.remark}", stacklevel=4)
        yield job


class Job:
    """A file to be scored, see `prepared`.

    Args:
        places: `seqzoo.scoring.places.Places`.
        column, encoding, overwrite: as for `score_csv`.
        opening: `seqzoo.scoring.reading.Opening`.
    """

    def __init__(self, places, column, encoding, overwrite, opening):
        self.places, self.column, self.encoding, self.overwrite, self.opening = places, column, encoding, overwrite, opening
        self.added = opening.added
        same = {"column": column, "encoding": encoding, "added columns": self.added}
        same |= {"size of chunks": [csv_rows.CHUNK, csv_rows.CHARACTERS]}
        self.partial = Partial(places, same, csv_rows.as_csv([[*opening.header, *self.added.values()]]))

    def run(self, model, progress=None):
        """Write the target; returns what `score_csv` does."""
        start, partial, version = time.perf_counter(), self.partial, _weights(model)
        partial.settle("model", version)
        with Scorer(model, csv_rows.CHUNK, version) as scorer:
            partial.settle("program", scorer.choose(self.opening.texts, self.opening.more))
            self.opening = self.opening._replace(texts=())  # tens of megabytes, perhaps
            with partial:
                self._write(scorer, progress)
                check_free(self.places, self.overwrite)
                partial.finish()
        counts = {"rows": partial.rows, "failed": partial.failed, "resumed": partial.resumed}
        return counts | {"columns": self.added, "seconds": time.perf_counter() - start}

    def _write(self, scorer, progress):
        partial, source, header = self.partial, self.places.source, self.opening.header
        size = max(1, source.stat().st_size)
        if progress is not None and partial.resumed:
            progress(partial.resumed, min(1, partial.read / size))
        with open(source, "rb", buffering=0) as raw:
            file = MarkedFile(raw)
            _, rows = csv_rows.read_rows(io.BufferedReader(file), self.column, self.encoding, source)
            chunks = ((chunk, file.mark()) for chunk in csv_rows.chunks(rows, partial.resumed))
            with contextlib.closing(_scored(scorer, chunks, header.index(self.column), len(header))) as scored:
                for chunk, mark in scored:
                    partial.add(csv_rows.as_csv(chunk), len(chunk), sum(bool(row[-1]) for row in chunk), mark)
                    if progress is not None:
                        progress(partial.rows, min(1, mark.bytes / size))


def _scored(scorer, chunks, place, width):
    """Chunks of rows with their answers. While one is being computed, the next is read."""
    classes = getattr(scorer.model, "classes", ("negative", "positive"))
    begun = failure = None
    while True:
        following = None
        try:
            rows, mark = next(chunks, (None, None))
        except ValueError as error:  # a bad line: what was read before it is kept
            rows, failure = None, error
        if rows is not None:
            faults = [csv_rows.fault(row, place, width) for row in rows]
            texts = [row[place] for row, fault in zip(rows, faults, strict=True) if not fault]
            following = rows, faults, scorer.start(texts), mark
        if begun:
            yield _finished(begun, width, classes)
        begun = following
        if not begun:
            break
    if failure:
        raise failure


def _finished(begun, width, classes):
    rows, faults, answers, mark = begun
    # As Python's numbers, which are formatted five times as fast as NumPy's.
    return list(csv_rows.with_answers(rows, width, faults, np.asarray(answers()).tolist(), classes)), mark


def _weights(model):
    digest = hashlib.sha256(json.dumps(model.config, sort_keys=True).encode())
    for name, tensor in sorted(model.tensors().items()):
        digest.update(name.encode() + tensor.tobytes())
    return digest.hexdigest()
