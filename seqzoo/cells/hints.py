"""Type hints that the signatures of cells and layers share."""

from collections.abc import Callable
from typing import Any, Literal

Tensor = Any  # of Keras's backend, a keras.KerasTensor, or what becomes one: an array, nested lists
# By name, as Keras serializes them, or themselves.
Activation = str | dict | Callable[[Tensor], Tensor] | None
Initializer = str | dict | Callable[..., Tensor]
Regularizer = str | dict | Callable[[Tensor], Tensor] | None
Constraint = str | dict | Callable[[Tensor], Tensor] | None
Auto = bool | Literal["auto"]
