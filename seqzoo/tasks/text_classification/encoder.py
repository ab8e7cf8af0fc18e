"""A text classifier that begins with what another model has learnt: a language model, or a classifier."""

import numpy as np

from seqzoo.tasks.text_classification.model import TextClassifier
from seqzoo.tasks.text_generation.model import LanguageModel

# Decided by the model to begin with; the rest of a classifier's config is free.
GIVEN = ("vocabulary_size", "embedding_size", "cell", "units", "layers", "bidirectional", "bigrams", "bigram_size")


def classifier_from(encoder, config=None, backward=None, dtype="float32"):
    """Makes a `TextClassifier` with the vocabulary, embedding and recurrent layers of another model.

    Args:
        encoder: `LanguageModel` that reads forwards, or `TextClassifier`.
        config: dict with fields of `TextClassifierConfig`, none of `GIVEN`, which the encoder decides.
        backward: for a bidirectional classifier: a language model of the same form that reads backwards. It must share the
            vocabulary and the embedding of the first, which has one LSTM layer of one direction.
        dtype: Keras dtype policy of the computation.

    Returns:
        `TextClassifier`. Its last layer is untrained, unless the encoder is a classifier of the same pooling and classes:
        then it begins with that one's answers, and what `backward` reads counts nothing yet.

    Raises:
        TypeError: `encoder` is neither.
        ValueError: a field of `config` that the encoder decides, or models that do not fit each other.
    """
    if not isinstance(encoder, (LanguageModel, TextClassifier)):
        raise TypeError(
            "A text classifier begins with a language model (task text-generation), such as imdb-lm, or with a text "
            f"classifier. Received: {type(encoder).__name__}"
        )
    config = config or {}
    if decided := sorted(set(GIVEN) & set(config)):
        raise ValueError(f"The encoder decides {', '.join(GIVEN)}. Received: {', '.join(decided)} in `config`")
    if isinstance(encoder, TextClassifier):
        given = {name: encoder.config[name] for name in GIVEN if name in encoder.config}
        if backward is not None:
            check_form(encoder, False, "A text classifier completed by `backward`")
            given["bidirectional"] = True
    else:
        given = {name: encoder.config[name] for name in ("vocabulary_size", "embedding_size", "units", "layers")}
        given |= {"cell": "lstm", "bidirectional": backward is not None}
    _check_directions(encoder, backward)
    found = _renamed(encoder, backward)
    model = TextClassifier({**config, **given}, encoder.vocabulary, dtype)
    if isinstance(encoder, TextClassifier) and not _answer_alike(encoder, model):
        found = {name: value for name, value in found.items() if not name.startswith("probability/")}
    model.load_tensors({name: found.get(name, value) for name, value in model.tensors().items()})
    return model


def _answer_alike(first, second):
    """Whether two classifiers' last layers mean the same."""
    return first.classes == second.classes and first.config["pooling"] == second.config["pooling"]


def _renamed(forward, backward):
    """Both models' tensors under the classifier's names."""
    given = forward.tensors()
    if backward is None:
        return given
    found = {name: value for name, value in given.items() if not name.startswith("lstm_0/")}
    found |= both_directions(given, backward.tensors())
    if "probability/kernel" in given:
        kinds = np.split(given["probability/kernel"], len(forward.config["pooling"].split("_")))
        found["probability/kernel"] = side_by_side(kinds, [np.zeros_like(kind) for kind in kinds])
    return found


def both_directions(forward, backward):
    """The LSTM weights of two models' tensors, one a direction, under the names that a bidirectional classifier gives them."""
    return {
        f"bidirectional_0/{direction}_{name}": value
        for direction, tensors in (("forward", forward), ("backward", backward))
        for name, value in tensors.items()
        if name.startswith("lstm_0/")
    }


def side_by_side(forward, backward):
    """A bidirectional classifier's last kernel: of each kind of pooling the rows of one direction, then of the other."""
    return np.concatenate([rows for pair in zip(forward, backward, strict=True) for rows in pair])


def check_form(classifier, bidirectional, subject):
    """Raises ValueError unless a classifier has one LSTM layer, of one or two directions, and no pairs of words."""
    wanted = {"cell": "lstm", "layers": 1, "bidirectional": bidirectional, "bigrams": 0}
    has = {name: classifier.config.get(name, 0) for name in wanted}
    if has != wanted:
        directions = "two directions" if bidirectional else "one direction"
        raise ValueError(f"{subject} must have cell 'lstm', one layer, {directions} and no bigrams. Received: {has}")


def _check_directions(forward, backward):
    if forward.config.get("backwards"):
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
        raise ValueError(f"Both models must have one vocabulary. Received: {backward.vocabulary!r}, another")
    embeddings = [model.tensors()["embedding/embeddings"] for model in (forward, backward)]
    if not np.array_equal(*embeddings):
        raise ValueError("Both models must share one embedding. Received: two that differ")
