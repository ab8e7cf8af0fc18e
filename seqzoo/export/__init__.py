"""Trained models in forms that run without seqzoo. Imports TensorFlow on first need."""

from importlib import import_module

_HOME = {
    "export_saved_model": "saved_model",
    "export_tflite": "tflite.export",
    "ExportError": "tflite.targets",
    "TFLiteRunner": "tflite.runner",
}
__all__ = list(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__():
    return sorted({*globals(), *__all__})
