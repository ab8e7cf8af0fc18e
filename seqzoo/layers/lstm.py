"""The long short-term memory over a sequence."""

from typing import TYPE_CHECKING, Any

from keras import saving

from seqzoo.cells import checks
from seqzoo.cells.hints import Activation, Auto, Constraint, Initializer, Regularizer, Tensor
from seqzoo.cells.lstm import LSTMCell, LSTMGates
from seqzoo.layers.recurrent import RecurrentLayer, of_cell


class LSTMTrace(LSTMGates):
    """The gates i, f, g, o and the states c, h of every step, each [batch, time, units]."""


@saving.register_keras_serializable(package="seqzoo")
class LSTM(RecurrentLayer):
    """An LSTMCell over [batch, time, features]; its equations and weights stand there.

    Takes the arguments of `keras.layers.LSTM`, in their order and with their defaults, and does with them
    what Keras does. `use_cudnn` is accepted for their sake and changes nothing: the loop is the same on
    every device.

    Returns h of the last step [batch, units], or of every step [batch, time, units] with
    `return_sequences`; with `return_state` also the last h and c, each [batch, units]. A step whose mask
    [batch, time] is False leaves the states as they are; its output repeats the one before, or is zero with
    `zero_output_for_mask`. The mask that an Embedding or Masking layer attached to the sequences is used
    with `initial_state` as well, and goes on to the next layer with the outputs of every step. After Keras's own wrappers
    `Bidirectional` and `TimeDistributed` it does so only in releases whose wrappers hand masks on: give the next layer
    `mask=` there.

    Raises ValueError or TypeError for sequences that are not [batch, time, features] or not real numbers, a
    mask that is not [batch, time], states that are not [batch, units], `stateful` with an unknown batch
    size, and weights that do not fit or are not finite.
    """

    trace_type = LSTMTrace
    kernel_name = "lstm_sequence"
    recurrent_activation = of_cell("recurrent_activation")
    unit_forget_bias = of_cell("unit_forget_bias")
    implementation = of_cell("implementation")

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
        activity_regularizer: Regularizer = None,
        kernel_constraint: Constraint = None,
        recurrent_constraint: Constraint = None,
        bias_constraint: Constraint = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        use_cudnn: Auto = "auto",
        *,
        implementation: int = 2,
        **kwargs,
    ):
        cell = LSTMCell(
            units,
            activation=activation,
            recurrent_activation=recurrent_activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            unit_forget_bias=unit_forget_bias,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
            implementation=implementation,
            dtype=kwargs.get("dtype"),
            trainable=kwargs.get("trainable", True),
            name="lstm_cell",
        )
        super().__init__(
            cell,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )
        self.use_cudnn = checks.one_of("use_cudnn", use_cudnn, ("auto", True, False))

    if TYPE_CHECKING:

        def trace(self, sequences: Tensor, mask: Tensor | None = None, initial_state: Any = None) -> LSTMTrace: ...

    def get_config(self):
        return {**super().get_config(), "use_cudnn": self.use_cudnn}
