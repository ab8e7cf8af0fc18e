"""Words in, the next word out. Imports TensorFlow on first need."""

from typing import TYPE_CHECKING

from seqzoo.lazy import lazy

_HOMES = {"LanguageModel": "model", "LanguageModelConfig": "model"}
__all__ = list(_HOMES)

if TYPE_CHECKING:  # the same names, for editors and type checkers
    from seqzoo.tasks.text_generation.model import LanguageModel as LanguageModel
    from seqzoo.tasks.text_generation.model import LanguageModelConfig as LanguageModelConfig
else:
    __getattr__, __dir__ = lazy(__name__, _HOMES)
