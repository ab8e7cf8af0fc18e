"""A finished file in onnxruntime, against the model's answers."""

import numpy as np

from seqzoo.export.tflite.targets import ExportError

TOLERANCE = 1e-5  # of the greatest output, at least 1


def check(content, inputs, expected):
    """Run a file on samples, in one order and then in the other.

    Args:
        content: bytes of an ONNX file.
        inputs, expected: lists of dicts of arrays by name.

    Returns:
        The greatest difference, as a share of the greatest answer (at least 1).

    Raises:
        ExportError: if onnxruntime does not take the file, or answers otherwise than the model.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        names = [output.name for output in session.get_outputs()]
        answers = [session.run(names, sample) for sample in inputs]
        again = [session.run(names, sample) for sample in reversed(inputs)][::-1]
    except Exception as error:  # onnxruntime's errors have no common type but this
        raise ExportError(f"onnxruntime must run the file. Received: {str(error)[:500]}") from None
    worst = 0.0
    for first, second, of in zip(answers, again, expected, strict=True):
        for name, one, two in zip(names, first, second, strict=True):
            if not np.allclose(one, two, rtol=0, atol=1e-6, equal_nan=True):
                raise ExportError("Every call must start afresh. Received: an answer that depends on the call before it")
            worst = max(worst, _difference(name, one, of[name]))
    return worst


def _difference(name, received, expected):
    if received.shape != expected.shape:
        raise ExportError(f"`{name}` must have shape {expected.shape}. Received: {received.shape}")
    same = np.array_equal(np.isnan(received), np.isnan(expected)) if received.dtype.kind == "f" else True
    scale = max(1.0, float(np.nanmax(np.abs(expected), initial=0))) if expected.size else 1.0
    difference = float(np.nanmax(np.abs(received.astype("float64") - expected.astype("float64")), initial=0)) / scale
    if not same or not difference <= TOLERANCE:
        raise ExportError(
            f"onnxruntime must answer `{name}` as the model within {TOLERANCE:g} of the greatest output. "
            f"Received: a difference of {difference:.2g}"
        )
    return difference
