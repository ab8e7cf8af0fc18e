"""The bytes of a file of prices to lines of text: encodings, packed files, and which sign stands between cells."""

import bz2
import csv
import gzip
import lzma
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

from seqzoo.data.price_table import PriceDataError

LARGEST = 200 * 2**20  # bytes: a century of days takes 3 MB
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_OPENERS = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


def text_of(path):
    """The text of a file, which may be packed (.gz, .bz2, .xz, or a .zip of one file), and what had to be assumed.

    Raises:
        FileNotFoundError: if there is no such file.
        PriceDataError: for a file that is no text, is damaged or larger than `LARGEST`.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"Prices are read from a CSV file. Received: {str(path)!r}, where there is none")
    try:
        data = _bytes_of(path)
    except (
        OSError,
        EOFError,
        ValueError,
        RuntimeError,
        NotImplementedError,
        lzma.LZMAError,
        zlib.error,
        zipfile.BadZipFile,
    ) as error:
        if isinstance(error, (PriceDataError, PermissionError)):
            raise
        raise PriceDataError(f"{path} must be a CSV file that can be read. Received: {error}") from None
    if len(data) > LARGEST:
        raise PriceDataError(f"{path} must be a CSV file of at most {LARGEST >> 20} MiB. Received: more")
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "utf-8")
    try:
        text, assumed = data.decode(encoding), []
    except UnicodeDecodeError:
        if encoding != "utf-8" or b"\0" in data:
            raise PriceDataError(f"{path} must be a CSV file of text. Received: bytes that are no {encoding}") from None
        text, assumed = data.decode("latin-1"), ["letters are Latin-1"]
    if "\0" in text:
        raise PriceDataError(f"{path} must be a CSV file of text. Received: NUL bytes")
    return text, assumed


def _bytes_of(path):
    if path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            if len(names) != 1:
                raise PriceDataError(f"{path} must hold one file. Received: {len(names)}")
            with archive.open(names[0]) as file:
                return file.read(LARGEST + 1)
    with _OPENERS.get(path.suffix.lower(), open)(path, "rb") as file:
        return file.read(LARGEST + 1)


def cells_of(lines, delimiter):
    """Lines as lists of cells, stripped, as a CSV file's are; a line that is none is one cell."""
    found = []
    for line in lines:
        try:
            cells = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
        except csv.Error:
            cells = [line]
        found.append([cell.strip() for cell in cells])
    return found


def frame_of(lines, delimiter, width, pandas):
    """The frame of lines without a header; columns have numbers.

    Raises:
        ValueError: as `pandas.read_csv` does.
    """
    text = BytesIO("\n".join(lines).encode("utf-8", "replace"))
    return pandas.read_csv(
        text, sep=delimiter, header=None, names=range(width), index_col=False, low_memory=False, skipinitialspace=True
    )
