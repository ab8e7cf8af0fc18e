"""A forecaster that answers without TensorFlow."""

import numpy as np

from seqzoo.data.market_windows import beside_state
from seqzoo.tasks.numpy_network import run_layers
from seqzoo.tasks.stock_forecasting.outputs import OUTPUTS, quantile_columns, volatility_columns
from seqzoo.tasks.stock_forecasting.reader import PriceReader


class QuickForecaster(PriceReader):
    """The forecasts of a `Forecaster`, to 1e-5, one window after the other, in NumPy.

    Args:
        task: name of the task.
        config: as in the card.
        tensors: weights by name, float32.
    """

    def __init__(self, task, config, tensors):
        self.task, self.outputs, self.config, self._tensors = task, OUTPUTS[task], config, tensors

    def raw_outputs(self, sequence):
        """Float32 `[n, k]`; see `Forecaster.raw_outputs`."""
        return np.stack([self._of_one(np.asarray(window, np.float32)) for window in sequence])

    def decode(self, raw, anchor, xp=np):
        """See `VolatilityForecaster.decode` and `QuantileForecaster.decode`."""
        if "shape/raw" in self._tensors:
            return quantile_columns(raw, anchor, self.config["calibration"], xp)
        return volatility_columns(raw, anchor, xp)

    def _of_one(self, window):
        hidden, _ = run_layers(window, self._tensors, self.config)
        state = np.concatenate([hidden[-1], beside_state(window[-1:], np)[0]])
        out = state @ self._tensors["head/kernel"] + self._tensors["head/bias"]
        return np.concatenate([out, self._tensors["shape/raw"]]) if "shape/raw" in self._tensors else out
