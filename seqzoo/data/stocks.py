"""Daily stock series by source: the S&P 500 sample, CSV files, yfinance; and their fingerprint."""

import hashlib
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Literal

import numpy as np

from seqzoo.data.places import find_data
from seqzoo.data.price_names import plain
from seqzoo.data.price_ranges import LEAST_SHARE, has_range
from seqzoo.data.price_windows import COLUMNS
from seqzoo.data.prices import PriceDataError, PriceDataWarning, check_prices, read_table

SOURCES = ("sample", "files", "yfinance")
SAMPLE = {"SP500": "arch.data.sp500", "NASDAQ": "arch.data.nasdaq"}
SAMPLE_CITATION = "S&P 500 daily prices 1999 to 2018 from Yahoo! Finance, as carried by arch (K. Sheppard, NCSA licence)."
FILES_CITATION = "Daily prices from CSV files."
TERMS = "Prices are facts; the terms of whoever supplied them (such as Yahoo! Finance) hold for the files."


@dataclass(frozen=True)
class StockSeries:
    """Checked daily prices by ticker, as `seqzoo.data.prices.check_prices` gives them, sorted by ticker."""

    name: str
    frames: dict
    citation: str
    terms: str

    def fingerprint(self, first=None, last=None):
        """SHA-256, in hexadecimal, over tickers, days and prices from `first` to `last`, both included."""
        digest = hashlib.sha256()
        for ticker in sorted(self.frames):
            frame = self.frames[ticker].loc[first:last]
            digest.update(f"{ticker} {len(frame)}\n".encode())
            digest.update(frame.index.to_numpy().astype("datetime64[D]").astype("<i8").tobytes())
            digest.update(np.ascontiguousarray(frame[list(COLUMNS)].to_numpy(), "<f8").tobytes())
        return digest.hexdigest()


def load_stocks(
    source: Literal["sample", "files", "yfinance"] = "sample",
    data_dir: str | os.PathLike | None = None,
    tickers: Sequence[str] | None = None,
    jumps: Literal["error", "keep"] = "error",
) -> list[StockSeries]:
    """Daily prices of one or more tickers.

    Args:
        source: "sample" (the S&P 500, 1999 to 2018, from the package `arch`; NASDAQ too where `tickers` names
            it), "files", or "yfinance", which needs a network.
        data_dir: for "files": a CSV file or a folder of them; the name of a file is its ticker, and a file with
            a column Ticker or Symbol may hold several.
        tickers: list of names to keep (for "yfinance": to fetch); all when None.
        jumps: as for `check_prices`.

    Returns:
        `StockSeries`. A file of closes alone (no day has a range), like an index of volatility, is left out
        with a warning unless `tickers` names it.

    Raises:
        ValueError: for an unknown source or ticker; PriceDataError, which is one, for prices with an error.
        FileNotFoundError: if `data_dir` holds no CSV file.
        ImportError: without pandas, or the package that `source` needs.
    """
    if source not in SOURCES:
        raise ValueError(f"`source` must be one of {', '.join(SOURCES)}. Received: {source!r}")
    if source == "sample":
        tables = {name: (_sample(name), None) for name in tickers or ("SP500",) if name in SAMPLE}
    elif source == "yfinance":
        tables = _download(tickers)
    else:
        tables = _read_files(data_dir)
    unknown = sorted(set(tickers or ()) - set(tables))
    if unknown:
        known = SAMPLE if source == "sample" else sorted(tables)
        raise ValueError(f"The tickers there are {', '.join(known)}. Received: {', '.join(unknown)}")
    frames = {}
    for ticker in sorted(tickers or tables):
        table, path = tables[ticker]
        frame = check_prices(table, path or ticker, jumps)
        if _has_ranges(frame, path or ticker, named=bool(tickers)):
            frames[ticker] = frame
    if not frames:
        raise PriceDataError(f"At least one series with daily ranges is needed. Received: {', '.join(sorted(tables))}")
    citation = {"sample": SAMPLE_CITATION, "files": FILES_CITATION}.get(source, "Yahoo! Finance, through yfinance.")
    return StockSeries(f"stocks-{source}", frames, citation, TERMS)


def _has_ranges(frame, source, named):
    share = np.mean(has_range(frame["High"], frame["Low"]))
    if share >= LEAST_SHARE:
        return True
    still = 100 * (1 - share)
    message = f"{source}: High equals Low on {still:.0f} % of the days; a forecast needs the range of the day"
    if named:
        raise PriceDataError(f"{message}. Received: prices without ranges")
    warnings.warn(f"{message}; left out", PriceDataWarning, stacklevel=3)
    return False


def _sample(name):
    try:
        return import_module(SAMPLE[name]).load()
    except ImportError as error:
        raise ImportError(f"The sample comes with arch: pip install 'seqzoo[stocks]'. Received: {error}") from error


def _read_files(data_dir):
    if data_dir is None:
        raise FileNotFoundError(
            "Name the CSV file or the folder with --data-dir (data_dir=), or take --data sample. Received: no folder"
        )
    path = Path(find_data("prices", data_dir) or data_dir).expanduser()
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path] if path.is_file() else []
    if not files:
        raise FileNotFoundError(f"The data folder must hold CSV files, one for each ticker. Received: {path}")
    tables = {}
    for file in files:
        table = read_table(file)
        column = next((c for c in table.columns if plain(c) in ("ticker", "symbol")), None)
        if column is None:
            tables[file.stem] = (table, str(file))
        else:  # line numbers are lost by the selection, so messages name file, ticker and row
            for ticker, rows in table.groupby(column):
                rows = rows.reset_index(drop=True)
                rows.attrs = {"layout": {**table.attrs["layout"], "lines": None, "assumed": []}}
                tables[str(ticker)] = (rows, None)
    return tables


def _download(tickers):
    if not tickers:
        raise ValueError("yfinance needs the tickers to fetch, such as tickers=['AAPL']. Received: none")
    try:
        import yfinance
    except ImportError as error:
        raise ImportError(f"Prices are fetched by yfinance: pip install 'seqzoo[yfinance]'. Received: {error}") from error
    tables = {}
    for ticker in tickers:  # the arguments whose defaults have changed between releases are said
        table = yfinance.download(ticker, period="max", auto_adjust=False, actions=False, progress=False)
        if table is None or not len(table):
            raise PriceDataError(
                f"Yahoo! Finance must answer with prices; it limits how often one may ask, so wait, or use "
                f"files. Received: nothing for {ticker}"
            )
        tables[ticker] = (table, None)
    return tables
