"""The loop over time under JAX and torch, as one scan."""

from keras import ops


def scan_loop(layer, sequences, initial_state, mask, training):
    """`RecurrentLayer.inner_loop` by `keras.ops.scan`.

    With `layer.fused`, x_t W + b of all steps is one product before the scan. Keras's own loops would not do:
    that for JAX repeats the state, not the output, where a mask is False; that for torch refuses a mask when
    unrolled and backwards.
    """
    cell = layer.cell
    step = cell.advance if layer.fused else cell.gates
    inputs = cell.project_inputs(sequences, training) if layer.fused else sequences
    over_time = [inputs] if mask is None else [inputs, mask[:, :, None]]
    over_time = [ops.swapaxes(x, 0, 1) for x in over_time]  # [time, batch, ...]
    if layer.go_backwards:
        over_time = [ops.flip(x, axis=0) for x in over_time]

    def scanned(carry, now):
        states, before = carry  # before: the last output [batch, units]
        gates = step(now[0], list(states), training)
        # A scan insists on dtypes that stay, and Keras's tanh turns float64 to float32 under JAX.
        new_states = tuple(ops.cast(getattr(gates, name), before.dtype) for name in cell.state_names)
        output = ops.cast(gates.hidden, before.dtype)
        if mask is not None:
            valid = now[1]  # [batch, 1]
            new_states = tuple(ops.where(valid, new, old) for new, old in zip(new_states, states, strict=True))
            kept = ops.zeros_like(before) if layer.zero_output_for_mask else before
            output = ops.where(valid, output, kept)
        return (new_states, output), output

    start = tuple(initial_state), ops.zeros_like(initial_state[0])
    (states, last_output), outputs = ops.scan(scanned, start, over_time, unroll=layer.unroll)
    outputs = ops.swapaxes(outputs, 0, 1) if layer.return_sequences else last_output[:, None]
    return last_output, outputs, list(states)
