"""The .tflite files of a forecaster: what their sidecar says of prices, samples, and what a card states, measured."""

import time

import numpy as np

from seqzoo.data import market_windows, price_windows
from seqzoo.data.market_windows import features_of, widened
from seqzoo.data.price_windows import WINDOW
from seqzoo.tasks.phone import KNOWN, need_runtime, row_of
from seqzoo.tasks.stock_forecasting import outputs
from seqzoo.tasks.stock_forecasting.figures import measure_forecaster, rounded
from seqzoo.tasks.stock_forecasting.preprocess import forecast_of

STATED = {
    "stock-volatility": ("qlike", "qlike_to_har"),
    "stock-quantiles": ("pinball", "coverage_90", "coverage_50", "crossings"),
}
NEAR = 2e-3  # share of a figure: processors round 8-bit sums differently
TIMED = 200  # forecasts, from raw prices


class PhoneForecaster:
    """A .tflite file, given its `seqzoo.export.TFLiteRunner`, in the place of a forecaster, for `measure_forecaster`."""

    def __init__(self, runner):
        self.runner = runner
        self.task = runner.sidecar["prices"]["task"]

    def predict_features(self, sequence, anchor):
        found = forecast_of(self.runner.sidecar["prices"], self.runner({"sequence": sequence}), anchor)
        return np.stack(list(found.values()), axis=1)


def measure_stock_file(runner, windows, series, split, examples):
    """A file's row on the card: what it is, median milliseconds from raw prices to a forecast on one thread, its figures.

    Args:
        runner: `seqzoo.export.TFLiteRunner` of the file.
        windows: raw prices `[n, 250, 5]` to time it with.
        series, split, examples: as for `measure_forecaster`.
    """
    phone, seconds = PhoneForecaster(runner), []
    for place in range(TIMED):
        start = time.thread_time()  # which other programs do not lengthen
        runner(windows[place % len(windows)])
        seconds.append(time.thread_time() - start)
    figures = rounded(measure_forecaster(phone, series, split, examples))
    stated = {name: figures[name] for name in STATED[phone.task]}
    return row_of(runner, seconds, figures=stated, examples=len(examples))


def check_phone_figures(subject, name, stated, windows, series, split, examples):
    """(True, what was measured again of the file `name`); the time is that of the machine here and is only told.

    Raises:
        ValueError: if a figure is not what the card states.
        NotMadeError: where .tflite files cannot be run.
    """
    need_runtime()
    received = measure_stock_file(subject.open_file(subject.folder / name), windows, series, split, examples)
    same = all(received[key] == stated.get(key) for key in (*KNOWN, "examples"))
    pairs = [(received["figures"][figure], value) for figure, value in stated["figures"].items()]
    if not same or any(abs(now - then) > NEAR * abs(then) for now, then in pairs):
        raise ValueError(f"The card states {stated} of {name}. Received: {received}")
    told = ", ".join(f"{figure} {value:g}" for figure, value in received["figures"].items())
    return True, f"{told}; {received['milliseconds']} ms a forecast on this machine"


def sample_windows(random, wide=False):
    """Features of random walks, calm and wild, with a crash or a leap among their last days: dicts with `sequence`.

    With `wide` there is a market beside every second of them.
    """
    found = []
    for volatility in (0.003, 0.01, 0.02, 0.05):
        moves = random.standard_t(4, WINDOW) * volatility
        moves[-random.integers(1, 40)] *= 5
        close = 100 * np.exp(np.cumsum(moves))
        opened = close * np.exp(random.normal(0, volatility / 2, WINDOW))
        high = np.maximum(opened, close) * np.exp(np.abs(random.normal(0, volatility, WINDOW)))
        low = np.minimum(opened, close) * np.exp(-np.abs(random.normal(0, volatility, WINDOW)))
        volume = random.integers(10**5, 10**6, WINDOW)
        window = np.stack([opened, high, low, close, volume], axis=1)
        if wide:
            window = widened(window)
            if len(found) % 2:
                window[:, len(price_windows.COLUMNS) :] = np.stack([high, low, close, 1000 * (high / low - 1) + 10], axis=1)[::-1]
        found.append({"sequence": features_of_window(window)})
    return found


def features_of_window(window):
    """Features float32 `[1, steps, features]` of one window of prices `[250, columns]`."""
    return features_of(np.asarray(window, np.float64)[None])[0].astype(np.float32)


def describe_prices(forecaster):
    """The sidecar's account of how daily prices become the file's input, and its output a forecast."""
    described = {
        "task": forecaster.task,
        "columns": list(forecaster.columns),
        "window": price_windows.WINDOW,
        "steps": price_windows.STEPS,
        "features": list(market_windows.WIDE_FEATURES if forecaster.takes_market else price_windows.FEATURES),
        "rules": price_windows.RULES + (market_windows.RULES if forecaster.takes_market else ""),
        "outputs": list(forecaster.outputs),
        "answer": outputs.RULES[forecaster.task],
    }
    if forecaster.has_calibration:
        described["calibration"] = list(forecaster.config["calibration"])
    return described
