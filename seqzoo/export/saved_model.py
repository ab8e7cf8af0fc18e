"""TensorFlow SavedModel: raw input in, answer out, without seqzoo or Keras."""

from pathlib import Path

import keras
import tensorflow as tf

from seqzoo.data.price_windows import COLUMNS, WINDOW, window_features
from seqzoo.data.text_graph import GraphTokenizer
from seqzoo.data.word_stream import BOUNDARY
from seqzoo.export.served_network import ServedNetwork
from seqzoo.files import atomic_folder
from seqzoo.kernels import portable
from seqzoo.models.forecaster import Forecaster
from seqzoo.models.language_model import LanguageModel
from seqzoo.models.text_classifier import TextClassifier


def export_saved_model(model, path, overwrite=False):
    """Write a model as a SavedModel that a process with nothing but TensorFlow can load.

    A `TextClassifier` gets the signature `serving_default` with the input `text` (string `[n]`, UTF-8) and
    the output `probability` (float32 `[n]`, of more than two classes `[n, classes]`): tokeniser and vocabulary are
    inside. A `LanguageModel` gets the same input and the output `log_probability` (float32 `[n]`, the mean over a
    text's words and its end). A `Forecaster` gets the
    input `prices` (float64 `[n, 250, 5]`: the last 250 days' Open, High, Low, Close, Volume, unscaled) and an
    output float64 `[n]` for each of its columns, such as `variance`; it checks no price. A `keras.Model` gets
    `serving_default` with its own inputs and outputs, as `keras.Model.export` names them.

    Args:
        model: `TextClassifier`, `LanguageModel`, `Forecaster` or a built `keras.Model`.
        path: the folder to make. It appears only when it is complete.
        overwrite: whether a SavedModel already at `path` may be replaced.

    Returns:
        `pathlib.Path` of the folder.

    Raises:
        TypeError: for any other model.
        ValueError: if a `keras.Model` has not been built.
        FileExistsError: if `path` exists and is not to be, or cannot be, replaced.
    """
    if not isinstance(model, (*_MODULES, keras.Model)):
        raise TypeError(
            f"`model` must be a TextClassifier, a LanguageModel, a Forecaster or a keras.Model. Received: {type(model).__name__}"
        )
    if isinstance(model, keras.Model) and not model.built:
        raise ValueError("A keras.Model must be built, or called once, to be exported. Received: an unbuilt model")
    # Without XLA's must-compile functions, which a TensorFlow Serving build without XLA refuses.
    with portable(), atomic_folder(path, overwrite, replaces="saved_model.pb") as folder:
        if not isinstance(model, keras.Model):
            module = next(make for kind, make in _MODULES.items() if isinstance(model, kind))(model)
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
        network = ServedNetwork(model.network)
        self.weights = network.kept

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
        def serve(text):
            probability = network(self.tokenizer(text))  # [n, 1] or [n, classes]
            return {"probability": probability if len(model.classes) > 2 else probability[:, 0]}

        self.serve = serve


class _TextToLogProbability(tf.Module):
    def __init__(self, model):
        super().__init__(name="language_model")
        self.tokenizer = GraphTokenizer(model.vocabulary, None)
        network = ServedNetwork(model.network)
        self.weights, backwards = network.kept, model.config["backwards"]

        def of_one(row):  # one text at a time: its logits are [time, vocabulary]
            words = tf.boolean_mask(row, row != BOUNDARY)
            words = tf.reverse(words, [0]) if backwards else words
            ids, targets = tf.concat([[BOUNDARY], words], 0), tf.concat([words, [BOUNDARY]], 0)
            vectors, bias = network.value(model.embedding.embeddings), network.value(model.word_bias.bias)
            logits = tf.matmul(network(ids[None])[0], vectors, transpose_b=True) + bias
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
            return -tf.reduce_mean(losses)

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
        def serve(text):
            rows = self.tokenizer(text)
            return {"log_probability": tf.map_fn(of_one, rows, fn_output_signature=tf.float32)}

        self.serve = serve


class _PricesToForecast(tf.Module):
    def __init__(self, model):
        super().__init__(name="forecaster")
        self.weights = [variable.value for variable in model.network.variables]
        numpy = tf.experimental.numpy  # the same lines make the features here and in NumPy

        @tf.function(input_signature=[tf.TensorSpec([None, WINDOW, len(COLUMNS)], tf.float64, name="prices")])
        def serve(prices):
            sequence, anchor = window_features(prices, numpy)
            raw = model.network(tf.cast(sequence, tf.float32), training=False)
            columns = tf.unstack(model.decode(tf.cast(raw, tf.float64), anchor, numpy), axis=1)
            return dict(zip(model.outputs, columns, strict=True))

        self.serve = serve


_MODULES = {
    TextClassifier: _TextToProbability,
    LanguageModel: _TextToLogProbability,
    Forecaster: _PricesToForecast,
}
