"""A model as the exporter sees it: a Keras network with named inputs, and how raw input reaches it."""

import re
from typing import Any, NamedTuple

import keras
import numpy as np

from seqzoo.data.tokenizer import LINE_BREAK, RULES, WORD
from seqzoo.data.vocabulary import Vocabulary
from seqzoo.models.text_classifier import TextClassifier


class Source(NamedTuple):
    """What is exported.

    Attributes:
        network: `keras.Model`.
        name: the model's name.
        inputs: list of (name, dtype, shape without the batch; None is time).
        outputs: names.
        text: the `TextClassifier`, or None.
    """

    network: keras.Model
    name: str
    inputs: list
    outputs: list
    text: Any = None


def source_of(model):
    """The `Source` of a model.

    Raises:
        TypeError: if it is neither a `TextClassifier` nor a functional or sequential `keras.Model`.
        ValueError: if it has not been built, or has an unknown size other than batch and time.
    """
    if isinstance(model, TextClassifier):
        name = getattr(model, "name", model.network.name)
        return Source(model.network, name, [("ids", "int32", (None,))], ["probability"], model)
    if not isinstance(model, keras.Model):
        raise TypeError(
            f"`model` must be a TextClassifier or a keras.Model. Received: {type(model).__name__}"
        )
    if not model.built or not getattr(model, "inputs", None):
        raise ValueError(
            "A keras.Model must be functional, or sequential with a keras.Input, so that its shapes are "
            "known. "
            f"Received: {type(model).__name__} {model.name!r} without inputs"
        )
    inputs = [
        (_identifier(x.name), keras.backend.standardize_dtype(x.dtype), tuple(x.shape[1:]))
        for x in model.inputs
    ]
    for name, _, shape in inputs:
        if None in shape[1:]:
            raise ValueError(
                f"Only batch and time may be unknown. Received: shape {(None, *shape)} of input `{name}`"
            )
    outputs = [
        _identifier(x._keras_history.operation.name) for x in model.outputs
    ]  # Sequential has no output_names
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


def sample_inputs(source, time_steps, seed=0):
    """Inputs to calibrate and check with when the caller gave none: list of texts, or of arrays by name.

    Args:
        source: `Source`.
        time_steps: the length of every sample, or None for many lengths.
        seed: of the random numbers.
    """
    random = np.random.default_rng(seed)
    if source.text is not None:
        return _sample_texts(source.text, random)
    sizes = [
        layer.input_dim
        for layer in source.network._flatten_layers()
        if isinstance(layer, keras.layers.Embedding)
    ]
    lengths = 4 * [time_steps] if time_steps else [1, 2, 7, 30]
    return [
        {
            name: _random(dtype, (1, *[length if size is None else size for size in shape]), sizes, random)
            for name, dtype, shape in source.inputs
        }
        for length in lengths
    ]


def _sample_texts(classifier, random):
    words = classifier.vocabulary.words[2:]
    longest = classifier.config["max_tokens"]
    texts = ["", words[0], "?", words[-1] + " unheardofword " + words[0]]
    for length in np.geomspace(2, longest + 5, 12).astype(int):
        # Frequent words often, rare ones sometimes, as in text.
        picked = np.exp(random.uniform(0, np.log(len(words)), length)).astype(int) - 1
        texts.append(" ".join(words[i] for i in picked))
    return texts


def _random(dtype, shape, sizes, random):
    if not np.issubdtype(np.dtype(dtype), np.integer):
        return random.normal(size=shape).astype(dtype)
    if not sizes:
        raise ValueError(
            "Whole numbers as input need `calibration` samples, or an Embedding that says their range"
        )
    return random.integers(1, min(sizes), shape).astype(dtype)


def given_inputs(source, calibration):
    """`calibration` as `sample_inputs` gives it: a list of texts, or a list of dicts of arrays with a
    batch of one.

    Raises:
        TypeError: if it is no list of texts for a text model, no list of arrays (or dicts of arrays) for
        another. ValueError: if it is empty.
    """
    if source.text is not None:
        from seqzoo.data.vocabulary import checked_texts

        samples = list(checked_texts(calibration))
    else:
        samples = []
        for sample in calibration:
            if not isinstance(sample, dict):
                if len(source.inputs) > 1:
                    names = ", ".join(name for name, *_ in source.inputs)
                    raise TypeError(f"Samples must be dicts with {names}. Received: {type(sample).__name__}")
                sample = {source.inputs[0][0]: sample}
            samples.append({name: np.asarray(sample[name], dtype)[None] for name, dtype, _ in source.inputs})
    if not samples:
        raise ValueError("`calibration` must hold at least one sample. Received: none")
    return samples


def expected_outputs(source, inputs, time_steps):
    """What the Keras model answers: dict of arrays by output name, one row per sample."""
    if source.text is None:
        results = [
            source.network(
                [sample[name] for name, *_ in source.inputs]
                if len(sample) > 1
                else next(iter(sample.values())),
                training=False,
            )
            for sample in inputs
        ]
        flat = [[np.asarray(x) for x in keras.tree.flatten(result)] for result in results]
        return [dict(zip(source.outputs, values)) for values in flat]
    longest = min(source.text.config["max_tokens"], time_steps or source.text.config["max_tokens"])
    rows = source.text.vocabulary.encode_list(inputs, longest)
    return [{"probability": source.text.predict_ids(Vocabulary.pad([row]))} for row in rows]


def _identifier(name):
    return re.sub(r"\W", "_", name)
