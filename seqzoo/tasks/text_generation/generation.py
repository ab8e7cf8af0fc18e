"""Drawing a text from a language model, word by word."""

import numpy as np

from seqzoo.data.vocabulary import check_at_least
from seqzoo.data.word_stream import BOUNDARY

_UNKNOWN = 1


def sample_words(model, prompt, words, temperature, seed):
    """See `LanguageModel.generate`; `model` has `config`, `vocabulary`, `advance_words` and `logits`."""
    if not isinstance(prompt, str):
        raise TypeError(f"`prompt` must be a str. Received: {prompt!r:.80}, a {type(prompt).__name__}")
    check_at_least(1, "`words`", words)
    check_at_least(0, "`seed`", seed)
    if model.config["backwards"]:
        raise ValueError("Only a model that reads forwards can go on. Received: a model with backwards=True")
    if isinstance(temperature, bool) or not isinstance(temperature, (int, float)) or not 0 < temperature < np.inf:
        raise ValueError(f"`temperature` must be a finite number above 0. Received: {temperature!r}")
    random = np.random.Generator(np.random.PCG64(seed))
    given = model.vocabulary.encode(prompt)
    hidden, states = model.advance_words(np.append([BOUNDARY], given), None)
    written = [prompt.strip()] if prompt.strip() else []
    for _ in range(words):
        word = _draw(model.logits(hidden), temperature, random)
        if word == BOUNDARY:
            break
        written.append(model.vocabulary.words[word])
        hidden, states = model.advance_words(np.array([word]), states)
    return " ".join(written)


def _draw(logits, temperature, random):
    """An id, drawn in proportion to softmax(logits / temperature); never the unknown word."""
    logits = logits.astype(np.float64) / temperature
    logits[_UNKNOWN] = -np.inf
    shares = np.cumsum(np.exp(logits - logits.max()))
    return int(np.searchsorted(shares, random.random() * shares[-1], side="right"))
