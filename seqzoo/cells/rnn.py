"""One step of the simple recurrent network."""

from typing import TYPE_CHECKING, Any, NamedTuple

from keras import activations, saving

from seqzoo.cells import checks
from seqzoo.cells.base import RecurrentCell, product
from seqzoo.cells.hints import Activation, Constraint, Initializer, Regularizer, Tensor
from seqzoo.cells.weight_files import find_either, name_twice


class RNNGates(NamedTuple):
    """What one step computes: h, [batch, units]. A simple network has no gates; its state is all there is."""

    hidden: Any


def rnn_gates(z, activation):
    """The new state from z = x_t W + h_{t-1} U + b, [batch, units]."""
    return RNNGates(hidden=activation(z))


@saving.register_keras_serializable(package="seqzoo")
class RNNCell(RecurrentCell):
    """One step of a simple recurrent network (Elman 1990).

        h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h)         state, and the output when there is no head
        y_t = output_activation(h_t W_hy + b_y)           output, with `output_units`

    Weights as in `keras.layers.SimpleRNNCell`: `kernel` W_xh [features, units], `recurrent_kernel` W_hh
    [units, units], `bias` b_h [units]. The head adds `output_kernel` W_hy [units, output_units] and
    `output_bias` b_y [output_units], which take the initializers, regularizers and constraints of `kernel`
    and `bias`.

    Takes the arguments of `keras.layers.SimpleRNNCell`, in their order and with their defaults, and
    `output_units`, `output_activation`. `activation` stands where the equation says tanh.

    Called on inputs [batch, features] and the state h [batch, units], alone or in a list, it returns y_t
    (or h_t) and the new state. Where a mask is False, `keras.layers.RNN` repeats the output before; under
    JAX it repeats the state instead, which is no y: there, use `seqzoo.RNN`, or
    `zero_output_for_mask=True`.

    Raises ValueError or TypeError for units that are no positive integer, dropout outside [0, 1), inputs
    that are not [batch, features] or not real numbers, a state of another size, an `output_activation`
    without `output_units`, and weights that do not fit or are not finite.
    """

    own_options = ("output_units", "output_activation")
    draws_seed_first = True

    def __init__(
        self,
        units: int,
        activation: Activation = "tanh",
        use_bias: bool = True,
        kernel_initializer: Initializer = "glorot_uniform",
        recurrent_initializer: Initializer = "orthogonal",
        bias_initializer: Initializer = "zeros",
        kernel_regularizer: Regularizer = None,
        recurrent_regularizer: Regularizer = None,
        bias_regularizer: Regularizer = None,
        kernel_constraint: Constraint = None,
        recurrent_constraint: Constraint = None,
        bias_constraint: Constraint = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        *,
        output_units: int | None = None,
        output_activation: Activation = None,
        **kwargs,
    ):
        super().__init__(
            units,
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
            **kwargs,
        )
        if output_units is not None:
            self.output_size = checks.positive_units("output_units", output_units)
        elif output_activation is not None:
            raise ValueError(
                "`output_activation` belongs to the output head: give `output_units` too, or leave both out. "
                f"Received: output_units=None, output_activation={output_activation!r}"
            )
        self.output_units = output_units
        self.output_activation = output_units and activations.get(output_activation)

    def build(self, input_shape):
        super().build(input_shape)
        if self.output_units is None:
            return
        # A copy: an initializer without a seed repeats its numbers when asked for the same shape again.
        start = getattr(self.kernel_initializer, "clone", lambda: self.kernel_initializer)()
        self.output_kernel = self._add("output_kernel", (self.units, self.output_units), "kernel", start)
        self.output_bias = self._add("output_bias", (self.output_units,), "bias") if self.use_bias else None

    if TYPE_CHECKING:

        def gates(self, inputs: Tensor, states: Any, training: bool = False) -> RNNGates: ...

    def advance(self, projected: Tensor, states: Any, training: bool = False) -> RNNGates:
        """RNNGates of one step from x_t W_xh + b_h [batch, units] and the states (h_{t-1},)."""
        (hidden,) = states
        return rnn_gates(projected + self.project_hidden(hidden, training), self.activation)

    def head(self, hidden: Tensor) -> Tensor:
        """y_t from h_t: [..., units] -> [..., output_units]; h_t itself without `output_units`."""
        if self.output_units is None:
            return hidden
        y = product(hidden, self._cast(self.output_kernel))
        if self.use_bias:
            y = y + self._cast(self.output_bias)
        return self.output_activation(y)

    def call(self, inputs: Tensor, states: Any, training: bool = False) -> tuple[Tensor, Any]:
        hidden = self.gates(inputs, states, training).hidden
        return self.head(hidden), [hidden] if isinstance(states, (list, tuple)) else hidden

    def save_own_variables(self, store: Any) -> None:
        super().save_own_variables(store)
        name_twice(store, "rnn_cell", "simple_rnn_cell")

    def load_own_variables(self, store: Any) -> None:
        find_either(store, "rnn_cell", "simple_rnn_cell")
        super().load_own_variables(store)
