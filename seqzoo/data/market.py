"""A market index and the VIX beside the prices of a ticker: read, checked, and put on its days."""

import hashlib
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from seqzoo.data.market_windows import MARKET_COLUMNS
from seqzoo.data.places import find_data
from seqzoo.data.price_names import roles_of
from seqzoo.data.price_numbers import NOTHING
from seqzoo.data.price_ranges import LEAST_SHARE, has_range
from seqzoo.data.price_table import PriceDataError, PriceDataWarning, import_pandas, shown
from seqzoo.data.price_windows import COLUMNS
from seqzoo.data.prices import read_table, tidy_prices

MOST_MISSING = 3  # days in a row that may lack a value, which then is that of the day before: holidays differ
VIX_RANGE = 2.0, 300.0  # per cent a year; since 1990 it has closed between 9 and 83


class Beside(NamedTuple):
    """What stands beside the prices of a ticker; a part that is absent is None.

    market: DataFrame of High, Low, Close, by day. vix: DataFrame of Close, by day. sources: what messages call the two.
    """

    market: Any = None
    vix: Any = None
    sources: tuple = ("the market's prices", "the VIX")

    @property
    def known(self):
        """Names of the parts that are there, such as `("market", "vix")`."""
        return tuple(name for name, part in (("market", self.market), ("vix", self.vix)) if part is not None)

    def fingerprint(self, first=None, last=None):
        """SHA-256, in hexadecimal, over days and values from `first` to `last`, both included."""
        digest = hashlib.sha256()
        for part in (self.market, self.vix):
            frame = None if part is None else part.loc[first:last]
            digest.update(b"absent\n" if frame is None else f"{len(frame)}\n".encode())
            if frame is not None:
                digest.update(frame.index.to_numpy().astype("datetime64[D]").astype("<i8").tobytes())
                digest.update(np.ascontiguousarray(frame.to_numpy(), "<f8").tobytes())
        return digest.hexdigest()


def make_beside(market=None, vix=None, sources=Beside._field_defaults["sources"]):
    """`Beside` of tables as a user has them.

    Args:
        market: DataFrame with the daily High, Low and Close of a market index, as for `seqzoo.data.check_prices`; Open and
            Volume may be missing. None where it is not known.
        vix: DataFrame with a column Close (or with one column beside the day's), or a Series by day: the VIX, in per cent.
            None where it is not known.
        sources: what messages call the two.

    Raises:
        TypeError: for what is no table.
        PriceDataError: for missing columns, days or values that are not valid, an index without daily ranges, or a VIX that
            is not in per cent.
    """
    pandas = import_pandas()
    found = [None, None]
    if market is not None:
        frame = _tidy(_with_all(market, sources[0], pandas), sources[0])[["High", "Low", "Close"]]
        if np.mean(has_range(frame["High"], frame["Low"])) < LEAST_SHARE:
            raise PriceDataError(
                f"{sources[0]}: a market index must have the range of its day, High above Low on at least "
                f"{100 * LEAST_SHARE:.0f} % of the days. Received: closes alone"
            )
        found[0] = frame
    if vix is not None:
        frame = _tidy(_closes(vix, sources[1], pandas), sources[1])[["Close"]]
        wrong = frame[(frame["Close"] < VIX_RANGE[0]) | (frame["Close"] > VIX_RANGE[1])]
        if len(wrong):
            raise PriceDataError(
                f"{sources[1]}: the VIX must be in per cent a year, such as 17.2, from {VIX_RANGE[0]:g} to {VIX_RANGE[1]:g}. "
                f"Received: {wrong['Close'].iloc[0]:g} on {wrong.index[0]:%Y-%m-%d}"
            )
        found[1] = frame
    return Beside(*found, tuple(sources))


def read_beside(market=None, vix=None):
    """`make_beside` of two CSV files, either of which may be None."""
    tables = [None if market is None else read_table(market), None if vix is None else _read_closes(vix)]
    return make_beside(*tables, (str(market), str(vix)))


def load_market(data_dir, market="GSPC", vix="VIX"):
    """`read_beside` of files by the name of their ticker in a data folder.

    Raises:
        FileNotFoundError: where a file is missing.
        ValueError: for a name that is no file's in that folder.
    """
    for name in (market, vix):
        if name is not None and (not name or Path(name).name != name):
            raise ValueError(f"A market and a VIX are named by their ticker, such as GSPC. Received: {name!r:.200}")
    folder = Path(find_data("prices", data_dir) or data_dir or ".").expanduser()
    paths = [None if name is None else folder / f"{name}.csv" for name in (market, vix)]
    for path in paths:
        if path is not None and not path.is_file():
            raise FileNotFoundError(f"The data folder must hold {path.name}, which stands beside the prices. Received: {folder}")
    return read_beside(*paths)


