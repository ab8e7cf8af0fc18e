"""Trained models in forms that run without seqzoo. Imports TensorFlow on first need."""

from seqzoo.lazy import lazy

_HOME = {
    "export_saved_model": "saved_model",
    "export_tflite": "tflite.export",
    "ExportError": "tflite.targets",
    "TFLiteRunner": "tflite.runner",
}
__all__ = list(_HOME)
__getattr__, __dir__ = lazy(__name__, _HOME)
