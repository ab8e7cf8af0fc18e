"""The simple recurrent network over a sequence."""

from typing import TYPE_CHECKING, Any

from keras import ops, saving

from seqzoo.cells.hints import Activation, Constraint, Initializer, Regularizer, Tensor
from seqzoo.cells.rnn import RNNCell, RNNGates
from seqzoo.cells.weight_files import find_either, name_twice
from seqzoo.layers.recurrent import RecurrentLayer, of_cell


class RNNTrace(RNNGates):
    """The state h of every step, [batch, time, units]."""


@saving.register_keras_serializable(package="seqzoo")
class RNN(RecurrentLayer):
    """An RNNCell over [batch, time, features]; its equations and weights stand there.

    Takes the arguments of `keras.layers.SimpleRNN`, in their order and with their defaults, and does with
    them what Keras does. With `output_units` (and `output_activation`) the outputs are y_t, [batch,
    output_units].

    Returns the output of the last step [batch, units], or of every step [batch, time, units] with
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

    trace_type = RNNTrace
    kernel_name = "rnn_sequence"
    output_units = of_cell("output_units")
    output_activation = of_cell("output_activation")

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
        activity_regularizer: Regularizer = None,
        kernel_constraint: Constraint = None,
        recurrent_constraint: Constraint = None,
        bias_constraint: Constraint = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: int | None = None,
        *,
        output_units: int | None = None,
        output_activation: Activation = None,
        **kwargs,
    ):
        cell = RNNCell(
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
            output_units=output_units,
            output_activation=output_activation,
            dtype=kwargs.get("dtype"),
            trainable=kwargs.get("trainable", True),
            name="simple_rnn_cell",  # Keras's name, so that weights have the same paths
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

    if TYPE_CHECKING:

        def trace(self, sequences: Tensor, mask: Tensor | None = None, initial_state: Any = None) -> RNNTrace: ...

    def inner_loop(self, sequences, initial_state, mask, training=False):
        last, outputs, states = super().inner_loop(sequences, initial_state, mask, training)
        if self.output_units is None:
            return last, outputs, states
        outputs = self.cell.head(outputs)  # the head of all steps at once: [batch, time, output_units]
        if mask is not None:
            shown = ops.flip(mask, axis=1) if self.go_backwards else mask
            if not self.zero_output_for_mask:
                shown = ops.cumsum(ops.cast(shown, "int32"), axis=1) > 0  # before the first valid step: no y yet
            shown = shown if self.return_sequences else shown[:, -1:]
            outputs = ops.where(shown[:, :, None], outputs, ops.zeros_like(outputs))
        return outputs[:, -1], outputs, states

    def save_own_variables(self, store: Any) -> None:
        super().save_own_variables(store)
        name_twice(store, "rnn", "simple_rnn")

    def load_own_variables(self, store: Any) -> None:
        find_either(store, "rnn", "simple_rnn")
        super().load_own_variables(store)
