"""From raw prices to forecasts, whatever computes the network. Imports no TensorFlow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seqzoo.data.market import make_beside
from seqzoo.data.market_windows import WIDE_COLUMNS, features_of, widened
from seqzoo.data.price_ranges import check_ranges
from seqzoo.data.price_windows import COLUMNS, WINDOW, windows_of
from seqzoo.tasks.stock_forecasting.asked import forecasts_of, prices_to_read
from seqzoo.tasks.stock_forecasting.outputs import check_plausible

if TYPE_CHECKING:
    import pandas

BATCH = 512  # windows forecast at a time; one size, so that TensorFlow traces one graph


class PriceReader:
    """What takes prices and gives forecasts. A subclass has `task`, `outputs`, `config`, `decode` and `raw_outputs`."""

    task = None
    outputs = ()

    @property
    def takes_market(self):
        """Whether it can see a market index and the VIX beside the prices of its ticker."""
        return bool(self.config.get("market"))

    def forecast(
        self,
        frame: pandas.DataFrame,
        start=None,
        jumps: str = "error",
        market: pandas.DataFrame | None = None,
        vix: pandas.DataFrame | pandas.Series | None = None,
    ) -> pandas.DataFrame:
        """Forecast the next trading day, from daily prices of one ticker.

        Args:
            frame: pandas DataFrame with Open, High, Low, Close and Volume, in any order and case, indexed by date (or
                with a column Date); of any ticker. At least `WINDOW` (250) rows must come up to and with a day to
                forecast from it.
            start: a date: forecast from every day on from it that has rows enough before it. Only from the last day
                when None.
            jumps: "error" refuses a night whose move looks like an unadjusted split; "keep" takes it as real.
            market, vix: of the same days, for a model that takes them (`takes_market`): the High, Low and Close of the S&P
                500, and the closes of the VIX in per cent; see `seqzoo.data.market.make_beside`. Where one is None, the
                forecast is made without it.

        Returns:
            DataFrame with the index `asof`, the last day known, and the float64 columns that `outputs`
            names. A row depends on no price after its day. Of a model that takes a market, `attrs["known"]` names what it
            was given, of "market" and "vix".

        Raises:
            PriceDataError (a ValueError): for prices with an error in them (see `seqzoo.data.prices.check_prices`), too
                few rows, a `start` after the last row, or a `market` or `vix` that does not reach over the days that are read.
            ValueError: for a `market` or `vix` where the model takes none.
            TypeError: if `frame` is no DataFrame.

        Warns:
            PriceDataWarning: as `check_prices`, of the rows that are read, and for days among the last 60 without a range.
        """
        return forecasts_of(self, prices_to_read(frame, start, jumps, beside=make_beside(market, vix)))

    def predict_rows(self, rows, ends):
        """Forecasts float64 `[n, len(outputs)]` after each of the rows `ends` of raw prices `[days, columns]`."""
        ends = np.asarray(ends)
        parts = [ends[i : i + BATCH] for i in range(0, len(ends), BATCH)]
        return np.concatenate([self.predict(windows_of(rows, part)) for part in parts])

    def predict(self, windows: np.ndarray) -> np.ndarray:
        """Forecasts from raw windows.

        Args:
            windows: float `[n, WINDOW, 5]`, checked prices; columns as in `seqzoo.data.price_windows.COLUMNS`. A model that
                takes a market also reads `[n, WINDOW, 9]`, see `seqzoo.data.market_windows.WIDE_COLUMNS`.

        Returns:
            float64 `[n, len(outputs)]`.

        Raises:
            ValueError: for another shape.
            PriceDataError: for windows with too many days without a range, or a forecast that is not plausible.
        """
        windows = np.asarray(windows, np.float64)
        valid = (len(COLUMNS), len(WIDE_COLUMNS)) if self.takes_market else (len(COLUMNS),)
        if windows.ndim != 3 or windows.shape[1] != WINDOW or windows.shape[2] not in valid:
            shapes = " or ".join(f"[n, {WINDOW}, {columns}]" for columns in valid)
            raise ValueError(f"`windows` must have shape {shapes}. Received: {list(windows.shape)}")
        check_ranges(windows, lambda window, row: f"row {row} of window {window}")
        if self.takes_market:
            windows = widened(windows)
        return check_plausible(self.predict_features(*features_of(windows)), windows, self.outputs)

    def predict_features(self, sequence, anchor):
        """Forecasts from the features of `window_features`."""
        return self.decode(self.raw_outputs(sequence).astype(np.float64), anchor)
