"""The half of a bidirectional classifier that reads backwards, trained alone, and the two halves put together.

Halves that were trained apart err on different reviews, and the mean of their log-odds is better than either (Howard & Ruder
2018, arXiv:1801.06146, section 3.3, who average the probabilities of two models). As both are one LSTM, a pooling and a
logistic unit over the same word vectors, that mean is one bidirectional LSTM.
"""

import numpy as np

from seqzoo.layers.pooling import POOLINGS


class BackwardHalf:
    """A classifier of one direction over what a text's words are backwards, and what becomes of it beside a forward one.

    Args:
        forward: `TextClassifier` of two classes with one LSTM layer of one direction. It stays as it is.
        backward: `LanguageModel` of the same form, vocabulary and vectors that reads backwards, which the half begins with.
        config: dict with the fields of `TextClassifierConfig` that `forward` does not decide; `pooling` is the half's.
        dtype: Keras dtype policy of the computation.

    Attributes:
        model: `TextClassifier` to be trained on sequences turned by `turned`. Its word vectors rest: they are the forward
            half's too.

    Raises:
        ValueError: models that do not fit each other (see `classifier_from`), or a pooling with `last`: in a bidirectional
            classifier that is the state at the last word, where one that reads backwards has only begun.
    """

    def __init__(self, forward, backward, config, dtype="float32"):
        from seqzoo.tasks.text_classification.encoder import classifier_from
        from seqzoo.tasks.text_classification.model import TextClassifier

        self.pooling = config["pooling"].split("_")
        if "last" in self.pooling:
            fit = ", ".join(name for name in POOLINGS if "last" not in name)
            raise ValueError(
                f"What reads backwards has read one word at the last: its pooling must be one of {fit}. "
                f"Received: {config['pooling']}"
            )
        self.forward, self.backward, self.free = forward, backward, config
        classifier_from(forward, self._joined_config(), backward)  # says what does not fit before anything is trained
        one = {name: backward.config[name] for name in ("vocabulary_size", "embedding_size", "units", "layers")}
        self.model = TextClassifier({**config, **one, "cell": "lstm", "bidirectional": False}, forward.vocabulary, dtype)
        begun = backward.tensors()
        self.model.load_tensors({name: begun.get(name, value) for name, value in self.model.tensors().items()})
        self.model.network.get_layer("embedding").trainable = False

    @staticmethod
    def turned(sequences):
        """Each sequence from its last word to its first."""
        return [sequence[::-1] for sequence in sequences]

    def joined(self, half):
        """The bidirectional `TextClassifier` whose log-odds are the mean of the forward half's and of `half`'s.

        Args:
            half: `model`, or a copy of it with other weights.
        """
        from seqzoo.tasks.text_classification.encoder import classifier_from

        whole = classifier_from(self.forward, self._joined_config(), self.backward)
        tensors, ahead, back = whole.tensors(), self.forward.tensors(), half.tensors()
        tensors |= {f"bidirectional_0/backward_{name}": value for name, value in back.items() if name.startswith("lstm_0/")}
        of_ahead = self._by_pooling(ahead["probability/kernel"], self.forward.config["pooling"].split("_"))
        of_back = self._by_pooling(back["probability/kernel"], self.pooling)
        rows = [of[name] for name in whole.config["pooling"].split("_") for of in (of_ahead, of_back)]
        tensors["probability/kernel"] = np.concatenate(rows) / 2
        tensors["probability/bias"] = (ahead["probability/bias"] + back["probability/bias"]) / 2
        whole.load_tensors(tensors)
        return whole

    def _joined_config(self):
        """The free fields, with the poolings of both halves."""
        both = {*self.pooling, *self.forward.config["pooling"].split("_")}
        return {**self.free, "pooling": "_".join(name for name in ("last", "max", "mean") if name in both)}

    @staticmethod
    def _by_pooling(kernel, names):
        """`{name of a pooling: its rows of the last layer's kernel}`, rows of zeros for one that is not there."""
        rows = dict(zip(names, np.split(kernel, len(names)), strict=True))
        nothing = np.zeros_like(rows[names[0]])
        return {name: rows.get(name, nothing) for name in ("last", "max", "mean")}
