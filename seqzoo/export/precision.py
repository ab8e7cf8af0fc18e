"""A network of any dtype policy as it computes in float32, which is what every file computes in."""

import contextlib

import keras
import tensorflow as tf
from keras.src.models.functional import Functional

from seqzoo.export.tflite.loops import override


@contextlib.contextmanager
def in_float32(source):
    """Within the block a source's network computes in float32 from its weights cast to float32; gives the source.

    float16, bfloat16 and mixed policies gain digits by it, float64 loses some. Whole numbers stay what they are.
    """
    policy = keras.dtype_policies.DTypePolicy("float32")
    with contextlib.ExitStack() as undo:
        layers = source.network._flatten_layers()
        other = [layer for layer in layers if not _is_float32(layer.compute_dtype) or not _is_float32(layer.variable_dtype)]
        for layer in other:
            override(undo, layer, "_dtype_policy", policy)
            for name, value in list(vars(layer).items()):  # such as the mean of a Normalization
                if isinstance(value, tf.Tensor) and not _is_float32(keras.backend.standardize_dtype(value.dtype)):
                    override(undo, layer, name, tf.cast(value, "float32"))
        for variable in source.network.variables:
            if not _is_float32(variable.dtype):
                value = tf.Variable(tf.cast(variable.value, "float32"), trainable=False, name=variable.name)
                override(undo, variable, "_value", value)
                override(undo, variable, "_dtype", "float32")
        for layer in other:
            if isinstance(layer, keras.layers.Normalization):
                layer.finalize_state()  # from its weights again, with all their digits
        for model in layers:
            for tensor in model.inputs if isinstance(model, Functional) else ():
                if not _is_float32(tensor.dtype):
                    override(undo, tensor, "_dtype", "float32")
        if other and isinstance(source.network, keras.Model):
            override(undo, source.network, "predict_function", None)  # traced before, in the other dtype
        inputs = [(name, dtype if _is_float32(dtype) else "float32", shape) for name, dtype, shape in source.inputs]
        yield source._replace(inputs=inputs)


def _is_float32(dtype):
    """True for what is left as it is: float32, and all that is no float."""
    return dtype is None or dtype == "float32" or not keras.backend.is_float_dtype(dtype)
