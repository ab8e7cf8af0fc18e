"""The figures of a text classifier's card; the same for training, publishing and verifying."""

import numpy as np


def measure(model, texts, labels) -> dict:
    """Accuracy and mean cross-entropy of a text classifier, `{"accuracy", "loss", "examples"}`.

    Args:
        model: has `predict`.
        texts: list of str.
        labels: int array of the same length; at a probability of exactly 1/2 the answer is the first of two classes.
    """
    return figures_of(model.predict(texts), labels)


def figures_of(probabilities, labels) -> dict:
    """`measure`, of probabilities `[n]` or `[n, classes]` that are there already."""
    labels = np.asarray(labels)
    answers = answers_of(probabilities)
    probabilities = np.asarray(probabilities, np.float64)
    if probabilities.ndim == 1:
        probabilities = np.stack([1 - probabilities, probabilities], axis=1)
    # As Keras's losses do: no probability is nearer to 0 or 1 than 1e-7.
    right = np.clip(probabilities[np.arange(len(labels)), labels], 1e-7, 1)
    return {
        "accuracy": float(np.mean(answers == labels)),
        "loss": float(-np.mean(np.log(right))),
        "examples": len(labels),
    }


def answers_of(probabilities):
    """Labels, int `[n]`, that probabilities `[n]` or `[n, classes]` stand for."""
    probabilities = np.asarray(probabilities, np.float64)
    return (probabilities > 0.5).astype(int) if probabilities.ndim == 1 else probabilities.argmax(axis=1)
