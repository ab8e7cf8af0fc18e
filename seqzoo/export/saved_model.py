"""TensorFlow SavedModel: raw input in, answer out, without seqzoo or Keras."""

import os
from pathlib import Path

import keras
import tensorflow as tf

from seqzoo.files import atomic_folder
from seqzoo.kernels import portable
from seqzoo.tasks import task_of


def export_saved_model(model, path: str | os.PathLike, overwrite: bool = False) -> Path:
    """Write a model as a SavedModel that a process with nothing but TensorFlow can load.

    A task's model gets the signature `serving_default` from raw input to answer: a `TextClassifier` the input `text`
    (string `[n]`, UTF-8) and the output `probability` (float32 `[n]`, of more than two classes `[n, classes]`):
    tokeniser and vocabulary are inside. A `LanguageModel` gets the same input and the output `log_probability`
    (float32 `[n]`, the mean over a text's words and its end). A `Forecaster` gets the input `prices` (float64
    `[n, 250, 5]`: the last 250 days' Open, High, Low, Close, Volume, unscaled) and an output float64 `[n]` for each
    of its columns, such as `variance`; it checks no price. A `keras.Model` gets `serving_default` with its own inputs
    and outputs, as `keras.Model.export` names them.

    Args:
        model: a task's model, such as `load_pretrained` gives, or a built `keras.Model`.
        path: the folder to make. It appears only when it is complete.
        overwrite: whether a SavedModel already at `path` may be replaced.

    Returns:
        `pathlib.Path` of the folder.

    Raises:
        TypeError: for any other model.
        ValueError: if a `keras.Model` has not been built.
        FileExistsError: if `path` exists and is not to be, or cannot be, replaced.
    """
    task = task_of(model)
    if task is None and not isinstance(model, keras.Model):
        raise TypeError(
            "`model` must be a task's model, such as a TextClassifier, a LanguageModel or a Forecaster, or a keras.Model. "
            f"Received: {type(model).__name__}"
        )
    if task is None and not model.built:
        raise ValueError("A keras.Model must be built, or called once, to be exported. Received: an unbuilt model")
    # Without XLA's must-compile functions, which a TensorFlow Serving build without XLA refuses.
    with portable(), atomic_folder(path, overwrite, replaces="saved_model.pb") as folder:
        if task is None:
            model.export(str(folder), format="tf_saved_model", verbose=False)
        else:
            module = task.serving_module(model)
            tf.saved_model.save(module, str(folder), signatures={"serving_default": module.serve})
    return Path(path)
