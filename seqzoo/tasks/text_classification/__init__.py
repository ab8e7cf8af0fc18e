"""Text in, probabilities of classes out. Imports TensorFlow on first need."""

from typing import TYPE_CHECKING

from seqzoo.lazy import lazy

_HOMES = {"TextClassifier": "model", "TextClassifierConfig": "model", "classifier_from": "encoder"}
__all__ = list(_HOMES)

if TYPE_CHECKING:  # the same names, for editors and type checkers
    from seqzoo.tasks.text_classification.encoder import classifier_from as classifier_from
    from seqzoo.tasks.text_classification.model import TextClassifier as TextClassifier
    from seqzoo.tasks.text_classification.model import TextClassifierConfig as TextClassifierConfig
else:
    __getattr__, __dir__ = lazy(__name__, _HOMES)
