"""Examples for training and judging forecasters, and the calendar that keeps the past from seeing the future."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from seqzoo.data.market import market_rows
from seqzoo.data.market_windows import features_of
from seqzoo.data.price_windows import COLUMNS, WINDOW, next_day_targets, windows_of

SPLITS = ("train", "validation", "test")
_CHUNK = 1024  # windows made at a time


class Examples(NamedTuple):
    """One row for each ticker and day; see `window_features` (or `wide_features`) and `next_day_targets`."""

    sequence: np.ndarray  # float32 [n, STEPS, features]
    anchor: np.ndarray  # float64 [n]
    variance: np.ndarray  # float64 [n], of the target day
    returns: np.ndarray  # float64 [n], of the target day
    ticker: np.ndarray  # str [n]
    asof: np.ndarray  # datetime64[D] [n], the last day known
    day: np.ndarray  # datetime64[D] [n], the target day

    def __len__(self):  # of examples, not of fields
        return len(self.anchor)

    def where(self, rows):
        """The examples that a mask or an array of row numbers selects."""
        return Examples(*(field[rows] for field in self))


@dataclass(frozen=True)
class CalendarSplit:
    """The same calendar cut for every ticker: train to `train_end`, validation to `validation_end`, test after it.

    Args:
        train_end, validation_end: last days of the two parts, as ISO dates.
        test_end: last day of the test part; None for no end.

    Raises:
        ValueError: unless the dates can be read and rise.
    """

    train_end: str = "2014-12-31"
    validation_end: str = "2017-12-31"
    test_end: str | None = None

    def __post_init__(self):
        try:
            ends = self._ends()
            rising = ends[0] < ends[1] < ends[2]
        except (ValueError, TypeError):
            rising = False
        if not rising:
            raise ValueError(
                "A calendar split needs ISO dates with train_end before validation_end before test_end. "
                f"Received: {self.train_end!r}, {self.validation_end!r}, {self.test_end!r}"
            )

    def _ends(self):
        return [np.datetime64(end, "D") for end in (self.train_end, self.validation_end, self.test_end or "2262-01-01")]

    def of(self, first, last):
        """Index into `SPLITS` of every example, or -1 for those that belong to none.

        Purging (Lopez de Prado, Advances in Financial Machine Learning, 2018, ch. 7): an example counts
        only if all the days that its target is made of lie in one part, so that no two parts share a target
        day. With next-day targets, where `first` is `last`, nothing is lost; with longer ones those that
        straddle a cut are dropped.

        Args:
            first, last: datetime64 `[n]`, the first and last trading day of the target.

        Returns:
            int `[n]`.
        """
        ends = np.array(self._ends())
        begins, part = (np.searchsorted(ends, np.asarray(days, "datetime64[D]")) for days in (first, last))
        return np.where((begins == part) & (part < len(SPLITS)), part, -1)

    def bounds(self, name):
        """First and last day of a part, ISO dates; None where it has no end."""
        starts = [None, *(str(end + np.timedelta64(1, "D")) for end in self._ends()[:2])]
        ends = [self.train_end, self.validation_end, self.test_end]
        index = SPLITS.index(name)
        return starts[index], ends[index]


def make_examples(series: Any, split: CalendarSplit, beside: Any = None) -> dict[str, Examples]:
    """Examples of all tickers, by part of the calendar.

    Days whose target has no range (nothing was traded) are left out. A ticker with fewer rows than a window gives none.

    Args:
        series: `seqzoo.data.stocks.StockSeries`.
        split: `CalendarSplit`.
        beside: `seqzoo.data.market.Beside`; features are then those of `seqzoo.data.market_windows.wide_features`.

    Returns:
        dict from each of `SPLITS` to `Examples`.

    Raises:
        ValueError: if a part is left empty.
        PriceDataError: if `beside` does not reach over a ticker's days.
    """
    parts = [_examples_of(ticker, frame, beside) for ticker, frame in series.frames.items() if len(frame) > WINDOW]
    if not parts:
        raise ValueError(
            f"A series needs more than {WINDOW} rows. Received: at most {max(map(len, series.frames.values()))} rows"
        )
    every = Examples(*(np.concatenate(fields) for fields in zip(*parts, strict=True)))
    every = every.where(np.isfinite(every.variance))
    belongs = split.of(every.day, every.day)
    found = {name: every.where(belongs == index) for index, name in enumerate(SPLITS)}
    for name, examples in found.items():
        if not len(examples):
            raise ValueError(
                f"Each part of the calendar must hold days, after the first {WINDOW} of a ticker. Received: "
                f"none for {name} in {split}, with prices from {every.asof.min()} to {every.day.max()}"
            )
    return found


def series_rows(frame, beside=None):
    """The rows of a ticker's checked prices, float64 `[days, 5]`; `[days, 9]` with `beside`, see `WIDE_COLUMNS`."""
    rows = frame[list(COLUMNS)].to_numpy(np.float64)
    return rows if beside is None else np.concatenate([rows, market_rows(frame.index, beside)], axis=1)


def _examples_of(ticker, frame, beside):
    rows = series_rows(frame, beside)
    days = frame.index.to_numpy().astype("datetime64[D]")
    ends = np.arange(WINDOW - 1, len(rows) - 1)
    features = [features_of(windows_of(rows, part)) for part in np.split(ends, range(_CHUNK, len(ends), _CHUNK))]
    sequence, anchor = (np.concatenate(field) for field in zip(*features, strict=True))
    variance, returns = next_day_targets(rows, ends)
    names = np.full(len(ends), ticker)
    return Examples(sequence.astype(np.float32), anchor, variance, returns, names, days[ends], days[ends + 1])
