"""Files of any number scored by a pipeline: read in blocks, scored by `RunInference`, written where they were read from.

    Files -> Reshuffle -> Read -> Score (RunInference) -> Write -> GroupByKey -> Join

Rows pass from Read to Write inside one worker and never through a shuffle, so memory stays constant with any number of
them; what is grouped is a few numbers a block. A block that is done is not done again (`seqzoo.scoring.beam_files`).
"""

import json
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.io.filesystems import FileSystems
from apache_beam.ml.inference.base import ModelHandler, PredictionResult, RunInference

from seqzoo.scoring import beam_files
from seqzoo.scoring.beam import PretrainedModelHandler
from seqzoo.scoring.rows import label_of


class Block(NamedTuple):
    """Rows of a file: its number in the job, the block's place in it, the rows before it, what was read."""

    number: int
    index: int
    before: int
    rows: Any  # `seqzoo.scoring.beam_formats.Rows`


class Read(beam.DoFn):
    """(number, stride, strides) of a file -> `Block`s to score; tagged "done", (number, what `Write` gives) of others."""

    def __init__(self, job):
        self.job = job

    def process(self, element):
        number, stride, strides = element
        job, (path, _) = self.job, self.job.files[number]
        done, before, index, failure = job.parts(number), 0, -1, None
        with beam_files.open_input(path) as file:
            blocks = job.format.blocks(file, path, job.column, job.encoding, job.names)
            while True:
                try:
                    rows = next(blocks, None)
                except ValueError as error:
                    rows, failure = None, str(error)
                if rows is None:
                    break
                index += 1
                if index % strides == stride:
                    if index in done:
                        yield beam.pvalue.TaggedOutput("done", (number, ("part", index, *done[index], rows.header)))
                    else:
                        yield Block(number, index, before, rows)
                before += len(rows.texts)
        yield beam.pvalue.TaggedOutput("done", (number, ("end", index + 1, before, failure, None)))


class BlockHandler(ModelHandler):
    """`Block`s in, `PredictionResult(block, [(probability, label) or an error's text, None for a fault])` out."""

    def __init__(self, handler):
        super().__init__(min_batch_size=1, max_batch_size=1)
        self.handler = handler

    def load_model(self):
        return self.handler.load_model()

    def run_inference(self, batch, model, inference_args=None):
        return [PredictionResult(block, self._answers(block.rows, model), self.handler.model) for block in batch]

    def get_num_bytes(self, batch):
        return sum(len(text) for block in batch for text in block.rows.texts if isinstance(text, str))

    def get_metrics_namespace(self):
        return self.handler.get_metrics_namespace()

    def _answers(self, rows, model):
        texts = [text for text, fault in zip(rows.texts, rows.faults, strict=True) if not fault]
        try:
            found = model.answer(texts)
        except Exception:  # of which text? Each for itself, then
            found = [_one(model, text) for text in texts]
        found = iter([each if isinstance(each, str) else label_of(each, model.classes) for each in found])
        return [None if fault else next(found) for fault in rows.faults]


class Write(beam.DoFn):
    """A scored block -> its part, and (number, ("part", place, rows, failed, header))."""

    def __init__(self, job):
        self.job = job

    def process(self, result):
        block, answers = result.example, result.inference
        number, index, before, rows = block
        keep = [isinstance(answer, tuple) for answer in answers]
        content = self.job.format.part(rows, keep, self.job.names, [answer for answer in answers if isinstance(answer, tuple)])
        reasons = [fault or answer for fault, answer in zip(rows.faults, answers, strict=True)]
        failed = [
            {"row": before + place + 1, "reason": reasons[place], "values": self.job.format.shown(rows, place)}
            for place, kept in enumerate(keep)
            if not kept
        ]
        path = self.job.part(number, index, sum(keep), len(failed))
        if failed:  # first: where the part is, this is too
            source = {"file": self.job.files[number][0]}
            lines = "".join(json.dumps(source | row, default=str) + "\n" for row in failed)
            beam_files.write_whole(f"{path}.failed", lines.encode())
        beam_files.write_whole(path, content)
        yield number, ("part", index, sum(keep), len(failed), rows.header)


