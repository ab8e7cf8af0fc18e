"""Prices and volumes from what stands in cells: `$1,234.50`, `1.234,50`, `12M`."""

import re

import numpy as np

_NUMBER = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})(e[+-]?\d{1,3})?", re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_NOISE = str.maketrans("", "", "$€£¥₹'’ \u00a0\u202f\u2009")
_FACTORS = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
NOTHING = {"", "-", "--", "n/a", "nan", "null", "none", "."}


def decimal_of(columns):
    """ "," where the cells of these columns write decimals with a comma, else "."; None where they could be either.

    A cell such as 1,234 can be both; then all of them must be thousands.
    """
    cells = [_stripped(cell) for column in columns for cell in column if isinstance(cell, str)]
    cells = [cell for cell in cells if "," in cell]
    if not cells:
        return "."
    if any(not _THOUSANDS.fullmatch(cell) for cell in cells):
        return ","
    return "." if any("." in cell or cell.count(",") > 1 for cell in cells) else None


def numbers(column, decimal=".", factors=False):
    """Cells as float64 `[n]`; NaN for what is no number, True and False too.

    Args:
        column: pandas Series.
        decimal: "." or ",", the sign before the decimals.
        factors: whether 12M stands for twelve million.
    """
    if column.dtype.kind in "iuf":
        return column.to_numpy(np.float64)
    return np.array([_number(cell, decimal, factors) for cell in column], np.float64)


def _number(cell, decimal, factors):
    if isinstance(cell, (bool, np.bool_, bytes, bytearray)):
        return np.nan
    if isinstance(cell, str):
        cell = _stripped(cell)
        factor = _FACTORS.get(cell[-1:].upper(), 1.0) if factors else 1.0
        cell = cell if factor == 1.0 else cell[:-1]
        cell = cell.replace(".", "").replace(",", ".") if decimal == "," else cell.replace(",", "")
        return float(cell) * factor if _NUMBER.fullmatch(cell) else np.nan
    try:
        return float(cell)
    except (TypeError, ValueError):
        return np.nan
    except OverflowError:  # a whole number of hundreds of digits
        return np.inf


def _stripped(cell):
    return cell.translate(_NOISE).removesuffix("EUR").removesuffix("USD")


def is_nothing(column):
    """Whether no cell of a pandas Series says anything, as where a vendor writes "-" for volumes that it does not know."""
    return all(cell is None or cell != cell or (isinstance(cell, str) and cell.strip().lower() in NOTHING) for cell in column)
