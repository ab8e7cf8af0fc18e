"""Daily prices in, a forecast of the next trading day out: features, one recurrent layer, one head."""

from dataclasses import asdict, dataclass, fields

import keras
import numpy as np
from keras import ops

from seqzoo.data.price_windows import COLUMNS, FEATURES, STEPS, WINDOW, window_features, windows_of
from seqzoo.data.prices import PriceDataError, check_prices, import_pandas
from seqzoo.layers.gru import GRU
from seqzoo.layers.lstm import LSTM
from seqzoo.layers.rnn import RNN
from seqzoo.models.weights import count_parameters, load_tensors, read_tensors

CELLS = {"rnn": RNN, "lstm": LSTM, "gru": GRU}
_BATCH = 512  # windows forecast at a time; one size, so that TensorFlow traces one graph


@dataclass(frozen=True)
class ForecasterConfig:
    """The architecture of a forecaster; plain JSON values only.

    `calibration` widens (above 1) or narrows the inner and the outer half of a quantile forecast; see
    `seqzoo.models.stock_heads.fit_calibration`. A volatility forecaster has none of it.

    Raises:
        ValueError: for a size below 1, a rate outside [0, 1), an unknown cell, or factors that are not two
        above 0.
    """

    cell: str = "lstm"
    units: int = 32
    layers: int = 1
    dropout: float = 0.0
    calibration: tuple = (1.0, 1.0)
    seed: int = 0

    def __post_init__(self):
        for name in ("units", "layers"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ValueError(f"`{name}` must be a whole number of at least 1. Received: {value!r}")
        if (
            isinstance(self.dropout, bool)
            or not isinstance(self.dropout, (int, float))
            or not 0 <= self.dropout < 1
        ):
            raise ValueError(f"`dropout` must lie in [0, 1). Received: {self.dropout!r}")
        if self.cell not in CELLS:
            raise ValueError(f"`cell` must be one of {', '.join(CELLS)}. Received: {self.cell!r}")
        factors = self.calibration
        if (
            not isinstance(factors, (list, tuple))
            or len(factors) != 2
            or not all(_is_positive(f) for f in factors)
        ):
            raise ValueError(f"`calibration` must be two finite numbers above 0. Received: {factors!r}")

    @classmethod
    def from_dict(cls, values):
        known = [field.name for field in fields(cls)]
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise ValueError(f"A forecaster's config has the keys {', '.join(known)}. Received: {unknown}")
        return cls(**values)


def _is_positive(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < float("inf")


def build_network(config, head_bias):
    """The Keras model of a forecaster: features float32 `[batch, STEPS, features]` -> raw outputs float32
    `[batch, k]`.

    Args:
        config: `ForecasterConfig`.
        head_bias: float `[k]`, what the raw outputs begin at.
    """
    x = sequence = keras.Input((STEPS, len(FEATURES)), name="sequence")
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
    x = keras.layers.Concatenate(name="state_and_last_day")([x, sequence[:, -1]])
    outputs = keras.layers.Dense(
        len(head_bias),
        kernel_initializer=keras.initializers.GlorotUniform(seed=config.seed + 5),
        bias_initializer=lambda shape, dtype=None: ops.convert_to_tensor(head_bias, dtype),
        dtype="float32",
        name="head",
    )(x)
    return keras.Model(sequence, outputs, name="forecaster")


class Forecaster:
    """What the forecasters of `seqzoo.models.stock_heads` share. A subclass says `task`, `outputs`,
    `head_bias`,
    `loss`, `targets` and `decode`.

    One network serves every ticker: it sees a window's features, which hold neither the price's level nor
    its name.

    Args:
        config: `ForecasterConfig`, or a dict with its fields.

    Attributes:
        network: `keras.Model`, features float32 `[batch, STEPS, features]` -> raw outputs float32 `[batch,
        k]`.
    """

    task = None
    outputs = ()

    def __init__(self, config=None):
        if not isinstance(config, ForecasterConfig):
            config = ForecasterConfig.from_dict(config or {})
        self._config = config
        self.network = build_network(config, self.head_bias)

    @property
    def config(self):
        return {**asdict(self._config), "calibration": list(self._config.calibration)}

    def forecast(self, frame, start=None, jumps="error"):
        """Forecast the next trading day, from daily prices of one ticker.

        Args:
            frame: pandas DataFrame with Open, High, Low, Close and Volume, in any order and case, indexed
            by date (or
                with a column Date); of any ticker. At least `WINDOW` (250) rows must come up to and with a
                day to forecast from it.
            start: a date: forecast from every day on from it that has rows enough before it. Only from the
            last day
                when None.
            jumps: "error" refuses a night whose move looks like an unadjusted split; "keep" takes it as real.

        Returns:
            DataFrame with the index `asof`, the last day known, and the float64 columns that `outputs`
            names. A row depends on no price after its day.

        Raises:
            PriceDataError (a ValueError): for prices with an error in them (see
            `seqzoo.data.prices.check_prices`), too
                few rows, or a `start` after the last row.
            TypeError: if `frame` is no DataFrame.
        """
        pandas = import_pandas()
        frame = check_prices(frame, jumps=jumps)
        if len(frame) < WINDOW:
            raise PriceDataError(
                f"A forecast needs at least {WINDOW} daily rows; give a longer history. Received: "
                f"{len(frame)} rows, to "
                f"{frame.index[-1]:%Y-%m-%d}"
            )
        first = len(frame) - 1
        if start is not None:
            first = max(WINDOW - 1, int(frame.index.searchsorted(_date(start, pandas))))
        if first == len(frame):
            raise PriceDataError(
                f"The frame must reach `start`; give newer rows or an earlier start. Received: "
                f"start={start!s}, last row "
                f"{frame.index[-1]:%Y-%m-%d}"
            )
        ends = np.arange(first, len(frame))
        values = self.predict_rows(frame[list(COLUMNS)].to_numpy(), ends)
        return pandas.DataFrame(values, index=frame.index[ends].rename("asof"), columns=list(self.outputs))

    def predict_rows(self, rows, ends):
        """Forecasts float64 `[n, len(outputs)]` after each of the rows `ends` of raw prices `[days, 5]`."""
        ends = np.asarray(ends)
        parts = [ends[i : i + _BATCH] for i in range(0, len(ends), _BATCH)]
        return np.concatenate([self.predict(windows_of(rows, part)) for part in parts])

    def predict(self, windows):
        """Forecasts from raw windows.

        Args:
            windows: float `[n, WINDOW, 5]`, checked prices; columns as in
            `seqzoo.data.price_windows.COLUMNS`.

        Returns:
            float64 `[n, len(outputs)]`.

        Raises:
            ValueError: for another shape.
        """
        windows = np.asarray(windows, np.float64)
        if windows.ndim != 3 or windows.shape[1:] != (WINDOW, len(COLUMNS)):
            raise ValueError(
                f"`windows` must have shape [n, {WINDOW}, {len(COLUMNS)}]. Received: {list(windows.shape)}"
            )
        return self.predict_features(*window_features(windows))

    def predict_features(self, sequence, anchor):
        """Forecasts from the features of `window_features`."""
        return self.decode(self.raw_outputs(sequence).astype(np.float64), anchor)

    def raw_outputs(self, sequence):
        """The network's raw outputs float32 `[n, k]`, in batches of one size."""
        found = []
        for begin in range(0, len(sequence), _BATCH):
            part = np.asarray(sequence[begin : begin + _BATCH], np.float32)
            size = 1 if len(sequence) == 1 else _BATCH
            padded = np.pad(part, ((0, size - len(part)), (0, 0), (0, 0)))
            found.append(np.asarray(self.network.predict_on_batch(padded))[: len(part)])
        return np.concatenate(found)

    def count_parameters(self):
        """Number of trained values."""
        return count_parameters(self.network)

    def tensors(self):
        """Weights by name, e.g. `lstm_0/lstm_cell/kernel` -> float array."""
        return read_tensors(self.network)

    def load_tensors(self, tensors):
        """Take over weights written by `tensors`. Raises ValueError as `seqzoo.models.weights.load_tensors`
        does.
        """
        load_tensors(self.network, tensors)


def _date(value, pandas):
    try:
        date = pandas.Timestamp(value)
        if date is pandas.NaT or isinstance(value, (int, float)):
            raise ValueError
    except (ValueError, TypeError):
        raise PriceDataError(f"`start` must be a date such as '2020-01-31'. Received: {value!r}") from None
    return date.tz_localize(None).normalize()
