"""The kinds of files that a pipeline reads and writes: rows in, blocks of them out; scored blocks in, a file out.

A kind is an object with
- `endings` of its files' names, without that of a compression;
- `blocks(file, path, column, encoding, names)`: `Rows` of at most `CHUNK` rows, at least one (which may be empty), in
  order. A ValueError comes after the last row that could be read. `names` are those of the columns that will be added;
- `part(rows, keep, names, answers)`: bytes of the rows that `keep` marks, with (probability, label) of each;
- `join(rows_header, names, parts, target)`: writes binary files, one after the other, as one file;
- `shown(rows, place)`: a row as JSON values, for a person.
"""

import csv
import io
import json
import os
import tempfile
from typing import Any, NamedTuple

from seqzoo.data.csv_lines import LONGEST_CELL
from seqzoo.scoring import rows as csv_rows

COMPRESSIONS = (".gz", ".bz2", ".zst", ".xz", ".deflate", ".lzma")


class Rows(NamedTuple):
    """A block of a file's rows: as the kind keeps them, their texts, and why each can't be scored ("" if it can)."""

    values: Any
    texts: list
    faults: list
    header: Any = None  # what the kind's `join` needs to know of the file
    columns: tuple = ()  # names that are there, to which others are added


def format_of(name):
    """The kind of a file by its name, a key of `FORMATS`; None where that tells nothing."""
    name = name.rpartition("/")[2].lower()
    for ending in COMPRESSIONS:
        name = name.removesuffix(ending)
    for kind, of in FORMATS.items():
        if name.endswith(of.endings):
            return kind
    return "tfrecord" if ".tfrecord-" in name else None


class CsvRows:
    """CSV with a header; rows are lists of str."""

    endings = (".csv",)

    def blocks(self, file, path, column, encoding, names=()):
        csv.field_size_limit(LONGEST_CELL)  # of the process, which only reads here: threads must not give it back
        header, rows = csv_rows.read_rows(file, column, encoding, path)
        _check_names(header, names, path)
        place, width = header.index(column), len(header)
        found = ((row, row[place] if len(row) > place else "", csv_rows.fault(row, place, width)) for row in rows)
        yield from _in_blocks(found, header, tuple(header))

    def part(self, rows, keep, names, answers):
        width = len(rows.columns)
        kept = (row for row, kept in zip(rows.values, keep, strict=True) if kept)
        filled = ([*row, *[""] * (width - len(row)), f"{p:.6f}", label] for row, (p, label) in zip(kept, answers, strict=True))
        return csv_rows.as_csv(filled)

    def join(self, header, names, parts, target):
        target.write(csv_rows.as_csv([[*header, *names]]))
        _concatenate(parts, target)

    def shown(self, rows, place):
        row = rows.values[place]
        return dict(zip(rows.columns, row, strict=False)) if len(row) <= len(rows.columns) else row


class JsonLines:
    """A JSON object a line, in UTF-8."""

    endings = (".jsonl", ".ndjson", ".jsonlines")

    def blocks(self, file, path, column, encoding, names=()):
        def found():
            for line in _lines(file, path, encoding):
                try:
                    row = json.loads(line)
                except (ValueError, RecursionError) as error:
                    yield line, "", f"no JSON: {error}"
                    continue
                if not isinstance(row, dict):
                    yield line, "", f"a JSON object is needed, not {type(row).__name__}"
                else:
                    text = row.get(column)
                    yield row, text, _taken(row, names) or _fault(text)

        yield from _in_blocks(found(), columns=lambda row: tuple(row) if isinstance(row, dict) else ())

    def part(self, rows, keep, names, answers):
        kept = (row for row, kept in zip(rows.values, keep, strict=True) if kept)
        added = ((round(probability, 9), label) for probability, label in answers)
        lines = (json.dumps(row | dict(zip(names, pair, strict=True))) for row, pair in zip(kept, added, strict=True))
        return "".join(line + "\n" for line in lines).encode()

    def join(self, header, names, parts, target):
        _concatenate(parts, target)

    def shown(self, rows, place):
        return rows.values[place]


class ParquetRows:
    """Parquet; a block is a `pyarrow.Table`, and columns keep their types."""

    endings = (".parquet", ".pq")

    def blocks(self, file, path, column, encoding, names=()):
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            opened = pq.ParquetFile(file)
            columns = opened.schema_arrow.names
            csv_rows.check_columns(columns, {"--column": column}, path)
            _check_names(columns, names, path)
            empty = True
            for batch in opened.iter_batches(csv_rows.CHUNK):
                texts, empty = batch.column(columns.index(column)).to_pylist(), False
                table = pa.Table.from_batches([batch])
                yield Rows(table, texts, [_fault(text) for text in texts], None, tuple(columns))
            if empty:
                yield Rows(opened.schema_arrow.empty_table(), [], [], None, tuple(columns))
        except pa.ArrowException as error:
            raise ValueError(f"{path} must be Parquet. Received: {error}") from None

    def part(self, rows, keep, names, answers):
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = rows.values.filter(pa.array(keep, pa.bool_()))
        for name, values, kind in zip(names, zip(*answers, strict=True) if answers else ([], []), _kinds(pa), strict=True):
            table = table.append_column(name, pa.array(list(values), kind))
        target = io.BytesIO()
        pq.write_table(table, target)
        return target.getvalue()

    def join(self, header, names, parts, target):
        import pyarrow.parquet as pq

        writer = None
        for part in parts:
            table = pq.read_table(io.BytesIO(part.read()))
            writer = writer or pq.ParquetWriter(target, table.schema)
            writer.write_table(table)
        writer.close()

    def shown(self, rows, place):
        return rows.values.slice(place, 1).to_pylist()[0]


