"""A network's weights by name: what a model folder keeps, and the strict way back."""

import keras
import numpy as np
from keras import ops


def learnt(network):
    """The variables that training changes, also those of layers that rest (`trainable = False`): a model keeps them all.

    Weights of integers, such as which pairs of words are known, are made from the vocabulary instead.
    """
    return [v for v in network.weights if keras.backend.is_float_dtype(v.dtype)]


def read_tensors(network):
    """Trained values by name, e.g. `lstm_0/lstm_cell/kernel` -> float array."""
    return {v.path: np.asarray(ops.convert_to_numpy(v.value)) for v in learnt(network)}


def load_tensors(network, tensors):
    """Take over what `read_tensors` gave.

    Raises:
        ValueError: when a name is missing or unknown, a shape differs or a value is not finite; the network
        is then
            as it was before.
    """
    variables = {v.path: v for v in learnt(network)}
    if set(tensors) != set(variables):
        raise ValueError(
            f"The weights must be named {', '.join(sorted(variables))}. Received: {', '.join(sorted(tensors)):.1000}"
        )
    values = {}
    for name, variable in variables.items():
        with np.errstate(over="ignore"):  # what is too great becomes infinity, and is refused
            value = values[name] = np.asarray(tensors[name], keras.backend.standardize_dtype(variable.dtype))
        if value.shape != tuple(variable.shape):
            raise ValueError(f"`{name}` must have shape {tuple(variable.shape)}. Received: {value.shape}")
        if not np.all(np.isfinite(value)):
            raise ValueError(f"`{name}` must hold finite values only. Received: NaN or infinity")
    for name, variable in variables.items():
        variable.assign(values[name])


def count_parameters(network):
    """Number of trained values."""
    return int(sum(np.prod(variable.shape) for variable in learnt(network)))


def cell_shapes(path, cell, features, units):
    """(name, shape) of the weights of a recurrent layer with this path, as `read_tensors` names them.

    Args:
        cell: "rnn", "lstm" or "gru". features, units: sizes of a step's input and of the state.
    """
    gates, name = {"rnn": (1, "simple_rnn_cell"), "lstm": (4, "lstm_cell"), "gru": (3, "gru_cell")}[cell]
    yield f"{path}/{name}/kernel", (features, gates * units)
    yield f"{path}/{name}/recurrent_kernel", (units, gates * units)
    yield f"{path}/{name}/bias", (2, gates * units) if cell == "gru" else (gates * units,)  # reset_after has two


class NetworkWeights:
    """The weights of a model's `network`, by name."""

    def __repr__(self):
        form = ", ".join(f"{key}={value!r:.60}" for key, value in self.config.items())
        name = f"{self.name}, " if getattr(self, "name", None) else ""
        return f"<{type(self).__name__} {name}{self.count_parameters():,} parameters: {form}>"

    def count_parameters(self) -> int:
        """Number of trained values."""
        return count_parameters(self.network)

    def tensors(self) -> dict[str, np.ndarray]:
        """Weights by name, e.g. `lstm_0/lstm_cell/kernel` -> float array."""
        return read_tensors(self.network)

    def load_tensors(self, tensors: dict[str, np.ndarray]) -> None:
        """Take over weights written by `tensors`. Raises ValueError as `seqzoo.tasks.weights.load_tensors` does."""
        load_tensors(self.network, tensors)