class Join(beam.DoFn):
    """(number, all of a file's parts and ends) -> the file, the one of its failed rows, and a note of both."""

    def __init__(self, job):
        self.job = job

    def process(self, element):
        number, found = element
        job, (path, name) = self.job, self.job.files[number]
        rows, failure, parts = _complete(path, list(found))
        places = [job.part(number, index, scored, failed) for index, (_, _, scored, failed, _) in enumerate(parts)]
        if parts:
            with beam_files.whole_file(job.below(name)) as target:
                job.format.join(parts[0][4], job.names, map(FileSystems.open, places), target)
        failed = [f"{place}.failed" for place, part in zip(places, parts, strict=True) if part[3]]
        if failed or failure:
            self._write_failed(name, failed, path, rows, failure)
        note = {"rows": rows, "failed": sum(part[3] for part in parts), "unreadable": failure, "blocks": len(parts)}
        beam_files.write_whole(job.below("parts", f"{number:06d}.json"), json.dumps(note).encode())
        yield number

    def _write_failed(self, name, parts, path, rows, failure):
        folder = self.job.below("failed")
        if not FileSystems.exists(folder):
            FileSystems.mkdirs(folder)
        with beam_files.whole_file(FileSystems.join(folder, f"{name}.jsonl")) as target:
            for part in parts:
                with FileSystems.open(part) as file:
                    target.write(file.read())
            if failure:
                after = {"file": path, "row": rows + 1, "reason": f"nothing was read from here on: {failure}", "values": None}
                target.write((json.dumps(after) + "\n").encode())


def pipeline_of(job, files, pipeline):
    """Put the transforms of a job on a Beam pipeline.

    Args:
        job: `seqzoo.scoring.beam_files.Job`.
        files: `FileMetadata` of its files, in their order.
        pipeline: `apache_beam.Pipeline`.

    Returns:
        a PCollection of the numbers of the files that are written.
    """
    handler = BlockHandler(PretrainedModelHandler(job.model, threads=job.threads))
    strides = [(number, beam_files.strides_of(each.size_in_bytes)) for number, each in enumerate(files)]
    read = (
        pipeline
        | "Files" >> beam.Create([(number, stride, of) for number, of in strides for stride in range(of)], reshuffle=False)
        | "Reshuffle" >> beam.Reshuffle()
        | "Read" >> beam.ParDo(Read(job)).with_outputs("done", main="blocks")
    )
    scored, trouble = read.blocks | "Score" >> RunInference(handler).with_exception_handling()
    # Each written by itself: a Flatten before Write would send all rows through the runner's memory.
    written = scored | "Write" >> beam.ParDo(Write(job))
    lost = trouble.failed_inferences | "Not scored" >> beam.FlatMap(_as_failed) | "Write not scored" >> beam.ParDo(Write(job))
    parts = (written, lost, read.done) | "Parts" >> beam.Flatten()
    return parts | "Of a file" >> beam.GroupByKey() | "Join" >> beam.ParDo(Join(job))


def _complete(path, found):
    """The rows of a file, what ended it before its end or None, and its parts in order.

    Raises:
        RuntimeError: where a row is missing or there twice, or the file was changed meanwhile.
    """
    ends = {each[1:4] for each in found if each[0] == "end"}
    parts = {each[1]: each for each in found if each[0] == "part"}
    if len(ends) == 1:
        ((blocks, rows, failure),) = ends
        counted = sum(each[2] + each[3] for each in parts.values())
        if sorted(parts) == list(range(blocks)) and counted == rows:
            return rows, failure, [parts[index] for index in range(blocks)]
    raise RuntimeError(
        f"Every row of {path} must be read and scored once; was it changed meanwhile? Received: (blocks, rows) "
        f"{sorted(each[:2] for each in ends)} read, ({len(parts)}, {sum(each[2] + each[3] for each in parts.values())}) scored"
    )


def _one(model, text):
    try:
        return model.answer([text])[0]
    except Exception as error:
        return f"the model failed: {type(error).__name__}: {error}"


def _as_failed(failed):
    """Blocks that `RunInference` gave up, as `Write` takes them."""
    blocks, error = failed
    reason = f"the model failed: {error[1] if isinstance(error, tuple) else error}"
    for block in blocks:
        yield PredictionResult(block, [None if fault else reason for fault in block.rows.faults])
