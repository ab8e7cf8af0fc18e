"""Fine-tuning at another pace for each depth of a network (Howard & Ruder 2018, arXiv:1801.06146, section 3.2)."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="seqzoo")
class DiscriminativeAdamW(keras.optimizers.AdamW):
    """AdamW whose learning rate falls with the depth, and which lets deeper layers rest at first.

    The depth of a weight is the position, from the output, of its layer: the last layer has depth 0, that before it 1
    and so on (discriminative rates, gradual unfreezing).

    Args:
        depths: dict, name of a layer -> its depth, see `depths_of`.
        decay: number >= 1; a layer of depth d learns at `learning_rate / decay**d`.
        thaw_steps: whole number >= 0; a layer of depth d rests for the first `d * thaw_steps` steps.
        **kwargs: as for `keras.optimizers.AdamW`.

    Raises:
        ValueError: for a decay below 1, negative steps, or, when built, a weight of a layer that `depths` lacks.
    """

    def __init__(self, learning_rate=1e-3, depths=None, decay=1.0, thaw_steps=0, **kwargs):
        super().__init__(learning_rate, **kwargs)
        if not decay >= 1 or thaw_steps < 0:
            raise ValueError(f"`decay` must be at least 1 and `thaw_steps` at least 0. Received: {decay!r} and {thaw_steps!r}")
        self.depths, self.decay, self.thaw_steps = dict(depths or {}), decay, thaw_steps

    def build(self, variables):
        missing = sorted({v.path.split("/")[0] for v in variables} - set(self.depths))
        if self.depths and missing:
            raise ValueError(f"`depths` must name every layer with weights. Received: none for {', '.join(missing)}")
        self._depth_by_position = [self.depths.get(v.path.split("/")[0], 0) for v in variables]
        super().build(variables)

    def update_step(self, gradient, variable, learning_rate):
        depth = self._depth_by_position[self._get_variable_index(variable)]  # no public name tells the position
        rests = ops.cast(self.iterations, "int32") < depth * self.thaw_steps
        rate = ops.where(rests, 0.0, learning_rate / self.decay**depth)
        super().update_step(gradient, variable, ops.cast(rate, learning_rate.dtype))

    def get_config(self):
        return {**super().get_config(), "depths": self.depths, "decay": self.decay, "thaw_steps": self.thaw_steps}


def depths_of(network):
    """`{name: depth}` of the layers of a `keras.Model` that have trainable weights; the last one has depth 0."""
    with_weights = [layer.name for layer in network.layers if layer.trainable_variables]
    return {name: depth for depth, name in enumerate(reversed(with_weights))}
