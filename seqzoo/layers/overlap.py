"""Windows that overlap, hop by hop: what comes before a hop is a state, so that a stream needs no more than its next hop."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="seqzoo")
class OverlapCell(keras.layers.Layer):
    """One step: `(hop, [before]) -> (window, [the last window - hop values of it])`, where window = before followed by hop.

    Args:
        hop: values a step.
        window: values a window, at least `hop`.
    """

    def __init__(self, hop, window, **options):
        super().__init__(**options)
        self.hop, self.window = hop, window
        self.state_size, self.output_size = window - hop, window

    def build(self, hop_shape):
        self.built = True

    def call(self, inputs, states):
        frame = ops.concatenate([states[0], inputs], axis=-1)  # [batch, window]
        return frame, [frame[:, self.hop :]]

    def get_initial_state(self, batch_size=None):
        return [ops.zeros((batch_size, self.state_size), dtype=self.compute_dtype)]

    def get_config(self):
        return {**super().get_config(), "hop": self.hop, "window": self.window}


@keras.saving.register_keras_serializable(package="seqzoo")
class Overlap(keras.layers.RNN):
    """Hops float `[batch, time, hop]` to windows `[batch, time, window]`, each the values before a hop and the hop.

    A recurrent layer whose state is the last `window - hop` values, zero at first; no step hangs on the result of another, so
    there is no loop over time.

    Args:
        hop: values a step.
        window: values a window, more than `hop`.

    Raises:
        ValueError: for other sizes.
    """

    loops = False  # for those that write recurrent layers in another form: it is one as it is

    def __init__(self, hop, window, **options):
        if not (isinstance(hop, int) and isinstance(window, int) and 1 <= hop < window):
            raise ValueError(f"`hop` and `window` must be whole numbers, 1 <= hop < window. Received: {hop!r}, {window!r}")
        for kept in (
            "cell",
            "return_sequences",
            "go_backwards",
            "unroll",
            "zero_output_for_mask",
        ):  # as get_config of RNN has them
            options.pop(kept, None)
        cell = OverlapCell(hop, window, dtype=options.get("dtype"), name="overlap_cell")
        super().__init__(cell, return_sequences=True, **options)
        self.hop, self.window = hop, window

    def inner_loop(self, sequences, initial_state, mask=None, training=False):
        """(the last window, all windows, [the last state]), as `keras.layers.RNN.inner_loop` gives them."""
        states = initial_state if isinstance(initial_state, (list, tuple)) else [initial_state]
        hops = -(-(self.window - self.hop) // self.hop)  # that a window reaches back
        before = ops.pad(states[0], ((0, 0), (hops * self.hop - self.window + self.hop, 0)))
        before = ops.reshape(before, (-1, hops, self.hop))
        joined = ops.concatenate([before, sequences], axis=1)  # [batch, hops + time, hop]
        time = ops.shape(sequences)[1]
        parts = [joined[:, place : place + time] for place in range(hops + 1)]
        frames = ops.concatenate(parts, axis=-1)[:, :, -self.window :]
        last = frames[:, -1]
        return last, frames, [last[:, self.hop :]]

    def get_config(self):
        config = super().get_config()
        config.pop("cell")
        return {**config, "hop": self.hop, "window": self.window}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        return cls(**config)