def market_rows(days, beside=None, first=0):
    """The columns `MARKET_COLUMNS` on some days, float64 `[n, 4]`: 0 where absent, and before the row `first`.

    A day without a value has that of the last day before it, up to `MOST_MISSING` days in a row.

    Raises:
        PriceDataError: where a table does not reach over the days from `first` on.
    """
    beside = beside or Beside()
    rows = np.zeros((len(days), len(MARKET_COLUMNS)))
    for frame, source, columns in ((beside.market, beside.sources[0], slice(0, 3)), (beside.vix, beside.sources[1], slice(3, 4))):
        if frame is None:
            continue
        place = frame.index.searchsorted(days, side="right") - 1  # the last row up to each day
        same = (place >= 0) & (frame.index[place] == days)
        last = np.maximum.accumulate(np.where(same, np.arange(len(days)), -1))  # the last day that has a row of its own
        missing = np.flatnonzero((np.arange(len(days)) - last > MOST_MISSING) | (last < 0))
        missing = missing[missing >= first]
        if len(missing):
            raise PriceDataError(
                f"{source} must have a row for every day that a forecast reads, {days[first]:%Y-%m-%d} to {days[-1]:%Y-%m-%d} "
                f"(up to {MOST_MISSING} in a row may be missing): give a longer or newer table, or leave it out, and the "
                f"forecast is made without it. Received: {frame.index[0]:%Y-%m-%d} to {frame.index[-1]:%Y-%m-%d}, without "
                f"{days[missing[0]]:%Y-%m-%d} and {len(missing) - 1} more"
            )
        rows[first:, columns] = frame.to_numpy()[place[first:]]
    return rows


def _tidy(table, source):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PriceDataWarning)  # what had to be assumed of these is checked by `make_beside`
        return tidy_prices(table, source)[0]


def _with_all(table, source, pandas):
    """The table with Open and Volume, which nothing is read of, where it lacks them."""
    if not isinstance(table, pandas.DataFrame):
        raise TypeError(f"{source} must be a pandas DataFrame with High, Low and Close. Received: {type(table).__name__}")
    if table.columns.nlevels > 1:
        return table
    roles = roles_of([str(name) for name in table.columns])
    more = {name: 0 for name in ("Volume",) if name.lower() not in roles}
    if "open" not in roles and "close" in roles and not isinstance(roles["close"], list):
        more["Open"] = table.iloc[:, roles["close"]]
    return _keep_attrs(table.assign(**more), table) if more else table


def _closes(table, source, pandas):
    """A table whose every price is the close."""
    if isinstance(table, pandas.Series):
        table = table.to_frame("Close")
    if not isinstance(table, pandas.DataFrame):
        raise TypeError(f"{source} must be a pandas DataFrame with Close, or a Series. Received: {type(table).__name__}")
    if table.columns.nlevels > 1:
        return table
    roles = roles_of([str(name) for name in table.columns])
    others = [place for place in range(table.shape[1]) if place != roles.get("date")]
    place = roles.get("close", others[0] if len(others) == 1 else None)
    if place is None or isinstance(place, list):
        names = shown(", ".join(map(str, table.columns)), str, 200)
        raise PriceDataError(f"{source} must have one column Close, or one beside the day's. Received: {names}")
    close = table.iloc[:, place]
    flat = pandas.DataFrame({name: close for name in COLUMNS[:4]} | {"Volume": 0.0})
    if "date" in roles:
        flat.insert(0, "Date", table.iloc[:, roles["date"]])
    return _keep_attrs(flat, table)


def _read_closes(path):
    """`read_table`, or a file of two columns: the day and a value, "." or nothing on holidays, as FRED writes it."""
    try:
        return read_table(path)
    except PriceDataError:
        pandas = import_pandas()
        try:
            table = pandas.read_csv(path, dtype=str, keep_default_na=False)
        except (ValueError, pandas.errors.ParserError, UnicodeDecodeError):
            table = None
        if table is None or table.shape[1] != 2:
            raise
        table.columns = ["Date", "Close"]
        return table[~table["Close"].str.strip().str.lower().isin(NOTHING)].reset_index(drop=True)


def _keep_attrs(table, of):
    table.attrs = dict(of.attrs)
    return table
