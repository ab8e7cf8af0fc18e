"""A network that answers at once: compiling a program for a few answers takes longer than loading the model."""

import contextlib


@contextlib.contextmanager
def step_by_step(network):
    """Within the block `network.predict_on_batch` compiles nothing, and its recurrent layers step their cells."""
    layers = [layer for layer in network._flatten_layers() if hasattr(layer, "fused")]
    fused, eager = [layer.fused for layer in layers], getattr(network, "run_eagerly", None)
    try:
        network.run_eagerly, network.predict_function = True, None
        for layer in layers:
            layer.fused = False
        yield
    finally:
        network.run_eagerly, network.predict_function = eager, None
        for layer, value in zip(layers, fused, strict=True):
            layer.fused = value


def is_coarse(network):
    """Whether the network computes in half precision, or on a GPU, whose float32 products may be rounded (TF32)."""
    import keras

    policies = {getattr(layer, "compute_dtype", None) for layer in network._flatten_layers()}
    if policies & {"float16", "bfloat16"} or keras.backend.backend() != "tensorflow":
        return True
    import tensorflow as tf

    return bool(tf.config.list_logical_devices("GPU"))
