"""A kind of model of a dozen lines, to show what the contract gives: the sum of a series, by an LSTM."""

import keras
import numpy as np

from seqzoo import LSTM
from seqzoo.tasks.task import Task
from seqzoo.tasks.weights import NetworkWeights


class Summer(NetworkWeights):
    """Takes series float `[n, time, 2]`, gives float32 `[n]`."""

    task = "toy-sum"

    def __init__(self, config):
        self.config = config
        layers = [keras.Input((None, 2), name="series"), LSTM(config["units"], name="lstm"), keras.layers.Dense(1, name="sum")]
        self.network = keras.Sequential(layers, name="summer")

    def predict(self, series):
        return np.asarray(self.network(np.asarray(series, np.float32)))[:, 0]


class ToySum(Task):
    name = "toy-sum"

    def model_class(self):
        return Summer


TASK = ToySum()
