"""Raw daily prices to what a forecaster's file takes, and its raw outputs to a forecast. Imports no TensorFlow."""

import numpy as np

from seqzoo.data.market_windows import WIDE_COLUMNS, features_of, widened
from seqzoo.data.price_ranges import LARGEST, SMALLEST, check_ranges
from seqzoo.data.price_table import PriceDataError
from seqzoo.data.price_windows import COLUMNS, WINDOW
from seqzoo.tasks.preprocess import Preprocessor
from seqzoo.tasks.stock_forecasting.outputs import check_plausible, quantile_columns, volatility_columns


class PricePreprocessor(Preprocessor):
    """See `Preprocessor`; takes prices as `checked_windows` does, and gives a dict of float64 `[n]` by name.

    Where the file takes a market, windows may have the columns of `seqzoo.data.market_windows.WIDE_COLUMNS`.

    A dict with `sequence`, features that are there already, gives the file's raw outputs.
    """

    def __call__(self, inputs):
        if isinstance(inputs, dict):
            return super().__call__(inputs)
        described = self.sidecar["prices"]
        wide = len(described["columns"]) == len(WIDE_COLUMNS)
        windows = checked_windows(inputs, wide)
        sequence, anchor = features_of(windows)

        def decode(raw):
            found = forecast_of(described, raw, anchor)
            check_plausible(np.stack(list(found.values()), axis=1), windows, described["outputs"])
            return found

        return self.array_batches({"sequence": sequence.astype(np.float32)}), decode


def forecast_of(described, raw, anchor):
    """The forecast, a dict of float64 `[n]` by name.

    Args:
        described: the sidecar's `prices`.
        raw: the file's output `[n, k]`.
        anchor: float64 `[n]`.
    """
    raw = raw.astype(np.float64)
    if described["task"] == "stock-volatility":
        values = volatility_columns(raw, anchor)
    else:
        values = quantile_columns(raw, anchor, described["calibration"])
    return dict(zip(described["outputs"], values.T, strict=True))


def checked_windows(prices, wide=False):
    """Windows float64 `[n, 250, 5]` of checked prices; with `wide` `[n, 250, 9]`, 0 where nothing is known of a market.

    Args:
        prices: the daily Open, High, Low, Close, Volume of one ticker: a pandas DataFrame as for
            `seqzoo.data.prices.check_prices`, or an array `[days, 5]`, of which the last 250 days make one window;
            or such windows `[n, 250, 5]`. With `wide` 9 columns will do as well as 5.

    Raises:
        PriceDataError: for another shape, too few days, impossible prices, or too many days without a range.
        TypeError: for what is no array of numbers.
    """
    if hasattr(prices, "columns"):  # only who has pandas has one
        from seqzoo.tasks.stock_forecasting.asked import prices_to_read

        asked = prices_to_read(prices)
        prices = asked.wide_rows if wide else asked.rows
    rows = np.asarray(prices)
    if rows.dtype.kind not in "iuf":
        raise TypeError(f"Prices must be numbers, or a DataFrame of them. Received: {rows.dtype}")
    windows = rows[None, -WINDOW:] if rows.ndim == 2 else rows
    beside = np.empty((*windows.shape[:-1], 0))
    if wide and windows.ndim == 3 and windows.shape[1:] == (WINDOW, len(WIDE_COLUMNS)):
        windows, beside = windows[..., : len(COLUMNS)], windows[..., len(COLUMNS) :]
    if windows.ndim != 3 or windows.shape[1:] != (WINDOW, len(COLUMNS)):
        raise PriceDataError(
            f"A forecast needs {', '.join(COLUMNS)} of at least {WINDOW} days: an array [days, {len(COLUMNS)}], or "
            f"windows [n, {WINDOW}, {len(COLUMNS)}]. Received: shape {list(rows.shape)}"
        )
    windows = windows.astype(np.float64)
    high, low, volume = windows[..., 1], windows[..., 2], windows[..., 4]
    for wrong, rule in (
        (~np.isfinite(windows).all(axis=2), "Prices must be finite"),
        ((windows[..., :4] <= 0).any(axis=2), "Prices must be above 0"),
        ((windows[..., :4] < SMALLEST).any(axis=2), f"Prices must be at least {SMALLEST:g}"),
        ((windows > LARGEST).any(axis=2), f"Prices and volumes must be at most {LARGEST:g}"),
        (volume < 0, "Volume must be at least 0"),
        (high < low, "High must be at least Low"),
    ):
        if wrong.any():
            window, row = (int(place) for place in np.argwhere(wrong)[0])
            raise PriceDataError(f"{rule}. Received: {windows[window, row].tolist()} in row {row} of the window")
    check_ranges(windows, lambda window, row: f"row {row}" if len(windows) == 1 else f"row {row} of window {window}")
    return widened(np.concatenate([windows, beside], axis=2)) if wide else windows
