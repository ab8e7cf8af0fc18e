"""A network of another precision, in float32."""

import keras

OTHERS = ("float16", "bfloat16", "float64")


def in_float32(network):
    """The network itself, or, where a layer computes in another precision, a copy in float32 with the same weights.

    Raises:
        ValueError: for such a subclassed network, which nobody but its class can build again.
    """
    others = [layer for layer in network._flatten_layers() if layer.compute_dtype in OTHERS or layer.variable_dtype in OTHERS]
    if not others:
        return network
    if not isinstance(network, (keras.Sequential, keras.src.models.functional.Functional)):
        raise ValueError(
            f"A subclassed model must compute in float32: build it with dtype='float32' and set_weights of this one. "
            f"Received: layer `{others[-1].name}` in {others[-1].compute_dtype}"
        )
    inputs = keras.tree.map_structure(
        lambda x: keras.Input(batch_shape=x.shape, dtype=_policy(x.dtype), name=x.name),
        getattr(network, "_inputs_struct", network.inputs),
    )
    copy = keras.models.clone_model(network, clone_function=_clone, input_tensors=inputs)
    copy.set_weights(network.get_weights())
    return copy


def _clone(layer):
    return type(layer).from_config(_widened(layer.get_config()))


def _widened(config):
    """A config with every policy of another precision, whatever is nested in it, as float32."""
    if isinstance(config, dict):
        if config.get("class_name") in ("DTypePolicy", "FloatDTypePolicy"):
            name = config["config"]["name"]
            return {**config, "config": {**config["config"], "name": _policy(name)}}
        return {key: _policy(value) if key == "dtype" else _widened(value) for key, value in config.items()}
    if isinstance(config, (list, tuple)):
        return type(config)(_widened(value) for value in config)
    return config


def _policy(value):
    if isinstance(value, str):
        return "float32" if "float16" in value or value == "float64" else value
    return _widened(value)
