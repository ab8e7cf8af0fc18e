"""Daily prices in, a forecast of the next trading day out: features, one recurrent layer, one head."""

import numpy as np

from seqzoo.forked import refuse_after_fork
from seqzoo.tasks.stock_forecasting.network import ForecasterConfig, build_network
from seqzoo.tasks.stock_forecasting.reader import BATCH, PriceReader
from seqzoo.tasks.weights import NetworkWeights


class Forecaster(PriceReader, NetworkWeights):
    """What the forecasters of `seqzoo.tasks.stock_forecasting.heads` share.

    One network serves every ticker: it sees a window's features, which hold neither the price's level nor
    its name. A subclass says `task`, `outputs`, `head_bias`, `loss`, `targets` and `decode`.

    Args:
        config: `ForecasterConfig`, or a dict with its fields.

    Attributes:
        network: `keras.Model`, features float32 `[batch, STEPS, features]` to raw outputs float32 `[batch, k]`.
    """

    has_calibration = False  # whether the config's `calibration` enters the forecast

    def __init__(self, config=None):
        if not isinstance(config, ForecasterConfig):
            config = ForecasterConfig.from_dict(config or {})
        self._config = config
        self.network = self._build()

    def _build(self):
        return build_network(self._config, self.head_bias)

    @property
    def columns(self):
        """Names of the columns of prices that it reads."""
        return self._config.columns

    @property
    def config(self):
        return self._config.to_dict()

    def raw_outputs(self, sequence):
        """The network's raw outputs float32 `[n, k]`, in batches of one size."""
        refuse_after_fork()
        found = []
        for begin in range(0, len(sequence), BATCH):
            part = np.asarray(sequence[begin : begin + BATCH], np.float32)
            size = 1 if len(sequence) == 1 else BATCH
            padded = np.pad(part, ((0, size - len(part)), (0, 0), (0, 0)))
            found.append(np.asarray(self.network.predict_on_batch(padded))[: len(part)])
        return np.concatenate(found)
