"""How a text classifier's answer moves while it reads."""

import numpy as np

_BATCH = 64  # beginnings judged at a time; batches of one shape, so that TensorFlow compiles once


def running_verdict(model, words_ids):
    """The model's probabilities after 0, 1, 2, ... words.

    Each is the model's answer to the text that ends there, so it is right for every pooling and direction.

    Args:
        model: `TextClassifier`.
        words_ids: int `[time]`, the ids of one text.

    Returns:
        float32 `[time + 1]`, of more than two classes `[time + 1, classes]`; the first is the
        answer to no words at all, the last the verdict.
    """
    time = len(words_ids)
    rows = -(-(time + 1) // _BATCH) * _BATCH
    beginnings = np.tril(np.tile(np.asarray(words_ids, np.int32), (rows, 1)), k=-1)  # row t: the first t words
    batches = [model.predict_ids(beginnings[start : start + _BATCH]) for start in range(0, rows, _BATCH)]
    return np.concatenate(batches)[: time + 1]
