"""A Keras network as part of a SavedModel: its variables, in half the bytes where that loses nothing."""

import numpy as np
import tensorflow as tf

SMALL = 16_000_000  # bytes as float32; below, halving them isn't worth the conversion in every call


class ServedNetwork:
    """What a `tf.Module` needs of a `keras.Model` without holding it.

    Weights that are all float16 numbers, as those of a model folder often are, are kept as such when they are many,
    and widened in every call: the answers are the same, the file is half as large.

    Args:
        network: built `keras.Model`, its weights float32.

    Attributes:
        kept: list of `tf.Variable`, which the module must hold as an attribute so that they are saved.
    """

    def __init__(self, network):
        self.network = network
        self.half = _worth_halving(network.trainable_variables)
        if self.half:
            self.kept = [tf.Variable(tf.cast(v.value, tf.float16)) for v in network.trainable_variables]
            self.kept += [variable.value for variable in network.non_trainable_variables]
        else:
            self.kept = [variable.value for variable in network.variables]

    def __call__(self, inputs):
        """The network's outputs, as in inference."""
        if not self.half:
            return self.network(inputs, training=False)
        wide = [self.value(variable) for variable in self.network.trainable_variables]
        fixed = [variable.value for variable in self.network.non_trainable_variables]
        return self.network.stateless_call(wide, fixed, inputs, training=False)[0]

    def value(self, variable):
        """A trainable Keras variable of the network as a float32 tensor of the graph."""
        if not self.half:
            return tf.convert_to_tensor(variable.value)
        place = next(n for n, other in enumerate(self.network.trainable_variables) if other is variable)
        return tf.cast(self.kept[place], tf.float32)


def _worth_halving(variables):
    values = [np.asarray(variable.value) for variable in variables]
    if sum(value.nbytes for value in values) < SMALL:
        return False
    with np.errstate(over="ignore"):
        return all(np.array_equal(value.astype(np.float16).astype(np.float32), value) for value in values)
