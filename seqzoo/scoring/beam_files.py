"""What a pipeline reads and where it writes: decided before it starts, and the same when it is started again.

    OUTPUT/NAME                the scored rows of an input file of that name
    OUTPUT/failed/NAME.jsonl   its rows that can't be scored, with the reason, where there are any
    OUTPUT/summary.json        what was scored by what, written last
    OUTPUT/parts/              while a run is not finished: a file for every block of rows that is done, and of what job

Every file is written under another name and renamed. A part is named by its file and place, so that a block that a
runner does again, after a worker was lost or beside a slow one, takes the place of what it was.
"""

import contextlib
import hashlib
import io
import json
import os
from typing import NamedTuple

from apache_beam.io.filesystem import CompressionTypes
from apache_beam.io.filesystems import FileSystems

from seqzoo.files import write_atomically
from seqzoo.scoring import rows as csv_rows
from seqzoo.scoring.beam_formats import COMPRESSIONS, FORMATS, format_of

FORM = "seqzoo predict with a runner, form 1"
STRIDE = 64 << 20  # bytes of a file from which on several workers read it
MOST_STRIDES = 16


class Job(NamedTuple):
    """All that a worker must know, small and picklable."""

    model: str
    threads: int | None
    kind: str  # of the files, a key of `FORMATS`
    column: str
    encoding: str
    names: tuple  # of the columns that are added: probability, label
    output: str
    files: tuple  # (path, name below the output)

    @property
    def format(self):
        return FORMATS[self.kind]

    def part(self, number, index, rows, failed):
        """The name of a block's part: file, place, rows that were scored, rows that can't be."""
        return self.below("parts", f"{number:06d}.{index:08d}.{rows}.{failed}.part")

    def below(self, *names):
        return FileSystems.join(self.output, *names)

    def parts(self, number):
        """What is done of a file: {place: (rows, failed)}."""
        return {index: counts for of, index, counts in _parts(self.output, f"{number:06d}.") if of == number}


def find_files(pattern):
    """`FileMetadata` of the files that a pattern names, sorted by path.

    Raises:
        FileNotFoundError: where there are none.
    """
    with _said_plainly(pattern):
        matched = FileSystems.match([absolute(pattern)])[0].metadata_list
    found = [each for each in matched if FileSystems.get_scheme(each.path) is not None or os.path.isfile(each.path)]
    if not found:
        raise FileNotFoundError(
            f"The input (--input) must be a file or a pattern, such as 'reviews-*.csv'. Received: {pattern}, which names no file"
        )
    return sorted(found, key=lambda each: each.path)


def find_job(model, identity, source, target, column, encoding, kind, prefix, overwrite, threads):
    """`Job` of a run, checked as far as that needs no model, and how many files of an earlier run go with `overwrite`.

    Args:
        model: name or path.
        identity: what tells the model's weights from others', a str.
        others: as for `seqzoo.scoring.beam_pipeline.score_files`, which says what is raised.
    """
    found = find_files(source)
    kinds = {each.path: kind or format_of(each.path) for each in found}
    several = sorted({of or "unknown" for of in kinds.values()})
    if len(several) > 1 or several[0] not in FORMATS:
        raise ValueError(
            f"The input must be files of one kind, {', '.join(FORMATS)}, told by their names or --format. Received: "
            f"{source}, {' and '.join(several)}"
        )
    kind, files = several[0], tuple(zip([each.path for each in found], _names(found), strict=True))
    names = _names_of_added(files[0][0], FORMATS[kind], column, encoding, prefix)
    job = Job(str(model), threads, kind, column, encoding, names, absolute(target), files)
    of = {"form": FORM, "model": identity, "column": column, "encoding": encoding, "format": kind, "added columns": list(names)}
    of |= {"size of blocks": [csv_rows.CHUNK, csv_rows.CHARACTERS]}
    of |= {"input": [[each.path, each.size_in_bytes, each.last_updated_in_seconds] for each in found]}
    _check_output(job, of, overwrite)
    return job, found, of


def absolute(path):
    """A path for every process of this machine; one of another file system stays as it is."""
    return os.path.abspath(path) if FileSystems.get_scheme(str(path)) is None else str(path)


