"""The long-memory tasks: what is asked can be worked out from the inputs, and only from far back."""

import numpy as np
import pytest

from seqzoo.data.long_memory import TASKS, adding, copy_memory, temporal_order

COUNT = 400


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("span", [2, 7, 50])
def test_adding_asks_for_the_sum_of_the_two_marked_numbers(span):
    inputs, targets = adding(rng(), COUNT, span)
    assert inputs.shape == (COUNT, span, 2) and inputs.dtype == targets.dtype == np.float32
    values, marks = inputs[:, :, 0], inputs[:, :, 1]
    assert set(np.unique(marks)) <= {0, 1}
    np.testing.assert_array_equal(marks[:, : span // 2].sum(axis=1), 1)
    np.testing.assert_array_equal(marks[:, span // 2 :].sum(axis=1), 1)
    np.testing.assert_allclose(targets[:, 0], (values * marks).sum(axis=1), rtol=1e-6)
    assert (0 <= values).all() and (values < 1).all()


def test_adding_by_guessing_has_the_stated_error():
    _, targets = adding(rng(), 20000, 10)
    assert np.mean((targets - 1) ** 2) == pytest.approx(TASKS["adding"].chance, abs=0.005)


@pytest.mark.parametrize("span", [10, 25, 60])
def test_temporal_order_asks_which_two_stood_where(span):
    inputs, targets = temporal_order(rng(), COUNT, span)
    assert inputs.shape == (COUNT, span, 6) and targets.dtype == np.int32
    np.testing.assert_array_equal(inputs.sum(axis=2), 1)
    for row, target in zip(inputs.argmax(axis=2), targets, strict=True):
        first, second = np.flatnonzero(row >= 4)
        assert span // 10 <= first < span // 5 and 4 * span // 10 <= second < span // 2
        assert target == 2 * (row[first] == 5) + (row[second] == 5)
    assert set(targets) == {0, 1, 2, 3}


@pytest.mark.parametrize("span", [1, 20])
def test_copy_memory_asks_for_the_letters_after_the_span(span):
    inputs, targets = copy_memory(rng(), COUNT, span, items=3, letters=4)
    symbols = inputs.argmax(axis=2)
    assert inputs.shape == (COUNT, span + 6, 6)
    np.testing.assert_array_equal(inputs.sum(axis=2), 1)
    np.testing.assert_array_equal(symbols[:, :3], targets)
    np.testing.assert_array_equal(symbols[:, 3 : 3 + span], 4)
    np.testing.assert_array_equal(symbols[:, 3 + span :], 5)
    assert set(targets.ravel()) == {0, 1, 2, 3}


@pytest.mark.parametrize("name", TASKS)
def test_the_seed_decides_and_the_table_says_the_sizes(name):
    task = TASKS[name]
    one, same, other = (task.make(rng(seed), 5, 20) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one[0], same[0])
    np.testing.assert_array_equal(one[1], same[1])
    assert (one[0] != other[0]).any()
    assert one[0].shape[2] == task.features
    assert one[1].size // 5 == task.answers


@pytest.mark.parametrize(("task", "span"), [(adding, 1), (temporal_order, 9), (copy_memory, 0), (adding, 2.5), (adding, True)])
def test_spans_that_make_no_sense(task, span):
    with pytest.raises(ValueError, match=f"whole number of at least .*Received: {span}"):
        task(rng(), 3, span)
