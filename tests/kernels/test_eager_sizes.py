"""Eager calls: a size is compiled when it comes again and again, and until then gives the same numbers uncompiled."""

import pytest
import tensorflow as tf
from kernel_kinds import GRU_AFTER, KINDS, LSTM, arguments, assert_close, compiled_after, gradients, kernel, stepped

from seqzoo.kernels import compiled
from seqzoo.kernels.parts import Parts, rounded


@pytest.fixture
def programs(monkeypatch):
    """Whether each program that is called was compiled, in the order of the calls."""
    called, forward, backward = [], compiled._forward_whole, compiled._backward_whole
    monkeypatch.setattr(compiled, "_met", {})
    monkeypatch.setattr(compiled, "_forward_whole", lambda *how: called.append(how[-1]) or forward(*how))
    monkeypatch.setattr(compiled, "_backward_whole", lambda *how: called.append(how[-1]) or backward(*how))
    return called


def step(kind, x, states, weights, mask=None, **options):
    call = lambda: kernel(kind, x, states, weights, mask=mask, training=True, **options)  # noqa: E731
    returned, found = gradients(call, [x, *states, *weights])
    return [*returned, *found]


@pytest.mark.parametrize("kind, masked", [*((kind, True) for kind in KINDS), (LSTM, False)])
def test_uncompiled_gives_the_same(kind, masked, programs):
    """As Keras's cell stepped and, for one kind, as the compiled form, for sizes beyond those of test_against_stepped_cell.py."""
    for batch, time in ((1, 1), (7, 13)):
        given, mask = arguments(kind, batch, time), tf.sequence_mask([time, 0, 2, 1, 1, 5, 9][:batch], time) if masked else None
        reference, variables = stepped(kind, *given, mask, go_backwards=masked)
        expected, expected_gradients = gradients(reference, [given[0], *given[1], *variables])
        for calls in (10**9, 0) if kind == LSTM and masked else (10**9,):
            programs.clear()
            with compiled_after(calls):
                found = step(kind, *given, mask=mask, go_backwards=masked)
            assert set(programs) == {calls == 0}
            assert_close(found, [*expected, *expected_gradients], 2e-6)


def test_a_size_is_compiled_once_it_has_come_a_few_times(monkeypatch, programs):
    monkeypatch.setattr(compiled, "CALLS_UNCOMPILED", 2)
    given = arguments(LSTM, 3, 5)
    for expected in (False, False, True, True):
        programs.clear()
        kernel(LSTM, *given)
        assert programs == [expected]
    programs.clear()
    kernel(LSTM, *arguments(LSTM, 3, 50)), kernel(GRU_AFTER, *arguments(GRU_AFTER, 3, 5))
    assert programs == [False, False], "each size and each layer is counted by itself"
    kernel(LSTM, *arguments(LSTM, 4, 5))
    assert programs[-1] is True, "a size that is padded to the same is the same"


def test_a_gradient_may_be_compiled_when_its_forward_pass_was_not(monkeypatch, programs):
    """What one keeps, the other takes."""
    given = arguments(LSTM, 3, 5)
    expected = step(LSTM, *given)
    for forward, backward in ((False, True), (True, False)):
        monkeypatch.setattr(
            compiled, "_worth_compiling", lambda how, x, program, keep, f=forward, b=backward: {"forward": f}.get(program, b)
        )
        assert_close(step(LSTM, *given), expected, 2e-6)


def test_a_graph_is_compiled_at_once(monkeypatch, programs):
    monkeypatch.setattr(compiled, "CALLS_UNCOMPILED", 10**9)
    given = arguments(LSTM, 3, 5)
    tf.function(lambda: kernel(LSTM, *given)).get_concrete_function()
    assert programs == [True]


def test_what_is_counted_is_bounded(monkeypatch, programs):
    monkeypatch.setattr(compiled, "CALLS_UNCOMPILED", 10**9)
    monkeypatch.setattr(compiled, "_SIZES_COUNTED", 3)
    for time in (1, 2, 4, 8, 12):
        kernel(LSTM, *arguments(LSTM, 3, time))
    assert len(compiled._met) == 3


@pytest.mark.parametrize("batch", [1, 3, 8, 33, 200])
@pytest.mark.parametrize("time", [1, 5, 64, 65, 119])
def test_rounding_here_is_what_the_graph_does(batch, time):
    @tf.function(input_signature=[tf.TensorSpec([None, None, 2])])
    def sizes(x):
        parts = Parts(x, 2, length_known=False)
        return parts.rows, parts.length

    assert rounded(batch, 2, time) == tuple(map(int, sizes(tf.zeros([batch, time, 2]))))
