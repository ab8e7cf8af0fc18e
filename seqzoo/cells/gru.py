"""One step of the gated recurrent unit."""

from typing import TYPE_CHECKING, Any, NamedTuple

from keras import activations, ops, saving

from seqzoo.cells.base import RecurrentCell, dropped_matmul
from seqzoo.cells.hints import Activation, Constraint, Initializer, Regularizer, Tensor


class GRUGates(NamedTuple):
    """One step's activated gates z, r, g and its new state h, each [batch, units]."""

    update: Any
    reset: Any
    candidate: Any
    hidden: Any


def gru_gates(x, h_prev, u, activation, recurrent_activation):
    """The gates of one step with the reset gate after the matrix product.

    `x` is x_t W + b and `u` is h_{t-1} U + d, each [batch, 3*units]; `h_prev` is h_{t-1} [batch, units].
    """
    x_z, x_r, x_g = ops.split(x, 3, axis=-1)  # each [batch, units]
    u_z, u_r, u_g = ops.split(u, 3, axis=-1)
    z = recurrent_activation(x_z + u_z)
    r = recurrent_activation(x_r + u_r)
    g = activation(x_g + r * u_g)
    h = z * h_prev + (1 - z) * g
    return GRUGates(update=z, reset=r, candidate=g, hidden=h)


def gru_gates_reset_before(x, h_prev, kernel, masks, activation, recurrent_activation):
    """The gates of one step with the reset gate before the matrix product.

    `x` is x_t W + b [batch, 3*units], `h_prev` is h_{t-1} [batch, units], `kernel` is U [units, 3*units] and
    `masks` the dropout masks of h_{t-1} for the three gates, or None.
    """
    x_z, x_r, x_g = ops.split(x, 3, axis=-1)  # each [batch, units]
    units = kernel.shape[0]
    kernel_zr, kernel_g = kernel[:, : 2 * units], kernel[:, 2 * units :]
    u_z, u_r = ops.split(dropped_matmul(h_prev, kernel_zr, masks and masks[:2]), 2, axis=-1)
    z = recurrent_activation(x_z + u_z)
    r = recurrent_activation(x_r + u_r)
    g = activation(x_g + dropped_matmul(r * h_prev, kernel_g, masks and masks[2]))
    h = z * h_prev + (1 - z) * g
    return GRUGates(update=z, reset=r, candidate=g, hidden=h)


@saving.register_keras_serializable(package="seqzoo")
class GRUCell(RecurrentCell):
    """One step of a gated recurrent unit (Cho et al. 2014, arXiv:1406.1078).

        z_t = sigmoid(x_t W_z + b_z + h_{t-1} U_z + d_z)          update gate
        r_t = sigmoid(x_t W_r + b_r + h_{t-1} U_r + d_r)          reset gate
        g_t = tanh(x_t W_g + b_g + r_t * (h_{t-1} U_g + d_g))     candidate, reset_after=True
        g_t = tanh(x_t W_g + b_g + (r_t * h_{t-1}) U_g)           candidate, reset_after=False
        h_t = z_t * h_{t-1} + (1 - z_t) * g_t                     hidden state, the output

    Weights as in `keras.layers.GRUCell`, the three gates side by side in the order z, r, g: `kernel` W
    [features, 3*units], `recurrent_kernel` U [units, 3*units], `bias` [2, 3*units] with the rows b and d;
    with `reset_after=False` there is no d and `bias` is b [3*units].

    Takes the arguments of `keras.layers.GRUCell`, in their order and with their defaults. `activation`
    stands where the equations say tanh, `recurrent_activation` where they say sigmoid. `implementation=1`
    draws a dropout mask for each gate, 2 one for all gates; with `recurrent_dropout` it is always 1.
    Without dropout both give the same numbers.

    Called on inputs [batch, features] and the state h [batch, units], alone or in a list, it returns h_t
    and the new state.

    Raises ValueError or TypeError for units that are no positive integer, dropout outside [0, 1), inputs
    that are not [batch, features] or not real numbers, a state of another size, and weights that do not fit
    or are not finite.
    """

    gate_count = 3
    own_options = ("recurrent_activation", "reset_after", "implementation")

    def __init__(
        self,
        units: int,
        activation: Activation = "tanh",
        recurrent_activation: Activation = "sigmoid",
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
        reset_after: bool = True,
        seed: int | None = None,
        *,
        implementation: int = 2,
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
        self.recurrent_activation = activations.get(recurrent_activation)
        self.reset_after = reset_after
        self._choose_implementation(implementation)

    @property
    def bias_shape(self):
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    @property
    def input_bias(self):
        return self.bias[0] if self.reset_after else self.bias

    if TYPE_CHECKING:

        def gates(self, inputs: Tensor, states: Any, training: bool = False) -> GRUGates: ...

    def advance(self, projected: Tensor, states: Any, training: bool = False) -> GRUGates:
        """GRUGates of one step from x_t W + b [batch, 3*units] and the states (h_{t-1},)."""
        (hidden,) = states
        functions = self.activation, self.recurrent_activation
        if self.reset_after:
            u = self.project_hidden(hidden, training)  # [batch, 3*units]
            u = u + self._cast(self.bias[1]) if self.use_bias else u
            return gru_gates(projected, hidden, u, *functions)
        masks = self.get_recurrent_dropout_mask(hidden) if training else None
        return gru_gates_reset_before(projected, hidden, self._cast(self.recurrent_kernel), masks, *functions)

    def call(self, inputs: Tensor, states: Any, training: bool = False) -> tuple[Tensor, Any]:
        hidden = self.gates(inputs, states, training).hidden
        return hidden, [hidden] if isinstance(states, (list, tuple)) else hidden
