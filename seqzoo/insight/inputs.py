"""What a model works on: its Keras network, the arrays that go in, and the name of every step."""

import warnings
from typing import Any, NamedTuple

import keras
import numpy as np

from seqzoo.data.price_windows import COLUMNS, STEPS, WINDOW, window_features, windows_of
from seqzoo.data.prices import PriceDataError, check_prices
from seqzoo.data.tokenizer import tokenize


class Prepared(NamedTuple):
    """A model and its inputs as Keras takes them.

    network: `keras.layers.Layer`, most often a `keras.Model`.
    inputs: what `network` is called on.
    steps: for each row a tuple with the name of every step (a text's words, a series' days), or None when steps
        have no names.
    valid: bool `[batch, time]`, False in the padding, or None when nothing is known of padding.
    """

    network: Any
    inputs: Any
    steps: list | None = None
    valid: np.ndarray | None = None


def prepare(model, inputs):
    """`Prepared` from a task model and raw inputs, or a Keras model and arrays.

    Raises:
        TypeError: for a model that is neither.
        ValueError: for no texts at all, a text without a word, or prices with an error in them.
    """
    if getattr(type(model), "task", None) == "text-classification":
        return _prepare_texts(model, inputs)
    if str(getattr(type(model), "task", None)).startswith("stock-"):
        frame = check_frame(inputs)
        features, _ = window_features(windows_of(frame[list(COLUMNS)].to_numpy(), np.array([len(frame) - 1])))
        return Prepared(model.network, features.astype(np.float32), [tuple(price_days(frame))])
    if isinstance(model, keras.layers.Layer):
        return Prepared(model, inputs)
    raise TypeError(
        "`model` must be a Keras model or layer, or a task model such as `load_pretrained` gives. "
        f"Received: {type(model).__name__}"
    )


def _prepare_texts(model, texts):
    ids = model.encode(texts)
    if not len(ids):
        raise ValueError("`inputs` must hold at least one text. Received: an empty list")
    steps = []
    for row, text in enumerate(texts):
        kept, cut = split_words(model, text)
        if not kept:
            raise ValueError(f"A text must have at least one word to look at. Received: {text!r:.80} at index {row}")
        if cut:
            warnings.warn(f"Text {row}: {describe_cut(kept, cut)}", stacklevel=4)
        steps.append(tuple(kept))
    return Prepared(model.network, ids, steps, ids != 0)


def check_frame(frame):
    """Checked daily prices of one ticker, enough for a forecast after each of the days that a network reads."""
    frame = check_prices(frame)
    if len(frame) < WINDOW + STEPS:
        raise PriceDataError(
            f"To follow a forecast over {STEPS} days takes at least {WINDOW + STEPS} daily rows; give a longer "
            f"history. Received: {len(frame)} rows"
        )
    return frame


def price_days(frame):
    """The days that a forecaster's network reads one by one, the last ones, such as "2020-01-31"."""
    return [f"{day:%Y-%m-%d}" for day in frame.index[-STEPS:]]


def split_words(model, text):
    """The words that a text classifier reads of a text, and those before them that are over its limit."""
    words = tokenize(text)
    limit = model.config["max_tokens"]
    return words[-limit:], words[:-limit]


def describe_cut(kept, cut):
    return (
        f"the model reads the last {len(kept)} of {len(kept) + len(cut)} words; the first {len(cut)} were cut, "
        f"from {cut[0]!r} to {cut[-1]!r}"
    )
