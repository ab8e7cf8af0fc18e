"""The network of a forecaster and the sizes that it is built from."""

from dataclasses import asdict, dataclass, fields

import keras
import numpy as np
from keras import ops

from seqzoo.data.market_windows import WIDE_COLUMNS, WIDE_FEATURES, beside_state
from seqzoo.data.price_windows import COLUMNS, FEATURES, STEPS
from seqzoo.layers.gru import GRU
from seqzoo.layers.lstm import LSTM
from seqzoo.layers.rnn import RNN
from seqzoo.tasks.weights import cell_shapes

CELLS = {"rnn": RNN, "lstm": LSTM, "gru": GRU}


@dataclass(frozen=True)
class ForecasterConfig:
    """The architecture of a forecaster; plain JSON values only.

    `calibration` widens (above 1) or narrows the inner and the outer half of a quantile forecast; see
    `seqzoo.tasks.stock_forecasting.heads.fit_calibration`. A volatility forecaster has none of it. With `market` the
    network can also see a market index and the VIX; see `seqzoo.data.market_windows`.

    Raises:
        ValueError: for a size below 1, a rate outside [0, 1), an unknown cell, factors that are not two above 0, or a
        `market` that is neither true nor false.
    """

    cell: str = "lstm"
    units: int = 32
    layers: int = 1
    dropout: float = 0.0
    calibration: tuple = (1.0, 1.0)
    seed: int = 0
    market: bool = False

    def __post_init__(self):
        for name in ("units", "layers"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ValueError(f"`{name}` must be a whole number of at least 1. Received: {value!r}")
        if isinstance(self.dropout, bool) or not isinstance(self.dropout, (int, float)) or not 0 <= self.dropout < 1:
            raise ValueError(f"`dropout` must lie in [0, 1). Received: {self.dropout!r}")
        if self.cell not in CELLS:
            raise ValueError(f"`cell` must be one of {', '.join(CELLS)}. Received: {self.cell!r}")
        factors = self.calibration
        if not isinstance(factors, (list, tuple)) or len(factors) != 2 or not all(_is_positive(f) for f in factors):
            raise ValueError(f"`calibration` must be two finite numbers above 0. Received: {factors!r}")
        if not isinstance(self.market, bool):
            raise ValueError(f"`market` must be true or false. Received: {self.market!r}")

    @property
    def columns(self):
        """The columns of the rows that it reads."""
        return WIDE_COLUMNS if self.market else COLUMNS

    @property
    def features(self):
        """Names of what its network sees of a day."""
        return WIDE_FEATURES if self.market else FEATURES

    def to_dict(self):
        """Plain JSON values, as a card holds them: `market` only where it is true."""
        values = {**asdict(self), "calibration": list(self.calibration)}
        return values if self.market else {name: value for name, value in values.items() if name != "market"}

    @classmethod
    def from_dict(cls, values):
        known = [field.name for field in fields(cls)]
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise ValueError(f"A forecaster's config has the keys {', '.join(known)}. Received: {str(unknown)[:500]}")
        return cls(**values)


def _is_positive(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < float("inf")


def weight_shapes(config, outputs):
    """(name, shape) of every tensor of `build_network(config, head_bias)` with so many `outputs`."""
    features = len(config.features)
    for index in range(config.layers):
        yield from cell_shapes(f"{config.cell}_{index}", config.cell, features, config.units)
        features = config.units
    beside = len(FEATURES)
    if config.market:
        beside = beside_state(np.zeros((1, len(WIDE_FEATURES))), np).shape[1]
    yield "head/kernel", (features + beside, outputs)
    yield "head/bias", (outputs,)


def build_network(config, head_bias):
    """The Keras model of a forecaster: features float32 `[batch, STEPS, features]` -> raw outputs float32
    `[batch, k]`.

    Args:
        config: `ForecasterConfig`.
        head_bias: float `[k]`, what the raw outputs begin at.
    """
    x = sequence = keras.Input((STEPS, len(config.features)), name="sequence")
    for index in range(config.layers):
        seed = config.seed + 10 * (index + 1)
        x = CELLS[config.cell](
            config.units,
            return_sequences=index + 1 < config.layers,
            kernel_initializer=keras.initializers.GlorotUniform(seed=seed),
            recurrent_initializer=keras.initializers.Orthogonal(seed=seed + 1),
            name=f"{config.cell}_{index}",
        )(x)
    x = keras.layers.Dropout(config.dropout, seed=config.seed + 4, name="dropout")(x)
    # Beside the state, the last day's features, which hold the terms of a HAR model: where a gate is saturated, as in
    # the first days of a crash, the line through them goes on.
    x = keras.layers.Concatenate(name="state_and_last_day")([x, beside_state(sequence[:, -1], ops)])
    outputs = keras.layers.Dense(
        len(head_bias),
        kernel_initializer=keras.initializers.GlorotUniform(seed=config.seed + 5),
        bias_initializer=lambda shape, dtype=None: ops.convert_to_tensor(head_bias, dtype),
        dtype="float32",
        name="head",
    )(x)
    return keras.Model(sequence, outputs, name="forecaster")
