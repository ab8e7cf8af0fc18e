"""What people reported of SavedModels, one test for each report, its number in the name."""

import numpy as np
import pytest
import tensorflow as tf

from seqzoo.export import export_saved_model
from tests import tiny


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """(a model, its SavedModel's default signature)."""
    model, folder = tiny.model(), tmp_path_factory.mktemp("reported") / "saved_model"
    export_saved_model(model, folder)
    return model, tf.saved_model.load(str(folder)).signatures["serving_default"]


def test_keras_19396_text_goes_in_as_text(served):
    """keras-team/keras#19396: a model with a string input was exported with a float32 one."""
    model, serve = served
    assert serve.structured_input_signature[1]["text"].dtype == tf.string
    np.testing.assert_allclose(serve(text=tf.constant(tiny.TEXTS))["probability"], model.predict(tiny.TEXTS), atol=1e-6)


def test_serving_1719_a_lookup_table_beside_an_lstm_is_exported(served):
    """tensorflow/serving#1719: saving failed with an untracked table, once a model had an LSTM layer too."""
    model, serve = served
    assert any(node.op == "LookupTableFindV2" for node in tf_nodes(serve)), "the words are looked up inside"
    assert np.ptp(model.predict(tiny.TEXTS)) > 0.2
    reversed_answers = serve(text=tf.constant(tiny.TEXTS[::-1]))["probability"]
    np.testing.assert_allclose(reversed_answers, model.predict(tiny.TEXTS)[::-1], atol=1e-6)


def tf_nodes(serve):
    definition = serve.graph.as_graph_def()
    return [*definition.node, *(node for function in definition.library.function for node in function.node_def)]
