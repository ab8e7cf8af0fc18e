"""A network that computes in half precision, in float32."""

import keras

HALVES = ("float16", "bfloat16")


def in_float32(network):
    """The network itself, or, where a layer computes in float16 or bfloat16, a copy in float32 with the same weights.

    Raises:
        ValueError: for a subclassed network in half precision, which nobody but its class can build again.
    """
    halves = [layer for layer in network._flatten_layers() if layer.compute_dtype in HALVES or layer.variable_dtype in HALVES]
    if not halves:
        return network
    if not isinstance(network, (keras.Sequential, keras.src.models.functional.Functional)):
        raise ValueError(
            f"A subclassed model must compute in float32: build it with dtype='float32' and set_weights of this one. "
            f"Received: layer `{halves[-1].name}` in {halves[-1].compute_dtype}"
        )
    copy = keras.models.clone_model(network, clone_function=_clone)
    copy.set_weights(network.get_weights())
    return copy


def _clone(layer):
    return type(layer).from_config(_widened(layer.get_config()))


def _widened(config):
    """A config with every policy in half precision, whatever is nested in it, as float32."""
    if isinstance(config, dict):
        if config.get("class_name") in ("DTypePolicy", "FloatDTypePolicy"):
            name = config["config"]["name"]
            return {**config, "config": {**config["config"], "name": "float32" if "float16" in name else name}}
        return {key: _policy(value) if key == "dtype" else _widened(value) for key, value in config.items()}
    if isinstance(config, (list, tuple)):
        return type(config)(_widened(value) for value in config)
    return config


def _policy(value):
    if isinstance(value, str):
        return "float32" if "float16" in value else value
    return _widened(value)
