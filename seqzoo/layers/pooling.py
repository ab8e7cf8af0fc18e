"""Pooling over the valid steps of right-padded sequences."""

import keras
from keras import ops

POOLINGS = ("last", "max", "mean", "last_max", "max_mean", "last_max_mean")


@keras.saving.register_keras_serializable(package="seqzoo")
class MaskedPooling(keras.layers.Layer):
    """Reduce `[batch, time, units]` to one vector per row, over valid steps only.

    Poolings (`n` is the number of valid steps of a row, which come first):

    - `last`: the step `n - 1`, what a classifier on the final hidden state reads. Of a bidirectional layer's outputs it is the
      same step for both directions: what reads backwards has read one word there.
    - `max`: the greatest value of each unit over time (Johnson & Zhang 2016, arXiv:1602.02373).
    - `mean`: the average over time.
    - `last_max`: `last` and `max` side by side, `[batch, 2 * units]`.
    - `max_mean`: `max` and `mean` side by side, `[batch, 2 * units]`.
    - `last_max_mean`: all three, `[batch, 3 * units]` (concat pooling: Howard & Ruder 2018, arXiv:1801.06146).

    A row without a valid step gives zeros. Because padding never enters the result, a causal layer
    before it needs no mask of its own when padding is on the right.

    Args:
        pooling: one of the names above.

    Call arguments:
        sequences: float `[batch, time, units]`.
        valid: bool `[batch, time]`, True first, then False.

    Returns:
        float `[batch, units]`, as many times `units` as there are poolings in the name.

    Raises:
        ValueError: for an unknown pooling, or arguments of another shape or dtype.
    """

    def __init__(self, pooling="max_mean", **kwargs):
        super().__init__(**kwargs)
        if pooling not in POOLINGS:
            raise ValueError(f"`pooling` must be one of {', '.join(POOLINGS)}. Received: {pooling!r}")
        self.pooling, self.parts = pooling, pooling.split("_")
        self.supports_masking = True  # Keras would warn that the mask ends here, as it should

    def compute_mask(self, *_):
        return None

    def call(self, sequences, valid):
        _check(sequences, valid)
        # Counted as integers: float16 knows no odd number above 2048, bfloat16 none above 256.
        steps = ops.sum(ops.cast(valid, "int32"), axis=1, keepdims=True)  # [batch, 1]
        valid = ops.expand_dims(valid, -1)  # [batch, time, 1]
        pooled = []
        if "last" in self.parts:
            index = ops.expand_dims(ops.maximum(steps - 1, 0), -1)  # [batch, 1, 1]
            pooled.append(ops.take_along_axis(sequences, index, axis=1)[:, 0, :])
        if "max" in self.parts:
            lowest = -65504.0 if sequences.dtype == "float16" else -3e38
            pooled.append(ops.max(ops.where(valid, sequences, lowest), axis=1))
        if "mean" in self.parts:
            wide = keras.backend.result_type(sequences.dtype, "float32")  # a long sum overflows float16
            total = ops.sum(ops.cast(ops.where(valid, sequences, 0), wide), axis=1)
            pooled.append(ops.cast(total / ops.cast(ops.maximum(steps, 1), wide), sequences.dtype))
        pooled = pooled[0] if len(pooled) == 1 else ops.concatenate(pooled, axis=-1)
        return ops.where(steps > 0, pooled, ops.zeros_like(pooled))

    def compute_output_shape(self, sequences_shape, valid_shape=None):
        return (sequences_shape[0], len(self.parts) * sequences_shape[-1])

    def get_config(self):
        return {**super().get_config(), "pooling": self.pooling}


def _check(sequences, valid):
    if len(sequences.shape) != 3:
        raise ValueError(f"`sequences` must have shape [batch, time, units]. Received: shape {tuple(sequences.shape)}")
    dtype = keras.backend.standardize_dtype(valid.dtype)
    fits = len(valid.shape) == 2 and all(
        a in (b, None) or b is None for a, b in zip(valid.shape, sequences.shape[:2], strict=True)
    )
    if dtype != "bool" or not fits:
        raise ValueError(
            f"`valid` must be bool of shape [batch, time], here {tuple(sequences.shape[:2])}. "
            f"Received: {dtype} of shape {tuple(valid.shape)}"
        )
