"""How a forecast moves from day to day."""

import warnings

import numpy as np

from seqzoo.data.price_table import PriceDataWarning
from seqzoo.data.price_windows import STEPS
from seqzoo.tasks.stock_forecasting.asked import prices_to_read


def running_forecast(model, frame, days):
    """Forecasts float64 `[days + 1, len(model.outputs)]` after each of the last `days + 1` rows of checked prices."""
    last = len(frame) - 1
    return model.predict_rows(frame[list(model.columns)].to_numpy(), np.arange(last - days, last + 1))


def check_frame(frame, source="the frame", beside=None):
    """Checked daily prices of one ticker, enough for a forecast after each of the days that a network reads.

    The columns `seqzoo.data.market_windows.MARKET_COLUMNS` stand beside them, from `beside` or as they stand in the frame.
    """
    with warnings.catch_warnings():
        if hasattr(frame, "attrs") and frame.attrs.get("told"):  # a frame that was here before
            warnings.simplefilter("ignore", PriceDataWarning)
        found = prices_to_read(frame, source=source, days=STEPS + 1, beside=beside).frame
    found.attrs["told"] = True
    return found


def price_days(frame):
    """The days that a forecaster's network reads one by one, the last ones, such as "2020-01-31"."""
    return [f"{day:%Y-%m-%d}" for day in frame.index[-STEPS:]]
