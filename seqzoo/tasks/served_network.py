"""A Keras network as part of a SavedModel: its variables, in half the bytes where that loses nothing."""

import numpy as np
import tensorflow as tf

from seqzoo.tasks.weights import learnt

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
        learnt_here = learnt(network)
        self.half = _worth_halving(learnt_here)
        narrow = {id(variable) for variable in learnt_here} if self.half else ()
        self.kept = [tf.Variable(tf.cast(v.value, tf.float16)) if id(v) in narrow else v.value for v in network.variables]
        self._kept_of = {id(variable): kept for variable, kept in zip(network.variables, self.kept, strict=True)}

    def __call__(self, inputs):
        """The network's outputs, as in inference."""
        if not self.half:
            return self.network(inputs, training=False)
        wide, fixed = (
            [self._widened(variable) for variable in variables]
            for variables in (self.network.trainable_variables, self.network.non_trainable_variables)
        )
        return self.network.stateless_call(wide, fixed, inputs, training=False)[0]

    def value(self, variable):
        """A Keras variable of the network that training changes, as a float32 tensor of the graph."""
        return tf.convert_to_tensor(self._widened(variable))

    def _widened(self, variable):
        kept = self._kept_of[id(variable)]
        return tf.cast(kept, tf.float32) if kept.dtype == tf.float16 else kept


def _worth_halving(variables):
    values = [np.asarray(variable.value) for variable in variables]
    if sum(value.nbytes for value in values) < SMALL:
        return False
    with np.errstate(over="ignore"):
        return all(np.array_equal(value.astype(np.float16).astype(np.float32), value) for value in values)
