"""Words in, the next word out. Imports TensorFlow on first need."""

from seqzoo.lazy import lazy

_HOMES = {"LanguageModel": "model", "LanguageModelConfig": "model"}
__all__ = list(_HOMES)
__getattr__, __dir__ = lazy(__name__, _HOMES)
