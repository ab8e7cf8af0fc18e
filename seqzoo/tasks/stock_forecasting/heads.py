"""The two questions that a forecaster answers: how much the price will move, and how its move is
distributed.
"""

from dataclasses import replace

import keras
import numpy as np
from keras import ops

from seqzoo.tasks.stock_forecasting.model import Forecaster
from seqzoo.tasks.stock_forecasting.outputs import (
    OUTPUTS,
    QUANTILES,
    TRADING_DAYS,
    quantile_columns,
    rising_quantiles,
    volatility_columns,
)

__all__ = ["QUANTILES", "TRADING_DAYS", "QuantileForecaster", "VolatilityForecaster", "fit_calibration"]
VARIANCE_WEIGHT = 0.3  # of QLIKE beside the pinball loss


class VolatilityForecaster(Forecaster):
    """Expected variance of the next trading day's log price while the market is open.

    Trained on Parkinson's range variance with the QLIKE loss, `v/h - ln(v/h) - 1`, whose best forecast is
    the expected variance however noisy its daily measure `v` is (Patton, "Volatility forecast comparison
    using imperfect volatility proxies", Journal of Econometrics 2011). The move over the night is not part
    of it.

    `forecast` gives `variance` (squared daily log return, decimal) and `volatility` (annualised over 252
    days, per cent).
    """

    task = "stock-volatility"
    outputs = OUTPUTS[task]
    head_bias = (0.45,)  # ln of how far the mean of a day's variance is above its geometric mean

    @staticmethod
    def loss(target, output):
        """QLIKE `[batch, 1]`; both arguments are log variances above the anchor."""
        return ops.exp(target - output) - (target - output) - 1

    @staticmethod
    def targets(examples):
        """What the network's outputs are compared with, float32 `[n, 1]`."""
        return (np.log(examples.variance) - examples.anchor).astype(np.float32)[:, None]

    def decode(self, raw, anchor, xp=np):
        """Raw outputs `[n, 1]` and anchors `[n]`, both float64, -> `[n, 2]`; `xp` as in `window_features`."""
        return volatility_columns(raw, anchor, xp)


class QuantileForecaster(Forecaster):
    """Quantiles of the next trading day's close-to-close log return.

    The network gives the log variance of the market's open hours, as `VolatilityForecaster` does; the
    distribution of the return over that scale is one for all days and tickers: a median and four gaps, made
    positive by softplus, so that quantiles cannot cross. Trained on the pinball loss (Koenker & Bassett,
    "Regression Quantiles", Econometrica 1978) plus `VARIANCE_WEIGHT` times QLIKE: a day's range says far more
    about its scale than the one return that the pinball loss sees.

    `forecast` gives `q05 q25 q50 q75 q95` (log return, decimal).
    """

    task = "stock-quantiles"
    has_calibration = True
    outputs = OUTPUTS[task]
    head_bias = VolatilityForecaster.head_bias
    shape = (0.03, -0.03, -0.03, 0.7, 0.7)  # near a standard normal's quantiles, after softplus

    def _build(self):
        network = super()._build()
        return keras.Model(network.input, _Shape(self.shape, name="shape")(network.output), name="forecaster")

    @staticmethod
    def loss(target, output):
        """Pinball loss over the anchor's scale, the mean over the levels, plus the weighted QLIKE, `[batch, 1]`.

        Args:
            target: float32 `[batch, 2]`, see `targets`.
            output: raw outputs float32 `[batch, 6]`.
        """
        error = target[:, :1] - rising_quantiles(output[:, 1:], (1.0, 1.0), ops) * ops.exp(output[:, :1] / 2)
        levels = np.array(QUANTILES, np.float32)
        pinball = ops.mean(ops.maximum(levels * error, (levels - 1) * error), axis=1, keepdims=True)
        return pinball + VARIANCE_WEIGHT * VolatilityForecaster.loss(target[:, 1:], output[:, :1])

    @staticmethod
    def targets(examples):
        """What the network's outputs are compared with, float32 `[n, 2]`: the return over the anchor's scale, and
        the log variance above the anchor.
        """
        returns = (examples.returns * np.exp(-examples.anchor / 2)).astype(np.float32)
        return np.stack([returns, VolatilityForecaster.targets(examples)[:, 0]], axis=1)

    def decode(self, raw, anchor, xp=np):
        """Raw outputs `[n, 6]` and anchors `[n]`, both float64, -> `[n, 5]`; `xp` as in `window_features`."""
        return quantile_columns(raw, anchor, self.config["calibration"], xp)

    def calibrated(self, examples):
        """This forecaster with its calibration fitted on `examples`, which should be validation data."""
        other = QuantileForecaster(replace(self._config, calibration=(1.0, 1.0)))
        other.load_tensors(self.tensors())
        raw = other.raw_outputs(examples.sequence).astype(np.float64)
        standard = self.targets(examples)[:, 0] * np.exp(-raw[:, 0] / 2)
        other._config = replace(other._config, calibration=fit_calibration(raw[:, 1:], standard))
        return other


class _Shape(keras.layers.Layer):
    """Sets trained raw quantiles `[5]`, the same for all rows, beside a log variance: `[n, 1]` -> `[n, 6]`."""

    def __init__(self, initial, **options):
        super().__init__(**options)
        self._initial = initial

    def build(self, shape):
        self.raw = self.add_weight(
            shape=(len(self._initial),),
            initializer=lambda shape, dtype=None: ops.convert_to_tensor(self._initial, dtype),
            name="raw",
        )

    def call(self, x):
        return ops.concatenate([x, ops.zeros_like(x) + self.raw], axis=1)


def fit_calibration(raw, target):
    """Factors for the inner and outer gaps with which 50 % and 90 % of the targets lie between the quantiles.

    Args:
        raw: raw outputs float `[n, 5]`.
        target: standardised returns float `[n]`.

    Returns:
        two floats above 0, rounded to four digits.
    """
    raw, target = np.asarray(raw, np.float64), np.asarray(target, np.float64)
    levels = QUANTILES[3] - QUANTILES[1], QUANTILES[4] - QUANTILES[0]
    inner = _factor(lambda f: _coverage(raw, target, (f, 1.0), 1, 3), levels[0])
    return inner, _factor(lambda f: _coverage(raw, target, (inner, f), 0, 4), levels[1])


def _coverage(raw, target, calibration, low, high):
    quantiles = rising_quantiles(raw, calibration, np)
    return np.mean((target >= quantiles[:, low]) & (target <= quantiles[:, high]))


def _factor(coverage, level):
    """The factor in [1/4, 4] at which rising `coverage` reaches `level`, by halving."""
    below, above = 0.25, 4.0
    for _ in range(30):
        middle = (below * above) ** 0.5
        below, above = (middle, above) if coverage(middle) < level else (below, middle)
    return round(above, 4)
