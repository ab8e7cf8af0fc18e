"""Any network in operators that TensorFlow Lite Micro has: LSTMs fused, other recurrent layers written out step by step."""

from seqzoo.export.tflite.cells import LSTM_CELLS, why_not_fused
from seqzoo.export.tflite.loops import LONGEST_UNROLLED, lower, starts_at_zero
from seqzoo.export.tflite.trace import convert_with


def convert_micro(source, batch_size, time_steps):
    """A .tflite file in which fused layers are still composites.

    Returns:
        bytes; names of inputs and outputs, the form of the recurrent layers, and how many fused operators there will be.

    Raises:
        ValueError: for a recurrent layer of too many steps to write out.
    """
    run_fused, fused = lower("fused", "any")
    run_unrolled, _ = lower("unrolled", "any")

    def run(layer, sequences, states, mask):
        if mask is None and type(layer.cell) in LSTM_CELLS and not why_not_fused(layer) and starts_at_zero(states):
            return run_fused(layer, sequences, states, mask)
        if (sequences.shape[1] or 0) > LONGEST_UNROLLED:
            why = "is masked" if mask is not None else "has no fused operator there"
            raise ValueError(
                f"Layer `{layer.name}` {why}, so target 'micro' writes its steps out, at most {LONGEST_UNROLLED}; LSTM layers "
                f"without a mask take any number. Received: {sequences.shape[1]} steps"
            )
        return run_unrolled(layer, sequences, states, mask)

    content = convert_with(source, run, fused, batch_size, time_steps)
    names = {"inputs": [name for name, *_ in source.inputs], "outputs": source.outputs}
    return content, names | {"form": "fused" if fused["fused"] else "unrolled", "fused": fused["fused"]}
