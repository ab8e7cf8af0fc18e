"""The gates and states of a cell at every step of a sequence."""

from keras import ops
from keras.src import backend  # rnn is not exported


def trace_steps(cell, sequences, states, mask, go_backwards):
    """Return a list with one tensor [batch, time, units] for each field of `cell.gates`.

    `sequences` is [batch, time, features], `states` a list of [batch, units], `mask` [batch, time] or None.
    """
    if mask is not None:
        # The mask rides along as one more feature: Keras's loop would repeat whole outputs where it is
        # False, but only states last from step to step, and its backends disagree about the steps before
        # the first valid one.
        sequences = ops.concatenate([sequences, ops.cast(mask, sequences.dtype)[:, :, None]], axis=-1)
    fields = []

    def step(inputs, states):
        features = inputs if mask is None else inputs[:, :-1]  # [batch, features]
        gates = cell.gates(features, states)._asdict()  # each [batch, units]
        if mask is not None:
            valid, before = inputs[:, -1:] > 0, dict(zip(cell.state_names, states, strict=True))
            gates = {name: ops.where(valid, value, before.get(name, ops.zeros_like(value))) for name, value in gates.items()}
        fields[:] = gates
        return ops.concatenate(list(gates.values()), axis=-1), [gates[name] for name in cell.state_names]

    _, steps, _ = backend.rnn(step, sequences, states, go_backwards=go_backwards, input_length=sequences.shape[1])
    return ops.split(steps, len(fields), axis=-1)
