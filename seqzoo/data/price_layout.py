"""A file of prices in the layout of whoever wrote it, to a frame with named columns."""

import re
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np

from seqzoo.data.price_files import cells_of, frame_of, text_of
from seqzoo.data.price_names import plain, roles_of
from seqzoo.data.price_numbers import NOTHING
from seqzoo.data.price_table import PriceDataError, import_pandas, refuse_tickers, shown

_PRICES = ("open", "high", "low", "close")
_DELIMITERS = (",", ";", "\t", "|")
_LOOKED_AT = 40  # lines in which a header must stand
_NUMBER = re.compile(r"[$€£]?[+-]?(\d[\d.,]*)(e[+-]?\d+)?", re.IGNORECASE)
_DATE = re.compile(r"\d{1,4}[/.-](\d{1,2}|[A-Za-z]{3})[/.-]\d{1,4}([ T].*)?|\d{8}|\d{10}|\d{13}|\d{16}")
# Of files without a header: what stands after the day, tried in this order. The last is Coinbase's.
_HEADERLESS = (("Open", "High", "Low", "Close", "Volume"), ("Low", "High", "Open", "Close", "Volume"))


class Layout(NamedTuple):
    """delimiter: between cells. names: of the columns. begin: index of the first line with prices. assumed: list of str."""

    delimiter: str
    names: list
    begin: int
    assumed: list


def read_table(path):
    """The table of a CSV file: a frame, values unchecked; `frame.attrs["layout"]` holds its `lines` and what was `assumed`.

    Raises as `read_prices` does.
    """
    pandas, path = import_pandas(), Path(path)
    text, assumed = text_of(path)
    lines = text.splitlines()
    kept = [number for number, line in enumerate(lines) if line.strip()]
    full = [lines[number] for number in kept]
    layout = _with_header(full, path) or _without_header(full)
    if layout is None:
        raise PriceDataError(
            f"{path} must be a CSV file with a header line that names {', '.join(_PRICES).title()}, Volume and Date, one row for "
            f"each day. Received: {_what_instead(full)}"
        )
    rows = _without_footer(full, layout)
    if not rows:
        raise PriceDataError(f"{path} must have a row for each trading day. Received: no rows")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", pandas.errors.ParserWarning)  # cells after the last column
            frame = frame_of(rows, layout.delimiter, len(layout.names), pandas)
    except (ValueError, OverflowError, pandas.errors.ParserError) as error:
        message = " ".join(str(error).split())
        raise PriceDataError(f"{path} must be a CSV file, one row for each day. Received: {shown(message, str, 200)}") from None
    if len(frame) != len(rows):
        raise PriceDataError(f"{path} must have one line for each day. Received: a quotation mark that is not closed")
    frame.columns = layout.names
    assumed = assumed + layout.assumed
    if "volume" not in roles_of(layout.names):
        frame["Volume"] = 0.0
        assumed.append("there is no Volume, so it is taken as even (which moves a forecast by about 5 %)")
    numbers = [kept[layout.begin + row] + 1 for row in range(len(rows))]
    frame.attrs["layout"] = {"lines": numbers, "assumed": assumed, "decimal": "," if layout.delimiter == ";" else "."}
    return frame


def _with_header(lines, path):
    """The layout that has the most columns of prices in its header; None where there is none."""
    best, found = 0, None
    for delimiter in _DELIMITERS:
        head = cells_of(lines[:_LOOKED_AT], delimiter)
        for row, cells in enumerate(head):
            count = len(set(roles_of(cells)) & set(_PRICES))
            if count > best and not _is_data(cells):
                best, found = count, (delimiter, head, row)
    if best < 3:  # with three, the missing one is named later
        return None
    delimiter, head, row = found
    names, assumed = list(head[row]), []
    begin = row + 1
    while begin < len(head) and _is_beside_header(head[begin], names):
        begin += 1
    first = row
    while first > 0 and _is_beside_header(head[first - 1], names):
        first -= 1
    _read_other_headers([head[k] for k in range(first, begin) if k != row], names, path)
    if first:
        assumed.append(f"the first {first} lines are no prices" if first > 1 else "the first line is no prices")
    if "date" not in roles_of(names) and not names[0]:
        names[0] = "Date"
    width = max([len(names), *map(len, head[begin : begin + 3])])
    names += [f"unnamed {k}" for k in range(len(names), width)]
    return Layout(delimiter, names, begin, assumed)


def _is_beside_header(cells, names):
    """Whether a line is one of yfinance's other headers, which stand above or under that of the names."""
    return len(cells) == len(names) and plain(cells[0]) in ("", "ticker", "price", "date", "datetime") and not _is_data(cells)


def _read_other_headers(rows, names, path):
    """What yfinance writes beside the line of names: one of tickers, and one that names the column of days."""
    for cells in rows:
        rest = [cell for cell in cells[1:] if cell]
        if not rest and "date" in roles_of(cells[:1]):
            names[0] = "Date"
        elif rest:
            refuse_tickers(list(dict.fromkeys(rest)), path)


def _without_header(lines):
    """The layout of rows of a day, perhaps a time, four prices and a volume (Binance, Kraken, MetaTrader, Coinbase)."""
    for delimiter in _DELIMITERS:
        cells = cells_of(lines[:_LOOKED_AT], delimiter)
        if not all(map(_is_data, cells)) or len({len(row) for row in cells}) != 1 or not cells:
            continue
        clock = 1 + bool(re.fullmatch(r"\d\d:\d\d(:\d\d)?", cells[0][1]))
        if len(cells[0]) < clock + 4:
            continue
        try:
            values = np.array([[float(cell) for cell in row[clock : clock + 4]] for row in cells])
        except ValueError:
            continue
        for columns in _HEADERLESS:
            opened, high, low, close = (values[:, columns.index(name)] for name in ("Open", "High", "Low", "Close"))
            if (high >= np.maximum(opened, close)).all() and (low <= np.minimum(opened, close)).all():
                names = ["Date", *["clock"] * (clock - 1), *columns][: len(cells[0])]
                names += [f"unnamed {k}" for k in range(len(names), len(cells[0]))]
                told = ", ".join(name for name in names if name in ("Date", *columns))
                return Layout(delimiter, names, 0, [f"there is no header; the columns are {told}"])
    return None


def _is_data(cells):
    """Whether a line's cells are a day's: a date first or second, or several numbers."""
    return sum(bool(_NUMBER.fullmatch(cell)) for cell in cells) >= 3 or any(_DATE.fullmatch(cell) for cell in cells[:1])


def _without_footer(lines, layout):
    """The lines of days, without a vendor's words under them, of which the layout is told."""
    end = len(lines)
    while end > layout.begin:
        (cells,) = cells_of([lines[end - 1]], layout.delimiter)
        if _is_data(cells) or sum(cell.lower() not in NOTHING for cell in cells) > 1:
            break
        if any(character.isdigit() for cell in cells[:1] for character in cell[:4]):
            break  # a day without prices, which is an error to be named
        end -= 1
    if end < len(lines):
        layout.assumed.append(
            f"the last line{'s are' if len(lines) - end > 1 else ' is'} no prices: {shown(lines[end], str, 40)}"
        )
    return lines[layout.begin : end]


def _what_instead(lines):
    if not lines:
        return "an empty file"
    cells = cells_of(lines[:1], ",")[0]
    if len(cells) == 2:
        return f"two columns, {shown(', '.join(cells), str)}: one number a day, as FRED's; a forecast needs the day's range"
    return f"first line {shown(lines[0].strip(), repr, 120)}"
