"""Daily prices in, a forecast of the next trading day out. Imports TensorFlow on first need."""

from typing import TYPE_CHECKING

from seqzoo.lazy import lazy

_HOMES = {
    "Forecaster": "model",
    "ForecasterConfig": "network",
    "QuantileForecaster": "heads",
    "VolatilityForecaster": "heads",
}
__all__ = list(_HOMES)

if TYPE_CHECKING:  # the same names, for editors and type checkers
    from seqzoo.tasks.stock_forecasting.heads import QuantileForecaster as QuantileForecaster
    from seqzoo.tasks.stock_forecasting.heads import VolatilityForecaster as VolatilityForecaster
    from seqzoo.tasks.stock_forecasting.model import Forecaster as Forecaster
    from seqzoo.tasks.stock_forecasting.network import ForecasterConfig as ForecasterConfig
else:
    __getattr__, __dir__ = lazy(__name__, _HOMES)
