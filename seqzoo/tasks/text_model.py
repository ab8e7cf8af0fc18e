"""What the tasks on raw text share: a checked config, a vocabulary that fits it, weights by name."""

from dataclasses import fields

from seqzoo.data.vocabulary import Vocabulary
from seqzoo.tasks.weights import NetworkWeights


class TextConfig:
    """Base of the dataclasses that hold a text model's architecture; `kind` says what model in an error."""

    kind = None

    @classmethod
    def from_dict(cls, values):
        """The config with these fields. Raises ValueError for others, and without `vocabulary_size`."""
        known = [field.name for field in fields(cls)]
        if not isinstance(values, dict) or "vocabulary_size" not in values or not set(values) <= set(known):
            raise ValueError(
                f"A {cls.kind}'s config is a dict with vocabulary_size and any of {', '.join(known[1:])}. "
                f"Received: {str(list(values) if isinstance(values, dict) else values)[:500]}"
            )
        return cls(**values)


class TextModel(NetworkWeights):
    """Base of the text models. A subclass names its `config_class`, a `TextConfig`, and builds `network`."""

    config_class = None

    def __init__(self, config, vocabulary):
        if not isinstance(config, self.config_class):
            config = self.config_class.from_dict(config)
        if not isinstance(vocabulary, Vocabulary):
            raise TypeError(f"`vocabulary` must be a seqzoo Vocabulary. Received: {type(vocabulary).__name__}")
        if len(vocabulary) != config.vocabulary_size:
            raise ValueError(
                f"The vocabulary does not fit the weights: the config says {config.vocabulary_size} entries. "
                f"Received: {len(vocabulary)}"
            )
        self._config = config
        self.vocabulary = vocabulary
