"""CSV files of unknown origin, row by row, with the place of what is wrong in them."""

import csv
import io
import sys


def csv_rows(raw, encoding, source):
    """The rows of a binary file as lists of str, of which an empty line is none.

    Args:
        raw: the file, open for reading bytes.
        encoding: its encoding; a byte order mark is taken off UTF-8.
        source: its name, for errors.

    Raises:
        ValueError: while it goes on, for bytes that are not of the encoding and quotes that never close; an encoding
            that Python does not know.
    """
    csv.field_size_limit(sys.maxsize)  # its default, 131,072 characters, would end the run in the middle
    reader = csv.reader(_lines(raw, encoding, source), strict=True)
    try:
        for row in reader:
            if row:
                yield row
    except csv.Error as error:
        raise ValueError(f"{source} must be CSV. Received: {error}, line {reader.line_num}") from None


def check_columns(header, columns, source):
    """Raises ValueError unless there is a header (not None) with each of `columns` once."""
    if header is None:
        raise ValueError(f"{source} must hold a header and rows. Received: an empty file")
    for column in columns:
        if header.count(column) != 1:
            twice = " twice" * (column in header)
            raise ValueError(f"The column must be one of {', '.join(header)}, and there once. Received: {column}{twice}")


def _lines(raw, encoding, source):
    """Decoded lines; the place of bytes that are not of the encoding is named."""
    number = 0
    is_utf_8 = encoding.lower().replace("_", "-") in ("utf-8", "utf8")
    try:
        text = io.TextIOWrapper(raw, "utf-8-sig" if is_utf_8 else encoding, newline="")
        for number, line in enumerate(text, 1):  # noqa: B007, an error says after which line
            yield line
        text.detach()  # or `raw` is closed, and tells its place no more
    except UnicodeError as error:
        raise ValueError(
            f"{source} must be text in the encoding {encoding}; another, such as latin-1, can be named. "
            f"Received: {error.reason if isinstance(error, UnicodeDecodeError) else error}, after line {number}"
        ) from None
    except LookupError:
        raise ValueError(f"The encoding must be one that Python knows, such as utf-8. Received: {encoding}") from None
