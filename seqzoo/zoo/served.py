"""The answers of a model's SavedModel, as TensorFlow Serving would give them."""

import numpy as np

BATCH = 64  # texts a call
WINDOWS = 512  # windows of prices a call


def served(folder, outputs=()):
    """A function from a list of texts, or windows of prices, to the answers of the SavedModel in `folder`.

    Texts of like length are asked together, as they are padded to the longest of a call.

    Args:
        folder: the SavedModel, which is a TensorFlow program and is run.
        outputs: names of a forecaster's columns; none for a text model.
    """
    import tensorflow as tf

    loaded = []  # loaded at the first call, and kept: its variables live as long as it does

    def signature():
        if not loaded:
            loaded.append(tf.saved_model.load(str(folder)))
        return loaded[0].signatures["serving_default"]

    def forecasts(windows):
        windows, found = np.asarray(windows, np.float64), []
        for start in range(0, len(windows), WINDOWS):
            answer = signature()(prices=tf.constant(windows[start : start + WINDOWS]))
            found.append(np.stack([answer[name].numpy() for name in outputs], axis=1))
        return np.concatenate(found)

    def probabilities(texts):
        encoded = [text.encode("utf-8", errors="surrogatepass") for text in texts]
        order = sorted(range(len(encoded)), key=lambda row: len(encoded[row]))
        found = {}
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            (answers,) = signature()(text=tf.constant([encoded[row] for row in rows])).values()
            found.update(zip(rows, answers.numpy(), strict=True))
        return np.stack([found[row] for row in range(len(encoded))])

    return forecasts if outputs else probabilities
