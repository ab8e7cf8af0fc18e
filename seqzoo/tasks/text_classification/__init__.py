"""Text in, probabilities of classes out. Imports TensorFlow on first need."""

from seqzoo.lazy import lazy

_HOMES = {"TextClassifier": "model", "TextClassifierConfig": "model", "classifier_from": "encoder"}
__all__ = list(_HOMES)
__getattr__, __dir__ = lazy(__name__, _HOMES)
