"""Days from what stands in a column of dates: text in many forms, days as 20200131, seconds since 1970."""

import re
import warnings

import numpy as np

from seqzoo.data.price_table import Places, PriceDataError, import_pandas, shown

FIRST, LAST = "1800-01-01", "2199-12-31"
_UNITS = ((1e8, 1e11, "s", "seconds"), (1e11, 1e14, "ms", "milliseconds"), (1e14, 1e17, "us", "microseconds"))
_UNITS += ((1e17, 4e18, "ns", "nanoseconds"),)
_OFFSET = re.compile(r"(?<=:\d\d)(\.\d+)?\s*([+-]\d\d:?\d\d|Z|UTC)$")
_YEAR = re.compile(r"\d{4}|\d{1,2}[ -][^\W\d]{3,9}[ -]\d\d\b")  # without one, pandas takes today's, as for 09:30 and "now"
_NUMERIC = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{2}|\d{4})\b")


def days_of(given, source, lines):
    """The day of every row.

    Args:
        given: pandas Series of dates.
        source, lines: what messages call the table and its rows; see `Places`.

    Returns:
        pandas DatetimeIndex at midnight, and what had to be assumed, a list of str.

    Raises:
        PriceDataError: for rows without a day, days out of reach, and several rows a day.
    """
    pandas = import_pandas()
    assumed = []
    if pandas.api.types.is_bool_dtype(given) or given.dtype.kind in "cm":
        raise _no_days(source, given)
    if pandas.api.types.is_numeric_dtype(given):
        moments = _moments_of_numbers(given.to_numpy(np.float64, na_value=np.nan), source, given, assumed)
    elif pandas.api.types.is_datetime64_any_dtype(given):
        moments = given.dt.tz_localize(None)
    else:
        moments = _moments_of_text(given, source, assumed)
    moments = pandas.Series(moments).reset_index(drop=True)
    wrong = moments.isna() | (moments < pandas.Timestamp(FIRST)) | (moments > pandas.Timestamp(LAST))
    for row in np.flatnonzero(wrong):
        raise PriceDataError(
            f"{Places(source, [None] * len(moments), lines)(int(row))}: write dates like 2020-01-31, all in one way, from "
            f"{FIRST[:4]} to {LAST[:4]}, or remove the row. Received: {shown(given.iloc[row], lambda cell: repr(str(cell)))}"
        )
    days = moments.dt.normalize()
    if (moments != days).any() and (days.duplicated() & ~moments.duplicated()).any():
        row = int(np.flatnonzero(days.duplicated() & ~moments.duplicated())[0])
        raise PriceDataError(
            f"{source} must be daily, one row for each trading day; make days of it first. Received: "
            f"intraday rows, such as {moments.iloc[row - 1]} and {moments.iloc[row]}"
        )
    return pandas.DatetimeIndex(days), assumed


def _no_days(source, given):
    return PriceDataError(
        f"{source} must say the day of every row, in its index or in a column Date. Received: {given.dtype} values such "
        f"as {shown(given.iloc[0], str)}"
    )


def _moments_of_numbers(values, source, given, assumed):
    pandas = import_pandas()
    known = values[np.isfinite(values)]
    if not len(known):
        raise _no_days(source, given)
    if 18000101 <= np.median(known) <= 21991231:
        text = [f"{value:.0f}" if np.isfinite(value) else "" for value in values]
        return pandas.to_datetime(pandas.Series(text), format="%Y%m%d", errors="coerce")
    for least, most, unit, name in _UNITS:
        if least <= np.median(known) < most:
            assumed.append(f"numbers as dates are {name} since 1970, UTC")
            inside = np.where((values >= least) & (values < most), values, np.nan)
            return pandas.to_datetime(pandas.Series(inside), unit=unit, errors="coerce")
    raise _no_days(source, given)


def _moments_of_text(given, source, assumed):
    pandas = import_pandas()
    # An offset is cut off, so that the local day stays and summer time changes nothing.
    text = pandas.Series([_OFFSET.sub("", shown(cell, str, 40).strip()) for cell in given], dtype=object)
    parts = [_NUMERIC.match(cell) for cell in text]
    if all(parts) and len(parts):
        return _moments_of_parts(text, parts, assumed)
    if text.str.fullmatch(r"\d{8,19}").all():
        return _moments_of_numbers(text.astype(float).to_numpy(), source, given, assumed)
    text = text.where([_YEAR.search(cell) is not None for cell in text], "")
    text = text.str.replace(r"^(\d{4})\.(\d\d)\.(\d\d)", r"\1-\2-\3", regex=True)  # MetaTrader
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that each date is looked at by itself
            return pandas.to_datetime(text, errors="coerce").dt.tz_localize(None)
    except (ValueError, OverflowError, TypeError, AttributeError):  # what no date can be, or offsets of several kinds
        return pandas.Series(pandas.NaT, index=text.index, dtype="datetime64[us]")


def _moments_of_parts(text, parts, assumed):
    """Of 31/01/2020, 01/31/2020 or 31.01.2020: whichever of day and month can stand first in all rows."""
    pandas = import_pandas()
    one, two = (np.array([int(part[k]) for part in parts]) for k in (1, 2))
    years = np.array([int(part[3]) + (0 if len(part[3]) == 4 else 1900 if int(part[3]) >= 70 else 2000) for part in parts])
    day_first = (one > 12).any() or ("." in text.iloc[0] and not (two > 12).any())
    sure = day_first or (two > 12).any()
    first = f"the {'day' if day_first else 'month'} first"
    assumed.append(f"dates such as {text.iloc[0][:10]} have {first}{'' if sure else ', though it could be the other way'}")
    day, month = (one, two) if day_first else (two, one)
    iso = pandas.Series([f"{y:04d}-{m:02d}-{d:02d}" for y, m, d in zip(years, month, day, strict=True)])
    moments = pandas.to_datetime(iso, format="%Y-%m-%d", errors="coerce")
    clock = text.str.extract(r"\s(\d{1,2}):(\d\d)").astype(float).fillna(0)
    return moments + pandas.to_timedelta(60 * clock[0] + clock[1], unit="m")
