"""A text classifier that answers few texts without TensorFlow."""

import numpy as np

from seqzoo.data.known import warn_without_known_word
from seqzoo.data.vocabulary import checked_texts
from seqzoo.tasks.numpy_network import run_layers, sigmoid


class QuickClassifier:
    """The answers of a `TextClassifier`, to 1e-5, one text after the other, in NumPy.

    Args:
        config: as in the card.
        vocabulary: `Vocabulary`.
        tensors: weights by name, float32.
    """

    task = "text-classification"

    def __init__(self, config, vocabulary, tensors):
        self.config, self.vocabulary, self._tensors = config, vocabulary, tensors
        self.classes = tuple(config.get("classes", ("negative", "positive")))
        pairs = vocabulary.bigrams.astype(np.int64)
        self._codes = pairs[:, 0] * len(vocabulary) + pairs[:, 1]  # in rising order

    def predict(self, texts):
        """Float32 `[len(texts)]`, or `[len(texts), classes]` for more than two; see `TextClassifier.predict`."""
        texts = list(checked_texts(texts))
        rows = self.vocabulary.encode_list(texts, self.config["max_tokens"])
        warn_without_known_word(texts, rows)
        several = len(self.classes) > 2
        found = [self._probability(ids) for ids in rows]
        return np.asarray(found, np.float32).reshape((len(rows), len(self.classes)) if several else len(rows))

    def _probability(self, ids):
        kernel, bias = self._tensors["probability/kernel"], self._tensors["probability/bias"]
        logits = (self._pooled(ids) if len(ids) else np.zeros(len(kernel), np.float32)) @ kernel + bias
        if len(self.classes) == 2:
            return sigmoid(logits)[0]
        shares = np.exp(logits - logits.max())
        return shares / shares.sum()

    def _pooled(self, ids):
        x = self._tensors["embedding/embeddings"][ids]  # [time, size]
        if len(self._codes):
            x = np.concatenate([x, self._tensors["bigrams/embeddings"][self._pairs(ids)]], axis=1)
        hidden, _ = run_layers(x, self._tensors, self.config)
        parts = {"last": hidden[-1], "max": hidden.max(axis=0), "mean": hidden.mean(axis=0)}
        return np.concatenate([parts[name] for name in ("last", "max", "mean") if name in self.config["pooling"].split("_")])

    def _pairs(self, ids):
        """1 + the place of each known pair of a word and the one before it; 0 for the others."""
        codes = np.append([0], ids[:-1]).astype(np.int64) * len(self.vocabulary) + ids
        places = np.minimum(np.searchsorted(self._codes, codes), len(self._codes) - 1)
        return np.where(self._codes[places] == codes, places + 1, 0)
