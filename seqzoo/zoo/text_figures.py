"""The figures of a text classifier's card; the same for training, publishing and verifying."""

import numpy as np


def measure(model, texts, labels) -> dict:
    """Accuracy and mean cross-entropy of a text classifier, `{"accuracy", "loss", "examples"}`.

    Args:
        model: has `predict`.
        texts: list of str.
        labels: 0/1 array of the same length; at a probability of exactly 1/2 the answer is negative.
    """
    return figures_of(model.predict(texts), labels)


def figures_of(probabilities, labels) -> dict:
    """`measure`, of probabilities `[n]` that are there already."""
    labels = np.asarray(labels)
    positive = np.asarray(probabilities, np.float64)
    # As keras.losses.BinaryCrossentropy does: no probability is nearer to 0 or 1 than 1e-7.
    right = np.clip(np.where(labels == 1, positive, 1 - positive), 1e-7, 1)
    return {
        "accuracy": float(np.mean((positive > 0.5) == (labels == 1))),
        "loss": float(-np.mean(np.log(right))),
        "examples": len(labels),
    }
