"""A forecaster as a SavedModel: raw prices in, forecast out."""

import numpy as np
import tensorflow as tf

from seqzoo.data.market_windows import features_of, widened
from seqzoo.data.price_ranges import NEEDED, most_still
from seqzoo.data.price_windows import SMALLEST_VARIANCE, WINDOW, parkinson_variance
from seqzoo.tasks.serving import in_batches


class PricesToForecast(tf.Module):
    """`serve`: `prices` float64 `[n, 250, 5]`, the last 250 days unscaled, to a float64 `[n]` for each column.

    Of a model that takes a market `[n, 250, 9]`, with 0 in the columns of what is not known.

    TensorFlow's InvalidArgumentError for windows that `seqzoo.data.price_ranges.check_ranges` refuses, or that hold NaN.
    """

    def __init__(self, model):
        super().__init__(name="forecaster")
        self.weights = [variable.value for variable in model.network.variables]
        numpy = tf.experimental.numpy  # the same lines make the features here and in NumPy

        @tf.function(input_signature=[tf.TensorSpec([None, WINDOW, len(model.columns)], tf.float64, name="prices")])
        def serve(prices):
            moved = parkinson_variance(prices[:, :, 1], prices[:, :, 2], numpy) > SMALLEST_VARIANCE
            for days, what in NEEDED:
                still = days - tf.reduce_sum(tf.cast(moved[:, -days:], tf.int32), axis=1)
                tf.debugging.assert_less_equal(still, most_still(days), f"High equals Low on too many of the {days} {what}")
            sequence, anchor = features_of(prices, numpy)
            raw = model.network(tf.cast(sequence, tf.float32), training=False)
            columns = tf.unstack(model.decode(tf.cast(raw, tf.float64), anchor, numpy), axis=1)
            return dict(zip(model.outputs, columns, strict=True))

        self.serve = serve


def ask_forecasts(signature, windows, model):
    """A SavedModel's forecasts float64 `[n, len(model.outputs)]` from windows of prices `[n, 250, columns]`."""
    windows = np.asarray(windows, np.float64)
    if model.takes_market:
        windows = widened(windows)

    def ask(rows):
        answer = signature(prices=tf.constant(rows))
        return np.stack([answer[name].numpy() for name in model.outputs], axis=1)

    return in_batches(windows, ask)
