"""What only TensorFlow has: graphs of unknown shapes, with and without XLA."""

import numpy as np
import pytest
import tensorflow as tf
from kinds import KINDS, layer_of
from reference.inputs import BATCH, FEATURES, MASKS, TIME, sequences


@pytest.mark.parametrize("kind", [pytest.param(k, marks=[pytest.mark.slow] if k == "gru reset before" else []) for k in KINDS])
def test_graph_of_unknown_batch_and_time(kind):
    layer, _ = layer_of(kind, return_sequences=True)

    @tf.function(input_signature=[tf.TensorSpec([None, None, FEATURES]), tf.TensorSpec([None, None], tf.bool)])
    def run(x, mask):
        return layer(x, mask=mask)

    for rows, steps in ((BATCH, TIME), (1, 2)):
        x, mask = sequences()[:rows, :steps], MASKS["scattered"][:rows, :steps]
        np.testing.assert_allclose(run(x, mask), layer(x, mask=mask), atol=1e-6)
