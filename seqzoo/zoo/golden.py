"""A few inputs and the answers that a model must give to them on every supported version and machine."""

import numpy as np

from seqzoo.data.known import without_warning
from seqzoo.zoo.card import CardError, check_form, parse_json
from seqzoo.zoo.integrity import ModelIntegrityError

GOLDEN = "golden.json"
TOLERANCE = 1e-5
SHORT = 300  # characters of a text that is answered while a model is loaded
# Inputs are texts or arrays, outputs numbers or arrays of them.
_FORM = {"inputs": list, "outputs": list, "tolerance": float}


def make_golden(model, inputs) -> dict:
    """The content of golden.json: `model`'s answers to `inputs` (texts, windows of prices, arrays) as they are now."""
    inputs = inputs.tolist() if isinstance(inputs, np.ndarray) else inputs
    if not isinstance(inputs, (list, tuple)) or not inputs or not all(isinstance(x, (str, list)) for x in inputs):
        raise TypeError(f"`golden_inputs` must be a list of at least one str, or an array of numbers. Received: {inputs!r:.200}")
    with without_warning():
        outputs = np.asarray(model.predict(list(inputs)), np.float64)
    # Probabilities are compared as they are, other answers by their size.
    scale = min(10.0, float(np.max(np.abs(outputs))))
    if isinstance(inputs[0], str):
        scale = max(1.0, scale)
    return {"inputs": list(inputs), "outputs": outputs.tolist(), "tolerance": TOLERANCE * scale}


def parse_golden(data: bytes, path) -> dict:
    """Parse golden.json. Raises CardError if it is not of the form that `make_golden` gives."""
    golden = parse_json(data, path)
    check_form(golden, _FORM, path)
    for key in ("inputs", "outputs"):
        for place, value in enumerate(golden[key]):
            _check_value(value, str if key == "inputs" else float, path, f"{key}[{place}]")
    counts = len(golden["inputs"]), len(golden["outputs"])
    if counts[0] != counts[1] or not counts[0] or not 0 < golden["tolerance"] <= 1e-4:
        raise CardError(
            f"{path} must hold as many outputs as inputs, at least one, and a tolerance of at most 1e-4. "
            f"Received: {counts[0]} inputs, {counts[1]} outputs, tolerance {golden['tolerance']}"
        )
    return golden


def _check_value(value, single, path, where):
    """Raises CardError unless a value is a single one or an array of numbers."""
    if not isinstance(value, list):
        check_form(value, single, path, where)
        return
    for place, item in enumerate(value):
        _check_value(item, float, path, f"{where}[{place}]")


def check_few_answers(model, golden, folder, coarse=False) -> None:
    """Compare answers to a few golden inputs, for a model that is being loaded.

    What a card alone can change (how many words are read, a calibration) changes answers, though every hash is right.
    Another device or version moves them by far less.

    Args:
        model: has `predict`. golden: as `parse_golden` gives it.
        coarse: whether the model computes in a precision below float32.

    Raises:
        ModelIntegrityError: if an answer is another.
    """
    inputs = golden["inputs"]
    chosen = [place for place, given in enumerate(inputs) if isinstance(given, str) and len(given) <= SHORT]
    if not chosen:
        chosen = [min(range(len(inputs)), key=lambda place: len(inputs[place]))]
    expected = np.asarray([golden["outputs"][place] for place in chosen])
    must = f"{folder} must answer as its {GOLDEN} says: its card.json was changed, or is not of these weights."
    try:
        with without_warning():
            received = np.asarray(model.predict([inputs[place] for place in chosen]), np.float64)
    except ValueError as error:  # such as an answer that is not plausible
        raise ModelIntegrityError(f"{must} Received: {error}") from error
    # As `make_golden` scales its tolerance, but by column: a variance is not lost beside a volatility.
    scale = max(1.0, np.max(np.abs(expected))) if isinstance(inputs[0], str) else np.max(np.abs(expected), axis=0)
    share = 2e-2 if coarse else 1e-3
    if received.shape == expected.shape and np.all(np.abs(received - expected) <= share * scale):  # False for NaN
        return
    raise ModelIntegrityError(f"{must} Expected: {expected.tolist()!s:.200}. Received: {received.tolist()!s:.200}")


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
    with without_warning():
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
