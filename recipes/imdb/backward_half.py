"""The half of a bidirectional classifier that reads backwards, trained alone, and the two halves put together.

Halves that were trained apart err on different reviews, and the mean of their log-odds is better than either (Howard & Ruder
2018, arXiv:1801.06146, section 3.3, who average the probabilities of two models). As both are one LSTM, a pooling and a
logistic unit over the same word vectors, that mean is one bidirectional LSTM.
"""

import numpy as np

FORM = ("vocabulary_size", "embedding_size", "cell", "units", "layers")  # of both halves
ALL = ("last", "max", "mean")


class BackwardHalf:
    """A classifier of one direction over what a text's words are backwards, and what becomes of it beside a forward one.

    Args:
        forward: `TextClassifier` of two classes with one LSTM layer of one direction, or, without `backward`, of two: then the
            half that it has is trained further. It stays as it is.
        backward: `LanguageModel` of the same form, vocabulary and vectors that reads backwards, which the half begins with.
        config: dict with the fields of `TextClassifierConfig` that `forward` does not decide; `pooling` is the half's.
        dtype: Keras dtype policy of the computation.

    Attributes:
        model: `TextClassifier` to be trained on sequences turned by `turned`. Its word vectors rest: they are the forward
            half's too.

    Raises:
        ValueError: models that do not fit each other (see `classifier_from`), one direction without `backward`, or a pooling
            with `last`: in a bidirectional classifier that is the state at the last word, where one that reads backwards has
            only begun.
    """

    def __init__(self, forward, backward, config, dtype="float32"):
        from seqzoo.layers.pooling import POOLINGS
        from seqzoo.tasks.text_classification.encoder import classifier_from
        from seqzoo.tasks.text_classification.model import TextClassifier

        if "last" in config["pooling"].split("_"):
            fit = ", ".join(name for name in POOLINGS if "last" not in name)
            raise ValueError(
                f"What reads backwards has read one word at the last: its pooling must be one of {fit}. "
                f"Received: {config['pooling']}"
            )
        self.free = config
        if backward is None:
            self.forward, begun = taken_apart(forward, config["pooling"])
        else:
            classifier_from(forward, {**config, "pooling": _both(forward.config, config)}, backward)  # says what does not fit
            self.forward, begun = forward, backward.tensors()
        one = {name: forward.config[name] for name in FORM}
        self.model = TextClassifier({**config, **one, "bidirectional": False}, forward.vocabulary, dtype)
        self.model.load_tensors({name: begun.get(name, value) for name, value in self.model.tensors().items()})
        self.model.network.get_layer("embedding").trainable = False

    @staticmethod
    def turned(sequences):
        """Each sequence from its last word to its first."""
        return [sequence[::-1] for sequence in sequences]

    def joined(self, half):
        """`joined` of the forward half and of `half`: `model`, or a copy of it with other weights."""
        return joined(self.forward, half.tensors(), self.free)


def joined(forward, half, config, share=0.5):
    """The bidirectional `TextClassifier` whose log-odds are the weighted mean of two halves'.

    Args:
        forward: `TextClassifier` with one LSTM layer of one direction.
        half: tensors of one over the same word vectors, for texts turned around.
        config: dict with the free fields of `TextClassifierConfig`; `pooling` is that of `half`.
        share: in (0, 1), how much the half that reads backwards counts.
    """
    from seqzoo.tasks.text_classification.encoder import both_directions, side_by_side
    from seqzoo.tasks.text_classification.model import TextClassifier

    form = {**{name: forward.config[name] for name in FORM}, "bidirectional": True, "pooling": _both(forward.config, config)}
    whole, ahead = TextClassifier({**config, **form}, forward.vocabulary), forward.tensors()
    found = {"embedding/embeddings": ahead["embedding/embeddings"], **both_directions(ahead, half)}
    names = whole.config["pooling"].split("_")
    of_ahead = _by_pooling((1 - share) * ahead["probability/kernel"], forward.config["pooling"])
    of_half = _by_pooling(share * half["probability/kernel"], config["pooling"])
    found["probability/kernel"] = side_by_side(*([of[name] for name in names] for of in (of_ahead, of_half)))
    found["probability/bias"] = (1 - share) * ahead["probability/bias"] + share * half["probability/bias"]
    whole.load_tensors(found)
    return whole


def taken_apart(whole, pooling):
    """The halves of a bidirectional classifier, each as if it were the whole: `joined` of both with a half each is it again.

    Args:
        whole: `TextClassifier` with one bidirectional LSTM layer.
        pooling: what the half that reads backwards keeps, such as "max_mean".

    Returns:
        The forward half as a `TextClassifier`, and the tensors of the other.

    Raises:
        ValueError: one direction only, another cell, more layers, pairs of words.
    """
    from seqzoo.tasks.text_classification.encoder import check_form
    from seqzoo.tasks.text_classification.model import TextClassifier

    check_form(whole, True, "Without --backward-encoder, a classifier of which a half is trained apart")
    tensors, names = whole.tensors(), whole.config["pooling"].split("_")
    kept = {name: tensors[name] for name in ("embedding/embeddings", "probability/bias")}
    rows = np.split(2 * tensors["probability/kernel"], 2 * len(names))
    halves = []
    for direction, own, poolings in (("forward", rows[::2], names), ("backward", rows[1::2], pooling.split("_"))):
        prefix = f"bidirectional_0/{direction}_"
        lstm = {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
        by_name = dict(zip(names, own, strict=True))
        halves.append({**kept, **lstm, "probability/kernel": np.concatenate([by_name[name] for name in poolings])})
    forward = TextClassifier({**whole.config, "bidirectional": False}, whole.vocabulary)
    forward.load_tensors(halves[0])
    return forward, halves[1]


def _both(forward, half):
    """The poolings of either config, in the order of their name."""
    both = {*forward["pooling"].split("_"), *half["pooling"].split("_")}
    return "_".join(name for name in ALL if name in both)


def _by_pooling(kernel, pooling):
    """`{name of a pooling: its rows of the last layer's kernel}`, rows of zeros for one that is not there."""
    names = pooling.split("_")
    rows = dict(zip(names, np.split(kernel, len(names)), strict=True))
    return {name: rows.get(name, np.zeros_like(rows[names[0]])) for name in ALL}
