"""A few inputs and the answers that a model must give to them on every supported version and machine."""

import numpy as np

from seqzoo.zoo.card import CardError, check_form, parse_json
from seqzoo.zoo.integrity import ModelIntegrityError

TOLERANCE = 1e-5
_TEXT_FORM = {"inputs": [str], "outputs": [float], "tolerance": float}
_CLASSES_FORM = {"inputs": [str], "outputs": [[float]], "tolerance": float}
_WINDOW_FORM = {"inputs": [[[float]]], "outputs": [[float]], "tolerance": float}


def make_golden(model, inputs) -> dict:
    """The content of golden.json: `model`'s answers to `inputs` (texts, or windows of prices) as they are
    now.
    """
    inputs = inputs.tolist() if isinstance(inputs, np.ndarray) else inputs
    if not isinstance(inputs, (list, tuple)) or not inputs or not all(isinstance(x, (str, list)) for x in inputs):
        raise TypeError(
            f"`golden_inputs` must be a list of at least one str, or an array of windows of prices. Received: {inputs!r:.200}"
        )
    outputs = np.asarray(model.predict(list(inputs)), np.float64)
    # Probabilities are compared as they are, other answers by their size.
    scale = min(10.0, float(np.max(np.abs(outputs))))
    if isinstance(inputs[0], str):
        scale = max(1.0, scale)
    return {"inputs": list(inputs), "outputs": outputs.tolist(), "tolerance": TOLERANCE * scale}


def parse_golden(data: bytes, path) -> dict:
    """Parse golden.json. Raises CardError if it is not of the form that `make_golden` gives."""
    golden = parse_json(data, path)
    form = _TEXT_FORM
    if isinstance(golden, dict) and _holds_lists(golden.get("inputs")):
        form = _WINDOW_FORM
    elif isinstance(golden, dict) and _holds_lists(golden.get("outputs")):
        form = _CLASSES_FORM
    check_form(golden, form, path)
    counts = len(golden["inputs"]), len(golden["outputs"])
    if counts[0] != counts[1] or not counts[0] or not 0 < golden["tolerance"] <= 1e-4:
        raise CardError(
            f"{path} must hold as many outputs as inputs, at least one, and a tolerance of at most 1e-4. "
            f"Received: {counts[0]} inputs, {counts[1]} outputs, tolerance {golden['tolerance']}"
        )
    return golden


def _holds_lists(values):
    return isinstance(values, list) and bool(values) and isinstance(values[0], list)


def check_golden(model, predict=None) -> float:
    """Compare answers to the golden inputs with the golden outputs.

    Args:
        model: from `load_pretrained`.
        predict: function of a list of golden inputs to compare instead of `model.predict`.

    Returns:
        The greatest absolute difference.

    Raises:
        ModelIntegrityError: if it is above the tolerance that golden.json states.
    """
    golden = model.golden
    received = np.asarray((predict or model.predict)(golden["inputs"]), np.float64)
    expected = np.asarray(golden["outputs"])
    if received.shape != expected.shape:
        raise ModelIntegrityError(f"The golden outputs must have shape {expected.shape}. Received: {received.shape}")
    difference = np.abs(received - expected)
    worst = np.unravel_index(np.argmax(difference), difference.shape)
    if not difference[worst] <= golden["tolerance"]:  # so written that NaN fails too
        raise ModelIntegrityError(
            f"The answer to {golden['inputs'][worst[0]]!r:.80} must be {expected[worst]:.7f} "
            f"within {golden['tolerance']:g}. Received: {received[worst]:.7f}"
        )
    return float(difference[worst])
