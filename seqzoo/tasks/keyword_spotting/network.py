"""The network of a keyword spotter, from the microphone's samples on, and the sizes that it is built from."""

from dataclasses import asdict, dataclass, fields

import keras

from seqzoo.layers.gru import GRU
from seqzoo.layers.log_mel import LogMel
from seqzoo.layers.lstm import LSTM
from seqzoo.tasks.keyword_spotting.front import HOP, RATE
from seqzoo.tasks.keyword_spotting.names import SILENCE, UNKNOWN
from seqzoo.tasks.keyword_spotting.stream import FRONT, OFFSET, SCALE
from seqzoo.tasks.weights import cell_shapes

CELLS = {"gru": GRU, "lstm": LSTM}


@dataclass(frozen=True)
class KeywordConfig:
    """The architecture of a keyword spotter and how its answers become events; plain JSON values only.

    Attributes:
        classes: names of what it tells apart, "silence" and "unknown" among them.
        cell, units, layers, dropout, seed: the recurrent layers.
        window, bands, lower, upper, floor: as of `seqzoo.layers.LogMel`.
        smoothing: steps of 20 ms over which probabilities are averaged.
        threshold: the smoothed probability from which on a word is an event.
        refractory: steps after an event in which there is no other.
        lead: steps of silence before a clip, which it is heard after as in a stream.

    Raises:
        ValueError: for values that are not valid.
    """

    classes: tuple = (SILENCE, UNKNOWN)
    cell: str = "gru"
    units: int = 64
    layers: int = 2
    dropout: float = 0.0
    seed: int = 0
    window: int = 256
    bands: int = 32
    lower: float = 60.0
    upper: float = 3800.0
    floor: float = 1e-6
    smoothing: int = 10
    threshold: float = 0.5
    refractory: int = 15
    lead: int = 0

    def __post_init__(self):
        for name in ("units", "layers", "window", "bands", "smoothing", "refractory", "lead"):
            value, least = getattr(self, name), int(name != "lead")
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise ValueError(f"`{name}` must be a whole number of at least {least}. Received: {value!r}")
        for name in ("dropout", "threshold", "lower", "upper", "floor"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise ValueError(f"`{name}` must be a number. Received: {value!r}")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"`dropout` must lie in [0, 1). Received: {self.dropout!r}")
        if not 0 < self.threshold <= 1:
            raise ValueError(f"`threshold` must be above 0 and at most 1. Received: {self.threshold!r}")
        if self.cell not in CELLS:
            raise ValueError(f"`cell` must be one of {', '.join(CELLS)}. Received: {self.cell!r}")
        names = self.classes
        whole = isinstance(names, (list, tuple)) and all(isinstance(name, str) and name for name in names)
        if not whole or len(set(names)) < len(names) or not {SILENCE, UNKNOWN} < set(names):
            raise ValueError(
                f"`classes` must be different names, {SILENCE!r} and {UNKNOWN!r} and at least one word. Received: {names!r:.500}"
            )

    @property
    def front(self):
        """Arguments of `LogMel`."""
        return {"sample_rate": RATE, "hop": HOP} | {name: getattr(self, name) for name in FRONT}

    def to_dict(self):
        """Plain JSON values, as a card holds them."""
        return {**asdict(self), "classes": list(self.classes)}

    @classmethod
    def from_dict(cls, values):
        known = [field.name for field in fields(cls)]
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise ValueError(f"A keyword spotter's config has the keys {', '.join(known)}. Received: {str(unknown)[:500]}")
        classes = values.get("classes", ())
        return cls(**{**values, "classes": tuple(classes) if isinstance(classes, list) else classes})


def weight_shapes(config):
    """(name, shape) of every tensor of `build_network(config)`."""
    features = config.bands
    for index in range(config.layers):
        yield from cell_shapes(f"{config.cell}_{index}", config.cell, features, config.units)
        features = config.units
    yield "probabilities/kernel", (features, len(config.classes))
    yield "probabilities/bias", (len(config.classes),)


def build_network(config):
    """Sound in hops float32 `[batch, time, HOP]` -> probabilities of the classes float32 `[batch, time, classes]`."""
    x = audio = keras.Input((None, HOP), name="audio")
    x = LogMel(**config.front, name="log_mel")(x)
    x = keras.layers.Rescaling(float(SCALE), float(OFFSET), name="scaled")(x)
    for index in range(config.layers):
        seed = config.seed + 10 * (index + 1)
        x = CELLS[config.cell](
            config.units,
            return_sequences=True,
            kernel_initializer=keras.initializers.GlorotUniform(seed=seed),
            recurrent_initializer=keras.initializers.Orthogonal(seed=seed + 1),
            name=f"{config.cell}_{index}",
        )(x)
        x = keras.layers.Dropout(config.dropout, seed=seed + 2, name=f"dropout_{index}")(x)
    probabilities = keras.layers.Dense(
        len(config.classes),
        activation="softmax",
        kernel_initializer=keras.initializers.GlorotUniform(seed=config.seed + 5),
        dtype="float32",
        name="probabilities",
    )(x)
    return keras.Model(audio, probabilities, name="keywords")


def after_front(network):
    """The network from log-mel rows float32 `[batch, time, bands]` on, with the same layers: what training fits."""
    front = network.get_layer("log_mel")
    x = rows = keras.Input((None, front.bands), name="rows")
    for layer in network.layers[2:]:
        x = layer(x)
    return keras.Model(rows, x, name="after_front")
