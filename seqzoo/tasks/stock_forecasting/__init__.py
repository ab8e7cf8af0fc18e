"""Daily prices in, a forecast of the next trading day out. Imports TensorFlow on first need."""

from seqzoo.lazy import lazy

_HOMES = {
    "Forecaster": "model",
    "ForecasterConfig": "network",
    "QuantileForecaster": "heads",
    "VolatilityForecaster": "heads",
}
__all__ = list(_HOMES)
__getattr__, __dir__ = lazy(__name__, _HOMES)
