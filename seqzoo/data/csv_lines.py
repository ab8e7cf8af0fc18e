"""CSV files of unknown origin, row by row, with the place of what is wrong in them."""

import codecs
import csv
import difflib
import io
import shlex

# Characters. A longer cell is a quote that nobody closed, which makes one cell of the rest of the file.
LONGEST_CELL = 16_000_000
LONGEST_LINE = 64_000_000
_USUAL = ("text", "review", "sentence", "comment", "content", "body", "message", "tweet", "description", "title")


def csv_rows(raw, encoding, source):
    """The rows of a binary file as lists of str, of which an empty line is none.

    Args:
        raw: the file, open for reading bytes.
        encoding: its encoding; a byte order mark is taken off UTF-8.
        source: its name, for errors.

    Raises:
        ValueError: while it goes on, with the line, for bytes that are not of the encoding, quotes that never close,
            a cell of more than 16,000,000 characters or a line of more than 64,000,000; an encoding that Python does
            not know.
    """
    reader = csv.reader(_lines(raw, encoding, source), strict=True)
    while True:
        begins = reader.line_num + 1
        try:
            row = _next(reader)
        except csv.Error as error:
            if "field limit" in str(error):
                raise ValueError(
                    f"A cell of {source} may have at most {LONGEST_CELL:,} characters; a quote that is never closed makes "
                    f"one of all that follows. Received: more, in the row that begins in line {begins}"
                ) from None
            raise ValueError(f"{source} must be CSV. Received: {error}, in the row that begins in line {begins}") from None
        if row is None:
            return
        if row:
            yield row


def check_columns(header, columns, source):
    """Raises ValueError unless there is a header with each of some columns once.

    Args:
        header: list of str, None for an empty file.
        columns: what names a column on the command line -> its name, such as {"--column": "text"}.
        source: the file's name.
    """
    if header is None:
        raise ValueError(f"{source} must hold a header and rows. Received: an empty file")
    for option, column in columns.items():
        if header.count(column) != 1:
            twice = " twice" * (column in header)
            likely = _likely([name for name in header if name not in columns.values()], column)
            raise ValueError(
                f"The column must be one of {', '.join(header)}, and there once; name it, such as "
                f"{option} {shlex.quote(likely)}. Received: {column}{twice}"
            )


def check_encoding(encoding):
    """Raises ValueError for an encoding of text that Python does not know."""
    try:
        io.TextIOWrapper(io.BytesIO(), encoding)
    except (LookupError, ValueError):
        raise ValueError(
            f"The encoding (--encoding) must be one that Python knows, such as utf-8. Received: {encoding}"
        ) from None


def _likely(header, column):
    """The column that was perhaps meant."""
    once = [name for name in header if name.strip() and header.count(name) == 1] or header
    plain = {name.strip().lower(): name for name in reversed(once)}
    usual = [name for word in _USUAL for name in plain if word in name]
    near = difflib.get_close_matches(column.strip().lower(), plain, 1)
    return next((plain[name] for name in [*near, *usual, *reversed(plain)]), column)


def _next(reader):
    """The next row, None after the last. The limit is the process's, so it is given back."""
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        return next(reader, None)
    finally:
        csv.field_size_limit(before)


def _lines(raw, encoding, source):
    """Decoded lines; the place of bytes that are not of the encoding is named."""
    check_encoding(encoding)
    number = 0
    is_utf_8 = encoding.lower().replace("_", "-") in ("utf-8", "utf8")
    try:
        text = io.TextIOWrapper(raw, "utf-8-sig" if is_utf_8 else encoding, newline="")
        while line := text.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE:
                raise ValueError(
                    f"A line of {source} may have at most {LONGEST_LINE:,} characters. Received: more, in line {number}"
                )
            yield line
        text.detach()  # or `raw` is closed with it
    except UnicodeError as error:
        wrong, place = b"", f"after line {number}"
        if isinstance(error, UnicodeDecodeError):  # of a block that no line has been taken from
            wrong = error.object
            place = f"in line {number + 1 + wrong.count(10, 0, error.start)}"  # 10 is \n
        wide = not number and wrong.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        other = "utf-16" if wide else "latin-1"
        raise ValueError(
            f"{source} must be text in the encoding {encoding}; another, such as {other}, can be named: --encoding {other}. "
            f"Received: {error.reason if wrong else error}, {place}"
        ) from None
