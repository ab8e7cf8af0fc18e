"""The .tflite files of a forecaster: what its card states of them, measured on the days of the test part."""

import importlib.util
import time

import numpy as np

from seqzoo.zoo.integrity import ModelIntegrityError
from seqzoo.zoo.phone import KNOWN, RUNTIME
from seqzoo.zoo.stock_figures import measure_forecaster, rounded

STATED = {
    "stock-volatility": ("qlike", "qlike_to_har"),
    "stock-quantiles": ("pinball", "coverage_90", "coverage_50", "crossings"),
}
NEAR = 2e-3  # share of a figure: processors round 8-bit sums differently
TIMED = 200  # forecasts, from raw prices


class PhoneForecaster:
    """A .tflite file in the place of a forecaster, for `measure_forecaster`."""

    def __init__(self, path):
        from seqzoo.export import TFLiteRunner

        self.runner = TFLiteRunner(path)
        self.task = self.runner.sidecar["prices"]["task"]

    def predict_features(self, sequence, anchor):
        from seqzoo.export.tflite.prices import forecast_of

        found = forecast_of(self.runner.sidecar["prices"], self.runner({"sequence": sequence}), anchor)
        return np.stack(list(found.values()), axis=1)


def measure_stock_file(path, windows, series, split, examples):
    """A phone file's row on the card: what it is, median milliseconds from raw prices to a forecast on one thread,
    and its figures.

    Args:
        path: the .tflite file.
        windows: raw prices `[n, 250, 5]` to time it with.
        series, split, examples: as for `measure_forecaster`.
    """
    phone, seconds = PhoneForecaster(path), []
    for place in range(TIMED):
        start = time.perf_counter()
        phone.runner(windows[place % len(windows)])
        seconds.append(time.perf_counter() - start)
    figures = rounded(measure_forecaster(phone, series, split, examples))
    return {key: phone.runner.sidecar[key] for key in KNOWN} | {
        "milliseconds": round(1000 * float(np.median(seconds)), 3),
        "figures": {name: figures[name] for name in STATED[phone.task]},
        "examples": len(examples),
    }


def check_stock_figures(path, stated, windows, series, split, examples):
    """(True, what was measured again); the time is that of the machine here and is only told.

    Raises:
        ModelIntegrityError: if a figure is not what the card states.
    """
    if importlib.util.find_spec(RUNTIME) is None:
        return True, "not measured; pip install 'seqzoo[mobile]' for it"
    received = measure_stock_file(path, windows, series, split, examples)
    same = all(received[key] == stated.get(key) for key in (*KNOWN, "examples"))
    pairs = [(received["figures"][name], value) for name, value in stated["figures"].items()]
    if not same or any(abs(now - then) > NEAR * abs(then) for now, then in pairs):
        raise ModelIntegrityError(f"The card states {stated} of {path.name}. Received: {received}")
    told = ", ".join(f"{name} {value:g}" for name, value in received["figures"].items())
    return True, f"{told}; {received['milliseconds']} ms a forecast on this machine"
