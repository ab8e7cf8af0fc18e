"""Files scored by a Beam runner, from beginning to end: `seqzoo predict --runner`."""

import contextlib
import difflib
import json
import logging
import os
import sys
import time
from pathlib import Path

import apache_beam as beam
from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import DirectOptions, PipelineOptions, PortableOptions

from seqzoo.scoring import beam_files
from seqzoo.scoring.beam_pipeline import pipeline_of
from seqzoo.scoring.lock import Lock
from seqzoo.scoring.scorer import cores


def score_files(
    model,
    source,
    target,
    column="text",
    encoding="utf-8",
    format=None,
    prefix=None,
    overwrite=False,
    options=("--runner=DirectRunner",),
):
    """Score the rows of files by a pipeline of Apache Beam, into a folder with a file for each of them.

    The columns probability and label are added to the rows that can be scored; the others go to
    `target/failed/NAME.jsonl`, with the reason. Rows keep their order and their cells. `target/summary.json` says what
    was scored by what. Where a run was stopped, or a worker of a runner that does nothing again was lost, the same call
    goes on with the blocks of rows that are not done.

    Args:
        model: name of a pretrained text classifier, or its folder's path, which every worker has.
        source: path of a file, or a pattern of several, on any file system that Beam knows; compressed where their names
            say so.
        target: path of the folder.
        column: name of the column, key or feature with the texts.
        encoding: of the texts, for CSV, JSON lines and TFRecord.
        format: "csv", "jsonl", "parquet" or "tfrecord" (of `tf.train.Example`); told by the names when None.
        prefix: stands before the names of both columns, as for `score_csv`.
        overwrite: replace what an earlier run wrote into `target`.
        options: of Beam and the runner, as a list of command-line arguments.

    Returns:
        `{"rows": ..., "failed": ..., "resumed": rows of them that an earlier run had done, "unreadable": {path: what ended
        it before its end}, "columns": {...}, "files": {name below the target: rows}, "seconds": ...}`.

    Raises:
        FileNotFoundError: for a source that names nothing.
        FileExistsError: for a target with something in it, without `overwrite`, or something that no such run wrote.
        BlockingIOError: while another run on this machine writes `target`.
        ValueError: for files of several kinds, a column that is not there, names that are taken, and parts of another job.
        RuntimeError: where the runner failed; says how to go on.
    """
    start = time.perf_counter()
    from seqzoo.zoo import open_card

    given, (_, card) = _options(options), open_card(model)
    job, files, of = beam_files.find_job(
        model, beam_files.identity_of(card), source, target, column, encoding, format, prefix, overwrite, _threads(given)
    )
    before = beam_files.earlier_files(job.output) or []
    if _loopback(given):  # Beam starts its worker processes as `python`
        os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])
    with _locked(job.output), _quiet():
        beam_files.begin(job, of)
        resumed = beam_files.kept_rows(job.output)
        _run(job, files, given)
        counts = _counts(job) | {"resumed": resumed, "columns": dict(zip(("probability", "label"), job.names, strict=True))}
        counts["seconds"] = round(time.perf_counter() - start, 3)
        beam_files.finish(job, of, counts, before)
    return counts


def _run(job, files, options):
    try:
        pipeline = beam.Pipeline(options=options)
        pipeline_of(job, files, pipeline)
        state = pipeline.run().wait_until_finish()
        if str(state) != "DONE":
            raise RuntimeError(f"the pipeline ended as {state}")
    except Exception as error:
        raise RuntimeError(f"The runner failed: {_plain(error)}. {how_to_go_on_in(job.output)}") from error


def how_to_go_on_in(output):
    """In words, what a run that was stopped has kept."""
    output = beam_files.absolute(output)
    rows = beam_files.kept_rows(output)
    if not rows:
        return "Nothing is kept: the same command begins anew"
    return f"{rows:,} rows are kept in {FileSystems.join(output, 'parts')}: the same command goes on with the others"


def _plain(error):
    """The line of an error that says what happened: Beam puts a worker's whole traceback into the message."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line for line in lines if ("Error: " in line or "Exception: " in line) and not line.startswith("File ")]
    return (told or lines or [type(error).__name__])[-1][:500].rstrip(".")


def _options(flags):
    """`PipelineOptions` where several workers of the direct runner are processes, unless another mode is asked for."""
    flags = list(flags)
    options = PipelineOptions(flags)
    _check_known(options, flags)
    if (options.view_as(DirectOptions).direct_num_workers or 1) != 1 and not _given(flags, "direct_running_mode"):
        flags.append("--direct_running_mode=multi_processing")
    if not _given(flags, "default_sdk_harness_log_level"):
        flags.append("--default_sdk_harness_log_level=ERROR")
    return PipelineOptions(flags)


def _check_known(options, flags):
    """Raises ValueError for an option that a runner in Python does not know; another's may be its own."""
    logger = logging.getLogger("apache_beam.options.pipeline_options")
    disabled, logger.disabled = logger.disabled, True  # it would say the same
    try:
        known, every = options.get_all_options(), options.get_all_options(retain_unknown_options=True)
    finally:
        logger.disabled = disabled
    unknown = sorted(set(every) - set(known))
    if unknown and (known.get("runner") or "DirectRunner").rpartition(".")[2] in ("DirectRunner", "FnApiRunner"):
        near = [f"--{each}" for name in unknown for each in difflib.get_close_matches(name, known, 1)]
        hint = f", such as {near[0]}" if near else ""
        raise ValueError(
            f"Options beside ours must be of Beam's DirectRunner{hint}. Received: {', '.join(f'--{name}' for name in unknown)}"
        )


def _given(flags, name):
    return any(flag.split("=")[0] == f"--{name}" for flag in flags)


def _threads(options):
    """A worker's share of the cores, where the options say that there are several processes on a machine."""
    direct = options.view_as(DirectOptions)
    processes = options.view_as(PortableOptions).sdk_worker_parallelism or 1
    if direct.direct_running_mode == "multi_processing":
        processes = max(processes, direct.direct_num_workers or cores())
    return max(1, cores() // processes) if processes > 1 else None


def _loopback(options):
    return "use_loopback_process_worker" in " ".join(options.get_all_options().get("experiments") or [])


def _counts(job):
    """What the notes of `Join` add up to."""
    found, unreadable, files = [], {}, {}
    for number, (path, name) in enumerate(job.files):
        with FileSystems.open(job.below("parts", f"{number:06d}.json")) as file:
            note = json.loads(file.read())
        found.append(note)
        if note["blocks"]:
            files[name] = note["rows"] - note["failed"]
        if note["failed"] or note["unreadable"]:
            files[f"failed/{name}.jsonl"] = note["failed"]
        if note["unreadable"]:
            unreadable[path] = note["unreadable"]
    sums = {key: sum(note[key] for note in found) for key in ("rows", "failed")}
    return sums | {"unreadable": unreadable, "files": files}


@contextlib.contextmanager
def _locked(output):
    """One run at a time on this machine; another machine's is not seen."""
    if FileSystems.get_scheme(output) is not None:
        yield
        return
    place = Path(output).absolute()
    with Lock(place.with_name(place.name + ".lock"), place):
        yield


@contextlib.contextmanager
def _quiet():
    """Beam says much at level INFO."""
    logger = logging.getLogger()
    before = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(before)
