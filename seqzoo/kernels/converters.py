"""Whether a graph is being traced for another runtime."""

import sys

# Modules in whose calls a graph is traced that leaves TensorFlow: what XLA must compile is nothing to them.
CONVERTERS = {
    "keras.src.export.onnx": "ONNX",
    "keras.src.export.openvino": "OpenVINO",
    "keras.src.export.litert": "LiteRT",
    "tensorflow.lite.python.lite": "LiteRT",
    "tf2onnx.convert": "ONNX",
    "openvino.frontend.tensorflow.utils": "OpenVINO",
}


def converter():
    """The runtime whose converter is tracing the caller, such as "ONNX"; None where none is.

    `model.export("m.onnx", format="onnx")` tells a layer nothing of itself; its calls stand on the stack while it traces.
    """
    frame = sys._getframe(1)
    while frame is not None:
        if (name := frame.f_globals.get("__name__")) in CONVERTERS:
            return CONVERTERS[name]
        frame = frame.f_back
    return None
