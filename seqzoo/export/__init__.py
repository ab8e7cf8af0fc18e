"""Trained models in forms that run without seqzoo. Imports TensorFlow on first need."""

from typing import TYPE_CHECKING

from seqzoo.lazy import lazy

_HOME = {
    "export_onnx": "onnx.export",
    "export_saved_model": "saved_model",
    "export_tflite": "tflite.export",
    "ExportError": "tflite.targets",
    "TFLiteRunner": "tflite.runner",
}
__all__ = list(_HOME)

if TYPE_CHECKING:  # the same names, for editors and type checkers
    from seqzoo.export.onnx.export import export_onnx as export_onnx
    from seqzoo.export.saved_model import export_saved_model as export_saved_model
    from seqzoo.export.tflite.export import export_tflite as export_tflite
    from seqzoo.export.tflite.runner import TFLiteRunner as TFLiteRunner
    from seqzoo.export.tflite.targets import ExportError as ExportError
else:
    __getattr__, __dir__ = lazy(__name__, _HOME)
