"""What a model leaves behind when it goes: no graph of its own, and of the kernels' functions those of the latest sizes."""

import gc
import weakref

import numpy as np
import pytest
import tensorflow as tf
from kernel_kinds import KINDS, LSTM, arguments, gradients, kernel
from tensorflow.python.framework import ops

from seqzoo.kernels import bfloat16, compiled, gradient, lstm_sequence
from seqzoo.kernels.sampled_softmax import candidate_losses


def recurrence_step(kind, masked, training):
    x, states, weights = arguments(kind, 4, 8)
    mask = tf.sequence_mask([8, 3, 0, 5], 8) if masked else None

    def step():
        return gradients(lambda: kernel(kind, x, states, weights, mask=mask, training=training), [x, *weights])

    return step if training else lambda: kernel(kind, x, states, weights, mask=mask)


def bfloat16_step():
    given = [tf.zeros(size, tf.bfloat16) for size in ((3, 5, 4), (3, 5), (3, 5), (4, 20), (5, 20), (20,))]
    return lambda: gradients(lambda: lstm_sequence(*given, training=True), given)


def softmax_step():
    given = [tf.zeros(size) for size in ((6, 9), (9,), (6,))]
    wanted, candidates = tf.range(6), tf.range(9)
    return lambda: gradients(lambda: [candidate_losses(*given, wanted, candidates, wanted < 3)], given)


STEPS = {f"{kind}, mask {masked}, training {training}": (recurrence_step, kind, masked, training)
         for kind in KINDS for masked, training in ((False, False), (True, True)) if training or kind == LSTM}  # fmt: skip
STEPS |= {"bfloat16": (bfloat16_step,), "sampled softmax": (softmax_step,)}
# Gradients are registered while a function is traced. That it was compiled and has run changes nothing, shown by these.
RUN = (f"{LSTM}, mask True, training True", "bfloat16", "sampled softmax")
assert set(RUN) < set(STEPS)


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[] if n.startswith(LSTM) or n in RUN else [pytest.mark.slow]) for n in STEPS]
)
def test_the_caller_s_graph_goes_when_its_function_goes(name, monkeypatch):
    monkeypatch.setattr(bfloat16, "native", lambda: True)
    monkeypatch.setattr(bfloat16, "FEWEST_UNITS", 1)
    make, *given = STEPS[name]
    step, graphs, registered = make(*given), [], []
    for _ in range(2):
        function = tf.function(step, autograph=False)  # which keeps what it fails to convert
        if name in RUN:
            function()
        graphs.append(weakref.ref(function.get_concrete_function().graph))
        del function
        gc.collect()
        registered.append(len(ops.gradient_registry._registry))
    assert [graph() for graph in graphs] == [None] * 2
    assert registered[1] == registered[0], "a registration for each graph holds what it was made for"


def test_what_is_kept_by_size_is_bounded():
    for module in (compiled, bfloat16, gradient):
        for name, function in vars(module).items():
            if hasattr(function, "cache_info") and name != "native":
                assert function.cache_info().maxsize <= 64, name


def test_functions_of_sizes_long_past_go_and_those_in_use_stay():
    x, states, weights = arguments(KINDS[0], 2, 3)
    serve = tf.function(lambda x: kernel(KINDS[0], x, states, weights)[1])
    before, first = serve(x), weakref.ref(serve.get_concrete_function(x).graph)
    compiled._forward_whole.cache_clear(), compiled._forward.cache_clear()
    gc.collect()
    assert first() is not None
    np.testing.assert_allclose(serve(x), before, rtol=0, atol=1e-6)  # its graph keeps what it calls
    eager = kernel(KINDS[0], x, states, weights)[1]
    np.testing.assert_allclose(eager, before, atol=1e-6)
    graphs = [weakref.ref(compiled._forward_whole(*key).graph) for key in _keys(x, states, weights)]
    compiled._forward_whole.cache_clear()
    gc.collect()
    assert [graph() for graph in graphs] == [None]


def _keys(x, states, weights):
    from seqzoo.kernels.recurrence import Options
    from seqzoo.kernels.rnn import _RNN

    kernel_, recurrent, bias = weights
    options = Options(_RNN, True, False, False)
    return [(*compiled._how(options, False, x, None, tuple(states), (kernel_, bias, recurrent)), False, True)]
