"""A metric and the examples that it is taken on, as the command line names them."""

import csv
import importlib


def read_metric(text):
    """`module:function`, or the name of a function of `keras.metrics`.

    Raises:
        ValueError: for what is neither.
    """
    module, _, name = text.rpartition(":")
    try:
        found = getattr(importlib.import_module(module or "keras.metrics"), name)
    except (ImportError, AttributeError, ValueError):
        found = None
    if not callable(found) or isinstance(found, type):
        raise ValueError(
            "`--metric` must be module:function, or a function of keras.metrics such as binary_accuracy, of (targets, answers). "
            f"Received: {text!r}"
        )
    return found


def read_examples(path):
    """(inputs, targets) from a NumPy file .npz with `inputs` and `targets`, or a CSV file with the columns `text` and `label`.

    Raises:
        OSError, ValueError: for a file that is not there or not valid.
    """
    import numpy as np

    if str(path).endswith(".npz"):
        with np.load(path, allow_pickle=False) as arrays:
            if {"inputs", "targets"} <= set(arrays.files):
                inputs = arrays["inputs"]
                return inputs.tolist() if inputs.dtype.kind == "U" else inputs, arrays["targets"]
            raise ValueError(f"{path} must hold `inputs` and `targets`. Received: {', '.join(arrays.files) or 'nothing'}")
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if not {"text", "label"} <= set(reader.fieldnames or ()):
            received = ", ".join(reader.fieldnames or ()) or "an empty file"
            raise ValueError(f"`--data` must be an .npz, or a CSV file with the columns text and label. Received: {received}")
        rows = list(reader)
    try:
        return [row["text"] for row in rows], np.asarray([float(row["label"]) for row in rows])
    except (TypeError, ValueError) as error:
        raise ValueError(f"Labels in {path} must be numbers. Received: {error}") from None
