"""How a forecast moves from day to day."""

import numpy as np

from seqzoo.data.price_windows import COLUMNS, STEPS, WINDOW
from seqzoo.data.prices import PriceDataError, check_prices


def running_forecast(model, frame, days):
    """Forecasts float64 `[days + 1, len(model.outputs)]` after each of the last `days + 1` rows of checked prices."""
    last = len(frame) - 1
    return model.predict_rows(frame[list(COLUMNS)].to_numpy(), np.arange(last - days, last + 1))


def check_frame(frame):
    """Checked daily prices of one ticker, enough for a forecast after each of the days that a network reads."""
    frame = check_prices(frame)
    if len(frame) < WINDOW + STEPS:
        raise PriceDataError(
            f"To follow a forecast over {STEPS} days takes at least {WINDOW + STEPS} daily rows; give a longer "
            f"history. Received: {len(frame)} rows"
        )
    return frame


def price_days(frame):
    """The days that a forecaster's network reads one by one, the last ones, such as "2020-01-31"."""
    return [f"{day:%Y-%m-%d}" for day in frame.index[-STEPS:]]
