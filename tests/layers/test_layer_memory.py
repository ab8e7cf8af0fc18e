"""A loop over folds stays flat: 30 models in a process of their own."""

import sys

import keras
import pytest

from tests.processes import forked

PROGRAM = """
import gc, sys
import keras, numpy as np, seqzoo
from tensorflow.python.framework import ops

WORDS, WIDTH = 120000, 64  # 30 MB, and as much in a trace that stays
def megabytes():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 / 1e6

x, y = np.random.default_rng(0).integers(0, 99, (16, 6)), np.zeros((16, 1), "float32")
figures = []
for k in range(30):
    layer = (seqzoo.LSTM, seqzoo.GRU, seqzoo.RNN)[k % 3]
    table = keras.layers.Embedding(WORDS, WIDTH, "zeros", mask_zero=bool(k // 3 % 2))
    model = keras.Sequential([keras.Input([6]), table, layer(4), keras.layers.Dense(1)])
    model.predict(x, verbose=0)
    if k % 2:
        model.compile("sgd", "mse")
        model.fit(x, y, verbose=0)
    del model, table
    keras.backend.clear_session()
    gc.collect()
    graphs = sum(type(each).__name__ == "FuncGraph" for each in gc.get_objects())
    figures.append((len(ops.gradient_registry._registry), graphs, round(megabytes())))
print(*figures, sep=chr(10))
warm, end = figures[6:12], figures[12:]  # every kind was met in the first six
assert {each[:2] for each in end} == {warm[-1][:2]}, figures
# Memory comes and goes in turns of four; its highest point stays. Of 18 models more, if kept, it would rise by 540.
assert max(each[2] for each in end) - max(each[2] for each in warm) < 60, figures
"""


@pytest.mark.slow
@pytest.mark.skipif(keras.backend.backend() != "tensorflow" or sys.platform != "linux", reason="TensorFlow's traces, /proc")
def test_thirty_models_leave_nothing():
    result = forked(PROGRAM)
    assert result.returncode == 0, result.stdout + result.stderr[-3000:]
