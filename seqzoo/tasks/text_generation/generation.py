"""Drawing a text from a language model, word by word."""

import numpy as np
from keras import ops

from seqzoo.data.vocabulary import check_at_least
from seqzoo.data.word_stream import BOUNDARY

_UNKNOWN = 1


def sample_words(model, prompt, words, temperature, seed):
    """See `LanguageModel.generate`."""
    if not isinstance(prompt, str):
        raise TypeError(f"`prompt` must be a str. Received: {prompt!r:.80}, a {type(prompt).__name__}")
    check_at_least(1, "`words`", words)
    check_at_least(0, "`seed`", seed)
    if isinstance(temperature, bool) or not isinstance(temperature, (int, float)) or not 0 < temperature < np.inf:
        raise ValueError(f"`temperature` must be a finite number above 0. Received: {temperature!r}")
    random = np.random.Generator(np.random.PCG64(seed))
    given = model.vocabulary.encode(prompt)
    hidden, states = _advance(model, np.append([BOUNDARY], given), None)
    written = [prompt.strip()] if prompt.strip() else []
    for _ in range(words):
        word = _draw(model.logits(hidden), temperature, random)
        if word == BOUNDARY:
            break
        written.append(model.vocabulary.words[word])
        hidden, states = _advance(model, np.array([word]), states)
    return " ".join(written)


def _advance(model, ids, states):
    """The projection after `ids`, `[embedding_size]`, and the states."""
    config = model.config
    states = states or [np.zeros((1, config["units"]), np.float32) for _ in range(2 * config["layers"])]
    # One word a call, so that one graph serves prompts of every length.
    for word in ids:
        projected, *states = model.stepper.predict_on_batch([np.full((1, 1), word, np.int32), *states])
    return np.asarray(ops.convert_to_numpy(projected), np.float32)[0, -1], states


def _draw(logits, temperature, random):
    """An id, drawn in proportion to softmax(logits / temperature); never the unknown word."""
    logits = logits.astype(np.float64) / temperature
    logits[_UNKNOWN] = -np.inf
    shares = np.cumsum(np.exp(logits - logits.max()))
    return int(np.searchsorted(shares, random.random() * shares[-1], side="right"))
