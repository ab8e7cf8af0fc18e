"""A text classifier that begins with what a language model has learnt."""

import numpy as np

from seqzoo.models.language_model import LanguageModel
from seqzoo.models.text_classifier import TextClassifier

# Decided by the language model; the rest of a classifier's config is free.
GIVEN = ("vocabulary_size", "embedding_size", "cell", "units", "layers", "bidirectional")


def classifier_from(language_model, config=None, backward=None, dtype="float32"):
    """Makes a `TextClassifier` with the vocabulary, embedding and LSTMs of a language model.

    Args:
        language_model: `LanguageModel` that reads forwards.
        config: dict with fields of `TextClassifierConfig`, none that the language model decides.
        backward: a second `LanguageModel` of the same form that reads backwards, for a bidirectional classifier. It
            must share the vocabulary and the embedding of the first.
        dtype: Keras dtype policy of the computation.

    Returns:
        `TextClassifier`, its last layer untrained.

    Raises:
        TypeError: `language_model` is none.
        ValueError: a field of `config` that the language model decides, or models that do not fit each other.
    """
    if not isinstance(language_model, LanguageModel):
        raise TypeError(
            "A text classifier begins with a language model (task text-generation), such as imdb-lm. "
            f"Received: {type(language_model).__name__}"
        )
    if decided := sorted(set(GIVEN) & set(config or {})):
        raise ValueError(f"The language model decides {', '.join(GIVEN)}. Received: {', '.join(decided)} in `config`")
    given = {name: language_model.config[name] for name in ("vocabulary_size", "embedding_size", "units", "layers")}
    _check_directions(language_model, backward)
    whole = {**(config or {}), **given, "cell": "lstm", "bidirectional": backward is not None}
    model = TextClassifier(whole, language_model.vocabulary, dtype)
    found = _renamed(language_model, backward)
    model.load_tensors({name: found.get(name, value) for name, value in model.tensors().items()})
    return model


def _renamed(forward, backward):
    """The language models' tensors under the classifier's names."""
    if backward is None:
        return forward.tensors()
    found = {"embedding/embeddings": forward.tensors()["embedding/embeddings"]}
    for direction, model in (("forward", forward), ("backward", backward)):
        found |= {
            f"bidirectional_0/{direction}_{name}": value
            for name, value in model.tensors().items()
            if name.startswith("lstm_0/")
        }
    return found


def _check_directions(forward, backward):
    if forward.config["backwards"]:
        raise ValueError("The first language model must read forwards. Received: one with backwards=True")
    if backward is None:
        return
    form = ("vocabulary_size", "embedding_size", "units", "layers")
    same = [name for name in form if forward.config[name] == backward.config[name]]
    if not backward.config["backwards"] or len(same) < len(form) or forward.config["layers"] != 1:
        raise ValueError(
            "`backward` must read backwards, be of the same form, and both must have one layer. "
            f"Received: {backward.config} beside {forward.config}"
        )
    if forward.vocabulary != backward.vocabulary:
        raise ValueError(f"Both language models must have one vocabulary. Received: {backward.vocabulary!r}, another")
    embeddings = [model.tensors()["embedding/embeddings"] for model in (forward, backward)]
    if not np.array_equal(*embeddings):
        raise ValueError("Both language models must share one embedding. Received: two that differ")
