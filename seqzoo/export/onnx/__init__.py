"""ONNX files: any length, any batch, checked in onnxruntime before they appear."""
