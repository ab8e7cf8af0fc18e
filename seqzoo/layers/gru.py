"""The gated recurrent unit over a sequence."""

from typing import TYPE_CHECKING, Any

from keras import saving

from seqzoo.cells import checks
from seqzoo.cells.gru import GRUCell, GRUGates
from seqzoo.cells.hints import Activation, Auto, Constraint, Initializer, Regularizer, Tensor
from seqzoo.layers.recurrent import RecurrentLayer, of_cell


class GRUTrace(GRUGates):
    """The gates z, r, g and the state h of every step, each [batch, time, units]."""


@saving.register_keras_serializable(package="seqzoo")
class GRU(RecurrentLayer):
    """A GRUCell over [batch, time, features]; its equations and weights stand there.

    Takes the arguments of `keras.layers.GRU`, in their order and with their defaults, and does with them
    what Keras does. `use_cudnn` is accepted for their sake and changes nothing: the loop is the same on
    every device.

    Returns h of the last step [batch, units], or of every step [batch, time, units] with
    `return_sequences`; with `return_state` also the last h [batch, units]. A step whose mask [batch, time]
    is False leaves the state as it is; its output repeats the one before, or is zero with
    `zero_output_for_mask`. The mask that an Embedding or Masking layer attached to the sequences is used
    with `initial_state` as well, and goes on to the next layer with the outputs of every step. After Keras's own wrappers
    `Bidirectional` and `TimeDistributed` it does so only in releases whose wrappers hand masks on: give the next layer
    `mask=` there.

    Raises ValueError or TypeError for sequences that are not [batch, time, features] or not real numbers, a
    mask that is not [batch, time], a state that is not [batch, units], `stateful` with an unknown batch
    size, and weights that do not fit or are not finite.
    """

    trace_type = GRUTrace
    kernel_name = "gru_sequence"
    recurrent_activation = of_cell("recurrent_activation")
    reset_after = of_cell("reset_after")
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
        reset_after: bool = True,
        use_cudnn: Auto = "auto",
        *,
        implementation: int = 2,
        **kwargs,
    ):
        cell = GRUCell(
            units,
            activation=activation,
            recurrent_activation=recurrent_activation,
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
            reset_after=reset_after,
            seed=seed,
            implementation=implementation,
            dtype=kwargs.get("dtype"),
            trainable=kwargs.get("trainable", True),
            name="gru_cell",
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

    def kernel_options(self):
        return {"reset_after": self.cell.reset_after}

    if TYPE_CHECKING:

        def trace(self, sequences: Tensor, mask: Tensor | None = None, initial_state: Any = None) -> GRUTrace: ...

    def get_config(self):
        return {**super().get_config(), "use_cudnn": self.use_cudnn}
