"""DropConnect on the weights between hidden states, the mark of AWD-LSTM."""

import contextlib

import keras
from keras import ops

from seqzoo.cells import checks
from seqzoo.layers.lstm import LSTM


@keras.saving.register_keras_serializable(package="seqzoo")
class WeightDroppedLSTM(LSTM):
    """An LSTM that in training sets a share of its recurrent kernel to zero, the same entries for all steps.

    Merity, Keskar & Socher 2018 (arXiv:1708.02182), section 2. Unlike `recurrent_dropout` it leaves the loop over
    time alone, so the fast kernel serves. The entries that stay are scaled by 1/(1 - weight_dropout).

    Takes the arguments of `seqzoo.LSTM` and `weight_dropout`, a rate in [0, 1); raises ValueError for another.
    """

    def __init__(self, units, weight_dropout=0.0, **kwargs):
        super().__init__(units, **kwargs)
        self.weight_dropout = checks.dropout_rate("weight_dropout", weight_dropout)
        self.weight_seed = keras.random.SeedGenerator(self.cell.seed)

    def inner_loop(self, sequences, initial_state, mask, training=False):
        with self._dropped(training):
            return super().inner_loop(sequences, initial_state, mask, training)

    @contextlib.contextmanager
    def _dropped(self, training):
        if not (training and self.weight_dropout):
            yield
            return
        whole = self.cell.recurrent_kernel
        # Under the layer's own attribute lock: this is no new weight, only another value for one pass.
        values = vars(self.cell)
        values["recurrent_kernel"] = keras.random.dropout(
            ops.convert_to_tensor(whole), self.weight_dropout, seed=self.weight_seed
        )
        try:
            yield
        finally:
            values["recurrent_kernel"] = whole

    def get_config(self):
        return {**super().get_config(), "weight_dropout": self.weight_dropout}