class TFRecords:
    """TFRecord files of `tf.train.Example`, as tensorflow-datasets prepares them; the text is a bytes feature in UTF-8."""

    endings = (".tfrecord", ".tfrecords")

    def blocks(self, file, path, column, encoding, names=()):
        import tensorflow as tf

        def found():
            with tempfile.NamedTemporaryFile() as copy:  # TensorFlow reads by name, and knows few file systems
                _copy(file, copy)
                copy.flush()
                try:
                    for record in tf.data.TFRecordDataset(copy.name).as_numpy_iterator():
                        yield (record, *_text_of(tf, record, column, encoding, names))
                except (tf.errors.DataLossError, tf.errors.OutOfRangeError) as error:
                    raise ValueError(f"{path} must be a TFRecord file. Received: {error.message}") from None

        yield from _in_blocks(found(), columns=lambda record: tuple(tf.train.Example.FromString(record).features.feature))

    def part(self, rows, keep, names, answers):
        import tensorflow as tf

        kept = (row for row, kept in zip(rows.values, keep, strict=True) if kept)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "part")
            with tf.io.TFRecordWriter(path) as writer:
                for record, answer in zip(kept, answers, strict=True):
                    example = tf.train.Example.FromString(record)
                    example.features.feature[names[0]].float_list.value.append(answer[0])
                    example.features.feature[names[1]].bytes_list.value.append(answer[1].encode())
                    writer.write(example.SerializeToString())
            with open(path, "rb") as file:
                return file.read()

    def join(self, header, names, parts, target):
        _concatenate(parts, target)

    def shown(self, rows, place):
        return rows.values[place].decode("utf-8", "backslashreplace")[:1000]


FORMATS = {"csv": CsvRows(), "jsonl": JsonLines(), "parquet": ParquetRows(), "tfrecord": TFRecords()}


def _in_blocks(found, header=None, columns=()):
    """`Rows` from an iterator of (row, text, fault). What was read before an error is a block too.

    `columns` may be a function that gives them from a block's first row that can be scored.
    """
    rows, characters, any_block, failure = [], 0, False, None
    while True:
        try:
            each = next(found, None)
        except ValueError as error:
            each, failure = None, error
        if each is not None:
            rows.append(each)
            characters += len(each[1]) if isinstance(each[1], str) else 0
        if (
            rows
            and (each is None or len(rows) == csv_rows.CHUNK or characters >= csv_rows.CHARACTERS)
            or (each is None and not any_block)
        ):
            first = next((row for row, _, fault in rows if not fault), None)
            there = (columns(first) if first is not None else ()) if callable(columns) else columns
            yield Rows(*(list(part) for part in zip(*rows, strict=True)) if rows else ([], [], []), header, there)
            rows, characters, any_block = [], 0, True
        if each is None:
            break
    if failure:
        raise failure


def _fault(text):
    if text is None:
        return "no text"
    if not isinstance(text, str):
        return f"the text is {type(text).__name__}, not a string"
    return csv_rows.fault([text], 0, 1)


def _text_of(tf, record, column, encoding, names):
    try:
        feature = tf.train.Example.FromString(record).features.feature
        if column not in feature:
            return "", f"no feature {column}: it must be one of {', '.join(sorted(feature))[:200]}"
        if taken := _taken(feature, names):
            return "", taken
        values = feature[column].bytes_list.value
        if len(values) != 1:
            return "", f"the feature {column} holds {len(values)} strings, not one"
        text = values[0].decode(encoding)
    except UnicodeDecodeError as error:
        return "", f"no text in the encoding {encoding}: {error.reason}"
    except Exception as error:  # protobuf's DecodeError, which lies elsewhere in every version
        return "", f"no tf.train.Example: {error}"
    return text, _fault(text)


def _taken(row, names):
    taken = [name for name in names if name in row]
    return f"{' and '.join(taken)} is there already: --prefix names the added columns otherwise" if taken else ""


def _check_names(columns, names, path):
    if fault := _taken(columns, names):
        raise ValueError(f"{path} must have no column of an added one's name. Received: {fault}")


def _kinds(pa):
    return pa.float32(), pa.string()


def _lines(file, path, encoding):
    try:
        text = io.TextIOWrapper(file, encoding)
        while line := text.readline(LONGEST_CELL):
            if len(line) == LONGEST_CELL:
                raise ValueError(f"A line of {path} may have at most {LONGEST_CELL:,} characters. Received: more")
            if line.strip():
                yield line
        text.detach()
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} must be text in the encoding {encoding} (--encoding). Received: {error.reason}") from None


def _concatenate(parts, target):
    for part in parts:
        _copy(part, target)


def _copy(source, target):
    while block := source.read(1 << 20):
        target.write(block)
