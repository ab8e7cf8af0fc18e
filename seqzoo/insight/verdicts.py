"""How a model's answer moves while it reads."""

import numpy as np

from seqzoo.data.price_windows import COLUMNS

_BATCH = 64  # beginnings judged at a time; batches of one shape, so that TensorFlow compiles once


def running_verdict(model, words_ids):
    """Probability of positive after 0, 1, 2, ... words.

    Each is the model's answer to the text that ends there, so it is right for every pooling and direction.

    Args:
        model: `TextClassifier`.
        words_ids: int `[time]`, the ids of one text.

    Returns:
        float32 `[time + 1]`; the first is the answer to no words at all, the last the verdict.
    """
    time = len(words_ids)
    rows = -(-(time + 1) // _BATCH) * _BATCH
    beginnings = np.tril(np.tile(np.asarray(words_ids, np.int32), (rows, 1)), k=-1)  # row t: the first t words
    batches = [model.predict_ids(beginnings[start : start + _BATCH]) for start in range(0, rows, _BATCH)]
    return np.concatenate(batches)[: time + 1]


def running_forecast(model, frame, days):
    """Forecasts float64 `[days + 1, len(model.outputs)]` after each of the last `days + 1` rows of checked prices."""
    last = len(frame) - 1
    return model.predict_rows(frame[list(COLUMNS)].to_numpy(), np.arange(last - days, last + 1))
