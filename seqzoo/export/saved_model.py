"""TensorFlow SavedModel: raw input in, answer out, without seqzoo or Keras."""

from pathlib import Path

import keras
import tensorflow as tf

from seqzoo.data.text_graph import GraphTokenizer
from seqzoo.files import atomic_folder
from seqzoo.kernels import portable
from seqzoo.models.text_classifier import TextClassifier


def export_saved_model(model, path, overwrite=False):
    """Write a model as a SavedModel that a process with nothing but TensorFlow can load.

    A `TextClassifier` gets the signature `serving_default` with the input `text` (string `[n]`, UTF-8) and
    the output `probability` (float32 `[n]`): tokeniser and vocabulary are inside. A `keras.Model` gets
    `serving_default` with its own inputs and outputs, as `keras.Model.export` names them.

    Args:
        model: `TextClassifier` or a built `keras.Model`.
        path: the folder to make. It appears only when it is complete.
        overwrite: whether a SavedModel already at `path` may be replaced.

    Returns:
        `pathlib.Path` of the folder.

    Raises:
        TypeError: for any other model.
        ValueError: if a `keras.Model` has not been built.
        FileExistsError: if `path` exists and is not to be, or cannot be, replaced.
    """
    if not isinstance(model, (TextClassifier, keras.Model)):
        raise TypeError(
            f"`model` must be a TextClassifier or a keras.Model. Received: {type(model).__name__}"
        )
    if isinstance(model, keras.Model) and not model.built:
        raise ValueError(
            "A keras.Model must be built, or called once, to be exported. Received: an unbuilt model"
        )
    # Without XLA's must-compile functions, which a TensorFlow Serving build without XLA refuses.
    with portable(), atomic_folder(path, overwrite, replaces="saved_model.pb") as folder:
        if isinstance(model, TextClassifier):
            module = _TextToProbability(model)
            tf.saved_model.save(module, str(folder), signatures={"serving_default": module.serve})
        else:
            model.export(str(folder), format="tf_saved_model", verbose=False)
    return Path(path)


class _TextToProbability(tf.Module):
    def __init__(self, model):
        super().__init__(name="text_classifier")
        self.tokenizer = GraphTokenizer(model.vocabulary, model.config["max_tokens"])
        # The variables are attributes so that they are saved; the Keras model itself is not, so that nothing
        # of Keras has to be there when the SavedModel is loaded.
        self.weights = [variable.value for variable in model.network.variables]

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
        def serve(text):
            probability = model.network(self.tokenizer(text), training=False)  # [n, 1]
            return {"probability": probability[:, 0]}

        self.serve = serve
