"""Words in, the next word out: an LSTM language model with tied embeddings."""

from dataclasses import asdict, dataclass

import keras
import numpy as np
from keras import ops

from seqzoo.data.vocabulary import check_at_least
from seqzoo.data.word_stream import BOUNDARY
from seqzoo.forked import refuse_after_fork
from seqzoo.layers.weight_dropout import WeightDroppedLSTM
from seqzoo.tasks.text_generation.generation import sample_words
from seqzoo.tasks.text_model import TextConfig, TextModel
from seqzoo.tasks.weights import cell_shapes


@dataclass(frozen=True)
class LanguageModelConfig(TextConfig):
    """The architecture of a `LanguageModel`; plain JSON values only.

    Raises:
        ValueError: for a size below 1, a rate outside [0, 1), a negative seed, `backwards` that is no bool.
    """

    kind = "language model"

    vocabulary_size: int
    embedding_size: int = 192
    units: int = 512
    layers: int = 1
    backwards: bool = False
    embedding_dropout: float = 0.0
    weight_dropout: float = 0.0
    output_dropout: float = 0.0
    seed: int = 0

    def __post_init__(self):
        for name in ("vocabulary_size", "embedding_size", "units", "layers", "seed"):
            check_at_least(0 if name == "seed" else 1, f"`{name}`", getattr(self, name))
        for name in ("embedding_dropout", "weight_dropout", "output_dropout"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1:
                raise ValueError(f"`{name}` must lie in [0, 1). Received: {value!r}")
        if not isinstance(self.backwards, bool):
            raise ValueError(f"`backwards` must be True or False. Received: {self.backwards!r}")


class LanguageModel(TextModel):
    """An LSTM that gives the probability of each word after those before it.

    Embedding, LSTM layers, a projection back to the size of the embedding, and logits by the embedding itself (tied
    weights: Press & Wolf 2017; Inan et al. 2017). Dropout as in AWD-LSTM (Merity et al. 2018): one mask for all steps
    on embeddings and outputs, and on the recurrent weights.

    Args:
        config: `LanguageModelConfig`, or a dict with its fields.
        vocabulary: `seqzoo.data.vocabulary.Vocabulary` of `config.vocabulary_size` entries.
        dtype: Keras dtype policy of the computation, such as "mixed_bfloat16"; weights are float32.

    Attributes:
        network: `keras.Model`, ids int32 `[batch, time]` -> the projection `[batch, time, embedding_size]` that
            stands for the next word.

    Raises:
        ValueError: when the vocabulary does not fit the config.
    """

    task = "text-generation"
    config_class = LanguageModelConfig

    def __init__(self, config, vocabulary, dtype="float32"):
        super().__init__(config, vocabulary)
        config = self._config
        self.embedding = keras.layers.Embedding(
            config.vocabulary_size,
            config.embedding_size,
            embeddings_initializer=keras.initializers.RandomUniform(-0.1, 0.1, seed=config.seed + 2),
            name="embedding",
            dtype=dtype,
        )
        self.embedding_dropout = keras.layers.SpatialDropout1D(
            config.embedding_dropout, seed=config.seed + 3, name="embedding_dropout", dtype=dtype
        )
        self.recurrent = [_recurrent_layer(config, index, dtype) for index in range(config.layers)]
        self.output_dropout = keras.layers.SpatialDropout1D(
            config.output_dropout, seed=config.seed + 4, name="output_dropout", dtype=dtype
        )
        self.projection = keras.layers.Dense(
            config.embedding_size,
            kernel_initializer=keras.initializers.GlorotUniform(seed=config.seed + 5),
            name="projection",
            dtype=dtype,
        )
        self.word_bias = _WordBias(config.vocabulary_size, name="word_bias")
        ids = keras.Input((None,), dtype="int32", name="ids")
        states = [keras.Input((config.units,), name=f"state_{n}") for n in range(2 * config.layers)]
        self.network = keras.Model(ids, self.word_bias(self.advance(ids)[0]), name="language_model")
        self.stepper = keras.Model([ids, *states], list(self.advance(ids, states)), name="step")

    def advance(self, ids, states=None, training=False):
        """Projection `[batch, time, embedding_size]`, and h and c of every layer after the last step.

        `states` are h and c of every layer before the first step, each `[batch, units]`; zeros if None.
        """
        x = self.embedding_dropout(self.embedding(ids), training=training)
        after = []
        for index, layer in enumerate(self.recurrent):
            initial = states and list(states[2 * index : 2 * index + 2])
            x, *last = layer(x, initial_state=initial, training=training)
            after += last
        return self.projection(self.output_dropout(x, training=training)), *after

    @property
    def config(self):
        return asdict(self._config)

    def encode(self, texts: list[str]) -> np.ndarray:
        """Ids int32 `[len(texts), time]` as the model reads them, right-padded: a boundary, then the words."""
        return self.vocabulary.pad([np.append([BOUNDARY], row) for row in self._ids(texts)])

    def predict(self, texts: list[str], batch_size: int = 16) -> np.ndarray:
        """Mean log-probability (natural logarithm) of the words of each text and of its end.

        Args:
            texts: list of str.
            batch_size: texts scored at a time.

        Returns:
            float32 `[len(texts)]`; `exp(-predict(...))` is a text's perplexity.

        Raises:
            TypeError: when `texts` is a bare string or holds anything but strings.
        """
        check_at_least(1, "`batch_size`", batch_size)
        rows = self._ids(texts)
        order = sorted(range(len(rows)), key=lambda row: len(rows[row]))
        means = np.zeros(len(rows), np.float32)
        for start in range(0, len(order), batch_size):
            chosen = order[start : start + batch_size]
            means[chosen] = [row.mean() for row in self.log_probabilities([rows[n] for n in chosen])]
        return means

    def log_probabilities(self, rows):
        """For each row of ids, int `[time]`, the log-probabilities of its words and of the end, float32 `[time + 1]`."""
        refuse_after_fork()
        targets = [np.append(row, [BOUNDARY]) for row in rows]
        ids = self.vocabulary.pad([np.append([BOUNDARY], row) for row in rows])
        ids = np.pad(ids, ((0, 0), (0, -ids.shape[1] % 64)))  # few distinct lengths; padding changes no result
        hidden = np.asarray(ops.convert_to_numpy(self.network.predict_on_batch(ids)), np.float32)
        return [self._score(hidden[n, : len(row)], row) for n, row in enumerate(targets)]

    def _score(self, hidden, targets):
        logits = self.logits(hidden)  # [time, vocabulary]
        greatest = logits.max(-1, keepdims=True)
        total = greatest[:, 0] + np.log(np.exp(logits - greatest).sum(-1))
        return logits[np.arange(len(targets)), targets] - total

    def logits(self, hidden):
        """float32 `[..., vocabulary]` from projections `[..., embedding_size]`."""
        vectors = ops.convert_to_numpy(self.embedding.embeddings)
        return hidden @ vectors.T + ops.convert_to_numpy(self.word_bias.bias)

    def perplexity(self, texts: list[str]) -> float:
        """exp of the mean negative log-probability of all words of `texts` and of the ends of the texts."""
        total, words = self.word_totals(texts).sum(axis=0)
        return float(np.exp(-total / words))

    def word_totals(self, texts: list[str]) -> np.ndarray:
        """Of each text the summed log-probability and the number of its words, its end counted: float64 `[len(texts), 2]`."""
        rows = self._ids(texts)
        order = sorted(range(len(rows)), key=lambda row: len(rows[row]))
        totals = np.zeros((len(rows), 2))
        for start in range(0, len(order), 16):
            chosen = order[start : start + 16]
            scores = self.log_probabilities([rows[n] for n in chosen])
            totals[chosen] = [(score.sum(dtype=np.float64), len(score)) for score in scores]
        return totals

    def generate(self, prompt: str = "", words: int = 40, temperature: float = 0.8, seed: int = 0) -> str:
        """Goes on from `prompt` by at most `words` words, drawn from the model; stops where it ends the text.

        Args:
            prompt: str, may be empty.
            words: whole number >= 1.
            temperature: above 0; below 1 likely words are drawn more often, above 1 less.
            seed: whole number >= 0; the same seed gives the same text.

        Returns:
            str, the prompt and the new words, separated by spaces, in the tokeniser's lower case.

        Raises:
            TypeError: `prompt` is not a str. ValueError: another argument is out of range, or the model reads backwards.
        """
        return sample_words(self, prompt, words, temperature, seed)

    def advance_words(self, ids, states):
        """The projection after `ids`, float32 `[embedding_size]`, and the states; None begins with zeros."""
        config = self._config
        states = states or [np.zeros((1, config.units), np.float32) for _ in range(2 * config.layers)]
        # One word a call, so that one graph serves prompts of every length.
        for word in ids:
            projected, *states = self.stepper.predict_on_batch([np.full((1, 1), word, np.int32), *states])
        return np.asarray(ops.convert_to_numpy(projected), np.float32)[0, -1], states

    def _ids(self, texts):
        rows = self.vocabulary.encode_list(texts)
        return [row[::-1] for row in rows] if self._config.backwards else rows


@keras.saving.register_keras_serializable(package="seqzoo")
class _WordBias(keras.layers.Layer):
    """Holds the logits' bias `[vocabulary]`, which is added where logits are made; passes its input on."""

    def __init__(self, vocabulary_size, **kwargs):
        super().__init__(**kwargs)
        self.vocabulary_size = vocabulary_size

    def build(self, _):
        self.bias = self.add_weight(name="bias", shape=(self.vocabulary_size,), initializer="zeros")

    def call(self, hidden):
        return hidden

    def get_config(self):
        return {**super().get_config(), "vocabulary_size": self.vocabulary_size}


def weight_shapes(config):
    """(name, shape) of every tensor of a `LanguageModel(config)`, one after the other."""
    yield "embedding/embeddings", (config.vocabulary_size, config.embedding_size)
    features = config.embedding_size
    for index in range(config.layers):
        yield from cell_shapes(f"lstm_{index}", "lstm", features, config.units)
        features = config.units
    yield "projection/kernel", (features, config.embedding_size)
    yield "projection/bias", (config.embedding_size,)
    yield "word_bias/bias", (config.vocabulary_size,)


def _recurrent_layer(config, index, dtype):
    seed = config.seed + 10 * (index + 1)
    return WeightDroppedLSTM(
        config.units,
        weight_dropout=config.weight_dropout,
        return_sequences=True,
        return_state=True,
        kernel_initializer=keras.initializers.GlorotUniform(seed=seed),
        recurrent_initializer=keras.initializers.Orthogonal(seed=seed + 1),
        seed=seed,
        name=f"lstm_{index}",
        dtype=dtype,
    )
