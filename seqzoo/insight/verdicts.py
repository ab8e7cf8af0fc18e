"""How a text classifier's verdict moves while it reads."""

import numpy as np


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
    prefixes = np.tril(np.tile(np.asarray(words_ids, np.int32), (time + 1, 1)), k=-1)  # row t: the first t words
    return model.predict_ids(prefixes)
