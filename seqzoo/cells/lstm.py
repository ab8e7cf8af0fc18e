"""One step of the long short-term memory."""

from typing import TYPE_CHECKING, Any, NamedTuple

from keras import activations, ops, saving

from seqzoo.cells.base import RecurrentCell
from seqzoo.cells.hints import Activation, Constraint, Initializer, Regularizer, Tensor


class LSTMState(NamedTuple):
    """What a step hands to the next one: h and c, each [batch, units]."""

    hidden: Any
    cell: Any


class LSTMGates(NamedTuple):
    """One step's activated gates i, f, g, o and its new states c, h, each [batch, units]."""

    input: Any
    forget: Any
    candidate: Any
    output: Any
    cell: Any
    hidden: Any


def lstm_gates(z, c_prev, activation, recurrent_activation):
    """The gates of one step from z = x_t W + h_{t-1} U + b [batch, 4*units] and c_{t-1} [batch, units]."""
    z_i, z_f, z_g, z_o = ops.split(z, 4, axis=-1)  # each [batch, units]
    i = recurrent_activation(z_i)
    f = recurrent_activation(z_f)
    g = activation(z_g)
    o = recurrent_activation(z_o)
    c = f * c_prev + i * g
    h = o * activation(c)
    return LSTMGates(input=i, forget=f, candidate=g, output=o, cell=c, hidden=h)


@saving.register_keras_serializable(package="seqzoo")
class LSTMCell(RecurrentCell):
    """One step of an LSTM (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000).

        i_t = sigmoid(x_t W_i + h_{t-1} U_i + b_i)        input gate
        f_t = sigmoid(x_t W_f + h_{t-1} U_f + b_f)        forget gate
        g_t = tanh   (x_t W_g + h_{t-1} U_g + b_g)        candidate
        o_t = sigmoid(x_t W_o + h_{t-1} U_o + b_o)        output gate
        c_t = f_t * c_{t-1} + i_t * g_t                   cell state
        h_t = o_t * tanh(c_t)                             hidden state, the output

    Weights as in `keras.layers.LSTMCell`, the four gates side by side in the order i, f, g, o: `kernel` W
    [features, 4*units], `recurrent_kernel` U [units, 4*units], `bias` b [4*units].

    Takes the arguments of `keras.layers.LSTMCell`, in their order and with their defaults. `activation`
    stands where the equations say tanh, `recurrent_activation` where they say sigmoid. With
    `unit_forget_bias` b_f starts at one (Jozefowicz et al. 2015). `implementation=1` draws a dropout mask
    for each gate, 2 one for all gates; with `recurrent_dropout` it is always 1. Without dropout both give
    the same numbers.

    Called on inputs [batch, features] and states (h, c), each [batch, units], it returns h_t and the new
    states.

    Raises ValueError or TypeError for units that are no positive integer, dropout outside [0, 1), inputs that
    are not [batch, features] or not real numbers, states of another size, and weights that do not fit or are
    not finite.
    """

    gate_count = 4
    state_names = LSTMState._fields
    own_options = ("recurrent_activation", "unit_forget_bias", "implementation")

    def __init__(
        self,
        units: int,
        activation: Activation = "tanh",
        recurrent_activation: Activation = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Initializer = "glorot_uniform",
        recurrent_initializer: Initializer = "orthogonal",
        bias_initializer: Initializer = "zeros",
        unit_forget_bias: bool = True,
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
        self.unit_forget_bias = unit_forget_bias
        self._choose_implementation(implementation)
        self.state_size = [self.units, self.units]

    def initial_bias(self, shape, dtype=None):
        if not self.unit_forget_bias:
            return super().initial_bias(shape, dtype)
        b_i = self.bias_initializer((self.units,), dtype=dtype)
        b_f = ops.ones((self.units,), dtype=dtype)
        b_go = self.bias_initializer((2 * self.units,), dtype=dtype)
        return ops.concatenate([b_i, b_f, b_go])

    if TYPE_CHECKING:

        def gates(self, inputs: Tensor, states: Any, training: bool = False) -> LSTMGates: ...

    def advance(self, projected: Tensor, states: Any, training: bool = False) -> LSTMGates:
        """LSTMGates of one step from x_t W + b [batch, 4*units] and the states (h_{t-1}, c_{t-1})."""
        hidden, cell = states
        z = projected + self.project_hidden(hidden, training)  # [batch, 4*units]
        return lstm_gates(z, cell, self.activation, self.recurrent_activation)

    def call(self, inputs: Tensor, states: Any, training: bool = False) -> tuple[Tensor, Any]:
        gates = self.gates(inputs, states, training)
        new_states = LSTMState(gates.hidden, gates.cell)
        # The same structure out as in: a loop over steps refuses a state that changes its type on the way.
        return gates.hidden, new_states if isinstance(states, LSTMState) else list(new_states)
