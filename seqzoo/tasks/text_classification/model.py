"""Text in, probabilities out: embedding, recurrent layers, pooling, a logistic unit or a softmax."""

from dataclasses import asdict, dataclass

import numpy as np

from seqzoo.data.known import warn_without_known_word
from seqzoo.data.vocabulary import check_at_least, checked_texts
from seqzoo.forked import refuse_after_fork
from seqzoo.layers.pooling import POOLINGS
from seqzoo.tasks.text_classification.network import CELLS, build_network
from seqzoo.tasks.text_model import TextConfig, TextModel


@dataclass(frozen=True)
class TextClassifierConfig(TextConfig):
    """The architecture of a `TextClassifier`; plain JSON values only.

    `classes` are the names of two or more classes, in the order of the labels 0, 1, ... With `bigrams` above 0 the
    vocabulary lists so many pairs of words, and beside each word's vector stand `bigram_size` numbers for the pair that it
    makes with the word before it, see `BigramEmbedding`.

    Raises:
        ValueError: for a size below 1, a rate outside [0, 1), a negative seed, an unknown cell or pooling, fewer than
            two classes, a class that has no name or another's.
    """

    kind = "text classifier"

    vocabulary_size: int
    max_tokens: int = 400
    embedding_size: int = 64
    cell: str = "lstm"
    units: int = 64
    layers: int = 1
    bidirectional: bool = False
    pooling: str = "max_mean"
    word_dropout: float = 0.0
    embedding_dropout: float = 0.0
    dropout: float = 0.0
    seed: int = 0
    bigrams: int = 0
    bigram_size: int = 1
    classes: tuple = ("negative", "positive")

    def __post_init__(self):
        object.__setattr__(self, "classes", _checked_classes(self.classes))
        for name in ("vocabulary_size", "max_tokens", "embedding_size", "units", "layers", "seed", "bigrams", "bigram_size"):
            value, least = getattr(self, name), 0 if name in ("seed", "bigrams") else 1
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise ValueError(f"`{name}` must be a whole number of at least {least}. Received: {value!r}")
        for name in ("word_dropout", "embedding_dropout", "dropout"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1:
                raise ValueError(f"`{name}` must lie in [0, 1). Received: {value!r}")
        if not isinstance(self.bidirectional, bool):
            raise ValueError(f"`bidirectional` must be True or False. Received: {self.bidirectional!r}")
        if self.cell not in tuple(CELLS):
            raise ValueError(f"`cell` must be one of {', '.join(CELLS)}. Received: {self.cell!r}")
        if self.pooling not in POOLINGS:
            raise ValueError(f"`pooling` must be one of {', '.join(POOLINGS)}. Received: {self.pooling!r}")


def _checked_classes(classes):
    names = tuple(classes) if isinstance(classes, (list, tuple)) else ()
    if len(names) < 2 or len(set(names)) < len(names) or not all(isinstance(n, str) and n for n in names):
        raise ValueError(f"`classes` must be at least two different names. Received: {classes!r:.200}")
    return names


class TextClassifier(TextModel):
    """A recurrent classifier of raw text.

    Args:
        config: `TextClassifierConfig`, or a dict with its fields.
        vocabulary: `seqzoo.data.vocabulary.Vocabulary` of `config.vocabulary_size` entries.
        dtype: Keras dtype policy of the computation, such as "mixed_bfloat16"; weights are float32.

    Attributes:
        network: `keras.Model`, see `build_network`.

    Raises:
        ValueError: when the vocabulary does not fit the config.
    """

    task = "text-classification"
    config_class = TextClassifierConfig

    def __init__(self, config, vocabulary, dtype="float32"):
        super().__init__(config, vocabulary)
        if len(vocabulary.bigrams) != self._config.bigrams:
            raise ValueError(
                f"The vocabulary must list as many pairs as `bigrams` says, {self._config.bigrams}. "
                f"Received: {len(vocabulary.bigrams)}"
            )
        self.network = build_network(self._config, dtype)
        if self._config.bigrams:
            self.network.get_layer("bigrams").set_pairs(vocabulary.bigrams)

    @property
    def config(self):
        config = {**asdict(self._config), "classes": list(self._config.classes)}
        if config["classes"] == ["negative", "positive"]:  # so it was before there were others: same config, same run
            del config["classes"]
        if not config["bigrams"]:
            del config["bigrams"], config["bigram_size"]
        return config

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, tuple of str; label n is `classes[n]`."""
        return self._config.classes

    def encode(self, texts: list[str]) -> np.ndarray:
        """Token ids int32 `[len(texts), time]`, right-padded with 0; see `Vocabulary.encode_batch`."""
        return self.vocabulary.encode_batch(texts, self._config.max_tokens)

    def predict(self, texts: list[str], batch_size: int = 64) -> np.ndarray:
        """Probability that each text is of the second class ("positive"), or, of more than two, of each class.

        Args:
            texts: list of str.
            batch_size: rows scored at a time; texts of like length are scored together.

        Returns:
            float32 `[len(texts)]`, or `[len(texts), classes]` for more than two, in the order of `texts`.

        Warns:
            NoKnownWordWarning: of texts without one word of the vocabulary, to which the answer means nothing.

        Raises:
            TypeError: when `texts` is a bare string or holds anything but strings.
            ValueError: when `batch_size` is not a whole number of at least 1.
        """
        check_at_least(1, "`batch_size`", batch_size)
        texts = list(checked_texts(texts))
        ids = self.vocabulary.encode_list(texts, self._config.max_tokens)
        warn_without_known_word(texts, ids)
        order = sorted(range(len(ids)), key=lambda row: len(ids[row]))
        several = len(self.classes) > 2
        probabilities = np.zeros((len(ids), len(self.classes)) if several else len(ids), np.float32)
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            batch = self.vocabulary.pad([ids[row] for row in rows])
            probabilities[rows] = self.predict_ids(batch)
        return probabilities

    def predict_ids(self, ids):
        """`predict` of a batch of token ids int32 `[batch, time]`."""
        refuse_after_fork()
        # Few distinct lengths, so that TensorFlow traces few graphs; padding changes no result.
        time = -(-ids.shape[1] // 64) * 64
        ids = np.pad(ids, ((0, 0), (0, time - ids.shape[1])))
        probabilities = np.asarray(self.network.predict_on_batch(ids), np.float32)
        return probabilities if len(self.classes) > 2 else probabilities[:, 0]
