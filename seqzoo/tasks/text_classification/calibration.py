"""Probabilities that mean what they say: how far off they are, and one number that mends them."""

import numpy as np


def expected_calibration_error(probabilities, labels, bins=15):
    """By how much confidence and accuracy differ, on average over `bins` equal ranges of confidence (Guo et al. 2017, eq. 3).

    Args:
        probabilities: of the second of two classes, `[n]`.
        labels: 0/1, `[n]`.

    Returns:
        float in [0, 1]; 0 means that of the answers given with confidence c the share c is right.
    """
    probabilities, labels = np.asarray(probabilities, np.float64), np.asarray(labels)
    if probabilities.ndim != 1 or probabilities.shape != labels.shape or not len(labels):
        raise ValueError(
            "There must be one probability and one label for each text, both [n]. "
            f"Received: shapes {probabilities.shape} and {labels.shape}"
        )
    confidence, right = np.maximum(probabilities, 1 - probabilities), (probabilities > 0.5) == (labels == 1)
    place = np.minimum((2 * (confidence - 0.5) * bins).astype(int), bins - 1)
    gaps = [abs(confidence[place == n].mean() - right[place == n].mean()) * (place == n).mean() for n in np.unique(place)]
    return float(sum(gaps))


def temperature_of(logits, labels, weights=None):
    """The temperature T for which sigmoid(logits / T) has the least cross-entropy (Guo et al. 2017, section 4.2).

    Args:
        logits: `[n]`. labels: 0/1 or probabilities, `[n]`. weights: of each, `[n]`; all alike if None.
    """
    logits, labels = np.asarray(logits, np.float64), np.asarray(labels, np.float64)
    weights = np.ones(len(logits)) if weights is None else np.asarray(weights, np.float64)
    tried = np.geomspace(0.2, 10, 800)
    loss = [np.sum(weights * (np.logaddexp(0, logits / t) - labels * logits / t)) for t in tried]
    return float(tried[int(np.argmin(loss))])


def cool(model, temperature):
    """Divides the logits of a classifier of two classes by `temperature`, in its last layer's weights: no answer changes
    its side."""
    if len(model.classes) != 2:
        raise ValueError(f"A temperature goes with two classes. Received: {len(model.classes)}")
    tensors = model.tensors()
    for name in ("probability/kernel", "probability/bias"):
        tensors[name] = tensors[name] / np.float32(temperature)
    model.load_tensors(tensors)
