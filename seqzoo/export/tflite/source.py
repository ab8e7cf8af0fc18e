"""A model as the exporter sees it: a Keras network with named inputs, and how raw input reaches it."""

import re
from typing import Any, NamedTuple

import keras

from seqzoo.data import price_windows
from seqzoo.data.tokenizer import LINE_BREAK, RULES, WORD
from seqzoo.models import stock_outputs
from seqzoo.models.forecaster import Forecaster
from seqzoo.models.text_classifier import TextClassifier


class Source(NamedTuple):
    """What is exported.

    Attributes:
        network: `keras.Model`.
        name: the model's name.
        inputs: list of (name, dtype, shape without the batch; None is time).
        outputs: names.
        text: the `TextClassifier`, or None.
        prices: the `Forecaster`, or None.
    """

    network: keras.Model
    name: str
    inputs: list
    outputs: list
    text: Any = None
    prices: Any = None


def source_of(model):
    """The `Source` of a model.

    Raises:
        TypeError: if it is no `TextClassifier`, no `Forecaster` and no functional or sequential `keras.Model`.
        ValueError: if it has not been built, or has an unknown size other than batch and time.
    """
    if isinstance(model, TextClassifier):
        name = getattr(model, "name", model.network.name)
        return Source(model.network, name, [("ids", "int32", (None,))], ["probability"], model)
    if isinstance(model, Forecaster):
        name, shape = getattr(model, "name", model.task), tuple(model.network.input.shape[1:])
        return Source(model.network, name, [("sequence", "float32", shape)], ["raw"], prices=model)
    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a TextClassifier, a Forecaster or a keras.Model. Received: {type(model).__name__}")
    if not model.built or not getattr(model, "inputs", None):
        raise ValueError(
            "A keras.Model must be functional, or sequential with a keras.Input, so that its shapes are "
            "known. "
            f"Received: {type(model).__name__} {model.name!r} without inputs"
        )
    inputs = [(_identifier(x.name), keras.backend.standardize_dtype(x.dtype), tuple(x.shape[1:])) for x in model.inputs]
    for name, _, shape in inputs:
        if None in shape[1:]:
            raise ValueError(f"Only batch and time may be unknown. Received: shape {(None, *shape)} of input `{name}`")
    outputs = [_identifier(x._keras_history.operation.name) for x in model.outputs]  # Sequential has no output_names
    if len(set(outputs)) < len(outputs):
        outputs = [f"{name}_{place}" for place, name in enumerate(outputs)]
    return Source(model, model.name, inputs, outputs)


def describe_text(classifier, max_tokens):
    """The sidecar's account of how text becomes ids."""
    return {
        "rules": RULES,
        "word": WORD,
        "line_break": LINE_BREAK,
        "padding": 0,
        "unknown": 1,
        "max_tokens": max_tokens,
        "keep": "the last max_tokens words",
        "pad": "on the right",
        "vocabulary_size": len(classifier.vocabulary),
    }


def describe_prices(forecaster):
    """The sidecar's account of how daily prices become the file's input, and its output a forecast."""
    described = {
        "task": forecaster.task,
        "columns": list(price_windows.COLUMNS),
        "window": price_windows.WINDOW,
        "steps": price_windows.STEPS,
        "features": list(price_windows.FEATURES),
        "rules": price_windows.RULES,
        "outputs": list(forecaster.outputs),
        "answer": stock_outputs.RULES[forecaster.task],
    }
    if forecaster.task == "stock-quantiles":
        described["calibration"] = list(forecaster.config["calibration"])
    return described


def _identifier(name):
    return re.sub(r"\W", "_", name)
