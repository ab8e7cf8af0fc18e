"""What every sequence layer shares: checks, masks, dropout, the loop over time, saving."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops, regularizers, tree
from keras.src import backend  # get_keras_mask and rnn are not exported

from seqzoo.cells import checks
from seqzoo.cells.base import RecurrentCell
from seqzoo.cells.hints import Auto, Tensor
from seqzoo.layers.fused import kernel_loop, reason_against, refuse_converters
from seqzoo.layers.scan import scan_loop
from seqzoo.layers.trace import trace_steps


def of_cell(name):
    """A property that reads the cell's attribute `name`."""
    return property(lambda self: getattr(self.cell, name), doc=f"The cell's `{name}`.")


class RecurrentLayer(keras.layers.RNN):
    """Base of the sequence layers: one cell over [batch, time, features].

    A subclass builds its cell and sets `trace_type`, and `kernel_name` if seqzoo.kernels has a fast form.

    `fused` chooses between them: True the kernel, False the steps of the cell, "auto" the kernel wherever the
    configuration allows it. Both give the same numbers.
    """

    trace_type = None
    kernel_name = None
    units = of_cell("units")
    activation = of_cell("activation")
    use_bias = of_cell("use_bias")
    kernel_initializer = of_cell("kernel_initializer")
    recurrent_initializer = of_cell("recurrent_initializer")
    bias_initializer = of_cell("bias_initializer")
    kernel_regularizer = of_cell("kernel_regularizer")
    recurrent_regularizer = of_cell("recurrent_regularizer")
    bias_regularizer = of_cell("bias_regularizer")
    kernel_constraint = of_cell("kernel_constraint")
    recurrent_constraint = of_cell("recurrent_constraint")
    bias_constraint = of_cell("bias_constraint")
    dropout = of_cell("dropout")
    recurrent_dropout = of_cell("recurrent_dropout")

    def __init__(self, cell: RecurrentCell, fused: Auto = "auto", **kwargs):
        super().__init__(cell, **kwargs)
        self.fused = checks.one_of("fused", fused, ("auto", True, False))
        if fused is True and (reason := reason_against(self)):
            raise ValueError(
                f'{type(self).__name__} cannot be fused: {reason}; fused="auto" or False steps the cell. Received: fused=True'
            )
        self.supports_masking = True  # said here because not every Keras 3 says it for RNN

    def __call__(self, sequences: Tensor, initial_state: Any = None, mask: Tensor | None = None, **kwargs) -> Any:
        if mask is None and not isinstance(sequences, keras.KerasTensor):
            # Keras hands a layer the mask of its input only when the input is the one tensor argument; with
            # `initial_state` it would be lost. A symbolic call computes nothing, so it needs none.
            mask = backend.get_keras_mask(sequences)
        # Before Keras's own __call__, which would bury the reason under a list of all arguments.
        self._check(sequences, initial_state, mask)
        given = {"initial_state": initial_state, "mask": mask}
        return super().__call__(sequences, **{k: v for k, v in given.items() if v is not None}, **kwargs)

    def build(self, sequences_shape, initial_state_shape=None):
        if self.stateful and sequences_shape[0] is None:
            raise ValueError(
                "stateful=True keeps a state for each row of the batch, so the batch size must be known, as "
                f"in keras.Input(batch_shape=[32, time, features]). Received: shape {tuple(sequences_shape)}"
            )
        super().build(sequences_shape, initial_state_shape)

    def call(self, sequences, initial_state=None, mask=None, training=False):
        if self.stateful:
            refuse_converters(self)
        sequences, states, mask = self._standardize(sequences, initial_state, mask)
        self._clear_dropout_masks()
        if training:
            # Before the loop: all steps share one mask (Gal & Ghahramani 2016, arXiv:1512.05287).
            self.cell.get_dropout_mask(sequences[:, 0])
            self.cell.get_recurrent_dropout_mask(states[0])
        last_output, outputs, states = self.inner_loop(sequences, states, mask, training)
        self._clear_dropout_masks()
        if self.stateful:
            for variable, state in zip(self.states, states, strict=True):
                variable.assign(ops.cast(state, variable.dtype))
        output = outputs if self.return_sequences else last_output
        return (output, *states) if self.return_state else output

    def inner_loop(self, sequences, initial_state, mask, training=False):
        """h of the last step [batch, units], h of every step [batch, time, units], list of the last states.

        Without `return_sequences` the second holds the last step alone.
        """
        if keras.backend.backend() != "tensorflow":
            return scan_loop(self, sequences, initial_state, mask, training)
        if self.fused and reason_against(self, training) is None:
            return kernel_loop(self, sequences, initial_state, mask, training)

        def step(inputs, states):
            gates = self.cell.gates(inputs, states, training)
            return gates.hidden, [getattr(gates, name) for name in self.cell.state_names]

        return backend.rnn(
            step,
            sequences,
            initial_state,
            go_backwards=self.go_backwards,
            mask=mask,
            unroll=self.unroll,
            input_length=sequences.shape[1],
            zero_output_for_mask=self.zero_output_for_mask,
            return_all_outputs=self.return_sequences,
        )

    def kernel_options(self):
        """Arguments of the kernel that not all kernels have."""
        return {}

    def trace(self, sequences: Tensor, mask: Tensor | None = None, initial_state: Any = None) -> Any:
        """Every step's activated gates and states, as in inference: a named tuple of [batch, time, units].

        Takes what a call takes: sequences [batch, time, features], mask [batch, time] (the one that
        `sequences` carry, when None), states [batch, units] (the stored ones of a stateful layer, which
        stay as they are). Steps stand in the order in which they are taken, with `go_backwards` the last
        one first. Where the mask is False the states are those of the step before, and the gates, which did
        nothing, are zero.

        Raises as a call does.
        """
        mask = backend.get_keras_mask(sequences) if mask is None else mask
        if not self.built:
            self.build(ops.shape(sequences))
        self._check(sequences, initial_state, mask)
        sequences, states, mask = self._standardize(sequences, initial_state, mask)
        return self.trace_type(*trace_steps(self.cell, sequences, states, mask, self.go_backwards))

    def _check(self, sequences, initial_state, mask):
        """Raise ValueError or TypeError for arguments of a call that can't be worked on."""
        if not hasattr(sequences, "shape"):
            sequences = ops.convert_to_tensor(sequences)
        features = self.cell.kernel.shape[0] if self.cell.built else None
        checks.real_tensor(self, sequences, ("batch", "time", "features"), features)
        batch, time, _ = sequences.shape
        if time == 0 or (self.unroll and time is None):
            raise ValueError(
                f"{type(self).__name__} needs a time step at least, with unroll=True a known number of them, "
                f"as in keras.Input([100, features]). Received: shape {tuple(sequences.shape)}"
            )
        if initial_state is None:
            initial_state = self.states if self.stateful else None
        if initial_state is not None:
            checks.matching_states(self, initial_state, self.state_size, batch)
        if mask is not None:
            checks.matching_mask(self, tree.flatten(mask)[0], sequences)

    def _standardize(self, sequences, initial_state, mask):
        """The arguments of a call as tensors: sequences, list of states, mask."""
        sequences = ops.cast(ops.convert_to_tensor(sequences), self.compute_dtype)
        if initial_state is None and self.stateful:
            # Copies: torch assigns in place, and its backward pass still wants the values of before.
            initial_state = [ops.copy(state) for state in self.states]
        elif initial_state is None:
            initial_state = self.get_initial_state(ops.shape(sequences)[0])
        states = [ops.cast(ops.convert_to_tensor(s), self.compute_dtype) for s in tree.flatten(initial_state)]
        return sequences, states, None if mask is None else ops.cast(tree.flatten(mask)[0], "bool")

    def _clear_dropout_masks(self):
        self.cell.reset_dropout_mask()
        self.cell.reset_recurrent_dropout_mask()

    def set_weights(self, weights: Sequence[Tensor]) -> None:
        """As in Keras. Raises ValueError for weights of another number or shape, and for NaN or infinity."""
        checks.usable_weights(self, weights)
        super().set_weights(weights)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["cell"]  # made again from its options
        config["fused"] = self.fused
        config["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        return {**config, **self.cell.options()}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        return cls(**config)