def strides_of(size):
    """By how many workers a file is read: each reads all of it and scores every so manieth block."""
    return min(MOST_STRIDES, 1 + size // STRIDE)


def begin(job, of):
    """The folder and the note of the job, where this is no earlier run's."""
    note = job.below("parts", "job.json")
    if not FileSystems.exists(note):
        for folder in (job.output, job.below("parts")):
            with contextlib.suppress(OSError):  # it is there
                FileSystems.mkdirs(folder)
        write_whole(note, json.dumps(of).encode())


def finish(job, of, counts, before):
    """The summary; the parts go, and what an earlier run had written that this one did not."""
    written = [path for path, _ in counts["files"].items()]
    write_whole(job.below("summary.json"), (json.dumps({"made_by": FORM, "job": of, **counts}, indent=1) + "\n").encode())
    gone = [job.below(*name.split("/")) for name in before if name not in written]
    gone += paths_like(job.below("parts", "*"))
    if gone := [path for path in gone if FileSystems.exists(path)]:
        FileSystems.delete(gone)
    FileSystems.delete([job.below("parts")])


def earlier_files(output):
    """Names of the files that the summary of a finished run says it wrote; None where there is no such summary."""
    path = FileSystems.join(output, "summary.json")
    if not FileSystems.exists(path):
        return None
    try:
        with FileSystems.open(path) as file:
            found = json.loads(file.read())
        return list(found["files"]) if found["made_by"] == FORM else None
    except (ValueError, KeyError, TypeError, UnicodeDecodeError):
        return None


def kept_rows(output):
    """How many rows a run that was stopped has done."""
    return sum(sum(counts) for counts in {(number, index): counts for number, index, counts in _parts(output)}.values())


def _parts(output, begin=""):
    """(number of the file, place of the block, (rows scored, rows that can't be)) of the parts there."""
    for path in paths_like(FileSystems.join(output, "parts", f"{begin}*.part")):
        number, index, rows, failed, _ = os.path.basename(path).split(".")
        yield int(number), int(index), (int(rows), int(failed))


def paths_like(pattern):
    return sorted(each.path for each in FileSystems.match([pattern])[0].metadata_list)


def open_input(path):
    """A file for reading bytes, decompressed where its name says that it is compressed."""
    file = FileSystems.open(path, compression_type=CompressionTypes.AUTO)
    return file if hasattr(file, "writable") else io.BufferedReader(_Whole(file), 1 << 20)


def write_whole(path, data):
    """Write bytes so that nobody meets half of them. On a local disk they have reached it."""
    if FileSystems.get_scheme(path) is None:
        return write_atomically(path, data)
    with whole_file(path) as file:
        file.write(data)


class _Whole(io.RawIOBase):
    """Beam's decompressing file as Python's own readers want a file."""

    def __init__(self, file):
        super().__init__()
        self.file = file

    def readable(self):
        return True

    def readinto(self, buffer):
        found = self.file.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)

    def close(self):
        self.file.close()
        super().close()


@contextlib.contextmanager
def whole_file(path):
    """A binary file to write that becomes `path` where the block ends without an error."""
    kind = CompressionTypes.detect_compression_type(path)
    partial = f"{path}.{os.urandom(6).hex()}.partial"
    try:
        with FileSystems.create(partial, compression_type=kind) as file:
            yield file
        FileSystems.rename([partial], [path])
    except BaseException:
        with contextlib.suppress(Exception):
            FileSystems.delete([partial])
        raise


def _names_of_added(path, kind, column, encoding, prefix):
    with open_input(path) as file:
        first = next(iter(kind.blocks(file, path, column, encoding)))
    names = csv_rows.added_columns(list(first.columns), prefix)
    return names["probability"], names["label"]


def _names(found):
    """Names for outputs: those of the files, with their folders where several are alike."""
    paths = [each.path for each in found]
    names = [path.rpartition("/")[2] for path in paths]
    if len(set(names)) < len(names):
        common = os.path.commonprefix([path.rpartition("/")[0] + "/" for path in paths]).rpartition("/")[0] + "/"
        names = [path.removeprefix(common).replace("/", "-") for path in paths]
    if len(set(names)) < len(names):
        raise ValueError(f"Input files must have names of their own. Received: {', '.join(sorted(names))[:300]}")
    return names


def _check_output(job, of, overwrite):
    output = job.output
    if FileSystems.get_scheme(output) is None and os.path.isfile(output):
        raise FileExistsError(f"The output must be a folder (--output), made where it is not there. Received: {output}, a file")
    if output.endswith(COMPRESSIONS) or format_of(output):
        raise ValueError(
            f"With --runner the output (--output) is a folder, a file in it for each of the input. Received: {output}"
        )
    for path, name in job.files:
        if FileSystems.get_scheme(path) is None and os.path.realpath(path) == os.path.realpath(job.below(name)):
            raise ValueError(f"The output must be another folder than the input's. Received: {output}")
    note = job.below("parts", "job.json")
    if FileSystems.exists(note):
        with FileSystems.open(note) as file:
            before = json.loads(file.read())
        if other := [key for key, value in of.items() if before.get(key) != value]:
            raise ValueError(
                f"To go on, input, model, column, encoding, format and added columns must be those that the parts in "
                f"{job.below('parts')} were made with; to begin anew, delete that folder. Received: another {', '.join(other)}"
            )
        return
    there = paths_like(job.below("*"))
    if there and earlier_files(output) is None:
        raise FileExistsError(
            f"The output must be an empty folder, or none (--output). Received: {output}, with {there[0]} in it"
        )
    if there and not overwrite:
        raise FileExistsError(f"The output must not exist yet; overwrite replaces what an earlier run wrote. Received: {output}")


@contextlib.contextmanager
def _said_plainly(pattern):
    try:
        yield
    except Exception as error:  # BeamIOError, or the ValueError of a scheme whose client is not installed
        raise FileNotFoundError(f"The input (--input) must be readable. Received: {pattern}: {error}") from error


def identity_of(card):
    """What tells a model's answers from others', from its card: SHA-256 of its files' hashes and its form."""
    told = {key: value for key, value in card.items() if key in ("files", "config", "architecture", "task")}
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()
