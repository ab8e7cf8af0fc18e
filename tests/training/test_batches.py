import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqzoo.training.batches import LengthBatches, ShuffledBatches, share_of


def make(count=500, batch_size=8, seed=0, longest=300, **options):
    random = np.random.default_rng(1)
    lengths = random.integers(0, longest + 1, count)
    # Every sequence repeats its own row number + 1, so that a row can be told from its ids.
    sequences = [np.full(length, row + 1, np.int32) for row, length in enumerate(lengths)]
    return LengthBatches(sequences, np.arange(count) % 2, batch_size, seed, **options)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_every_row_comes_at_most_once_an_epoch_and_fewer_than_a_batch_are_left_out(data):
    count = data.draw(st.integers(1, 200))
    batch_size = data.draw(st.integers(1, count))
    batches = make(count, batch_size, pool=data.draw(st.integers(1, 7)), seed=data.draw(st.integers(0, 2**32)))
    rows = batches.rows(data.draw(st.integers(0, 1000)))
    assert rows.shape == (len(batches), batch_size) == (count // batch_size, batch_size)
    assert len(set(rows.ravel())) == rows.size and set(rows.ravel()) <= set(range(count))


def test_the_order_is_a_function_of_seed_and_epoch_alone():
    batches, again = make(seed=3), make(seed=3)
    np.random.seed(0)
    expected = {epoch: again.rows(epoch) for epoch in (2, 0, 1)}
    np.random.seed(1)
    for epoch in (0, 1, 2, 0):
        np.testing.assert_array_equal(batches.rows(epoch), expected[epoch])
    assert (expected[0] != expected[1]).any()
    assert (make(seed=4).rows(0) != expected[0]).any()
    assert (make(seed=4).rows(3) != make(seed=3).rows(4)).any()


def test_rows_left_out_are_others_in_other_epochs():
    batches = make(count=15, batch_size=8)
    assert len({frozenset(batches.rows(epoch).ravel()) for epoch in range(20)}) > 10


def test_there_is_little_padding():
    batches = make(count=4000, batch_size=16, multiple=32)
    padded = used = by_chance = 0
    for rows in batches.rows(0):
        padded += batches.batch(rows)[0].size
        used += batches.lengths[rows].sum()
    for rows in np.random.default_rng(0).permutation(4000).reshape(-1, 16):
        by_chance += batches.batch(rows)[0].size
    assert padded < 1.2 * used, "sorting within pools keeps padding near the 16 steps of rounding"
    assert padded < 0.7 * by_chance


def test_batches_of_all_lengths_are_mixed_over_the_epoch():
    batches = make(count=4000, batch_size=16)
    means = np.array([batches.lengths[rows].mean() for rows in batches.rows(0)])
    assert abs(means[:125].mean() - means[125:].mean()) < 30
    assert np.corrcoef(means[:-1], means[1:])[0, 1] < 0.3


def test_a_batch_holds_its_rows_right_padded_and_their_labels():
    batches = make(multiple=64)
    rows = batches.rows(0)[0]
    ids, labels = batches.batch(rows)
    assert ids.dtype == np.int32 and labels.dtype == np.float32
    assert labels.shape == (8, 1) and ids.shape[1] % 64 == 0
    assert ids.shape[1] - 64 < batches.lengths[rows].max() <= ids.shape[1]
    for row, line, label in zip(rows, ids, labels[:, 0], strict=True):
        length = batches.lengths[row]
        assert (line[:length] == row + 1).all() and not line[length:].any()
        assert label == row % 2


def test_a_batch_of_empty_texts_has_one_stretch_of_padding():
    batches = LengthBatches([np.zeros(0, np.int32)] * 3, [0, 1, 1], batch_size=3, multiple=32)
    ids, labels = batches.batch(batches.rows(0)[0])
    assert ids.shape == (3, 32) and not ids.any() and sorted(labels[:, 0]) == [0, 1, 1]


def counting(window, seed=0):
    """Sequences of 3 to 42 steps that count up from 100 times the row number."""
    sequences = [np.arange(100 * row, 100 * row + 3 + row, dtype=np.int32) for row in range(40)]
    return LengthBatches(sequences, np.zeros(40), 10, seed, multiple=1, window=window)


def windows(batches, epoch):
    """What every row shows in an epoch: row -> ids without padding."""
    shown = {}
    for rows in batches.rows(epoch):
        for row, line in zip(rows, batches.batch(rows, epoch)[0], strict=True):
            shown[int(row)] = list(line[: batches.lengths[row]])
            assert not line[batches.lengths[row] :].any()
    return shown


def test_a_window_is_an_unbroken_stretch_and_short_texts_stay_whole():
    starts = set()
    for epoch in range(150):
        for row, ids in windows(counting(window=8), epoch).items():
            length = 3 + row
            assert ids == list(range(ids[0], ids[0] + min(8, length)))
            assert 100 * row <= ids[0] and ids[-1] < 100 * row + length
            if row == 15:  # 18 steps: 11 places for a window of 8
                starts.add(ids[0] - 1500)
    assert starts == set(range(11)), "the first and the last stretch come as well"


def test_windows_are_a_function_of_seed_and_epoch_and_change_with_both():
    batches = counting(window=8)
    second, first = windows(batches, 1), windows(batches, 0)
    assert first == windows(counting(window=8), 0) and second == windows(counting(window=8), 1)
    assert first != second and first != windows(counting(window=8, seed=1), 0)


@pytest.mark.parametrize("window", [0, -1, 2.5])
def test_windows_that_cannot_be(window):
    with pytest.raises(ValueError, match=f"`window` must be None or a whole number of at least 1. Received: {window}"):
        counting(window)


@pytest.mark.parametrize("batch_size", [0, -1, 4, 2.5])
def test_batch_sizes_that_cannot_be(batch_size):
    with pytest.raises(ValueError, match=f"`batch_size` must lie between 1 and .* 3. Received: {batch_size}"):
        LengthBatches([np.zeros(1, np.int32)] * 3, [0, 1, 1], batch_size)


def test_labels_of_another_length():
    with pytest.raises(ValueError, match="one label a sequence, 3. Received: 2"):
        LengthBatches([np.zeros(1, np.int32)] * 3, [0, 1], 1)


@pytest.mark.parametrize("seed", [-1, 1.5])
def test_seeds_are_whole_and_not_negative(seed):
    with pytest.raises(ValueError, match=f"`seed` must be a whole number of at least 0. Received: {seed}"):
        LengthBatches([np.zeros(1, np.int32)] * 3, [0, 1, 1], 1, seed=seed)


@pytest.mark.parametrize("parts", [1, 2, 4])
def test_shares_are_the_batch_cut_into_equal_parts(parts):
    """Padded as the whole batch is: a worker whose rows are short sees what one process sees."""
    inputs = np.arange(60).reshape(20, 3)
    for batches in (make(window=40, multiple=8), ShuffledBatches(inputs, inputs, 8)):
        for rows in batches.rows(1):
            whole = batches.batch(rows, 1)
            shares = [share_of(batches, rows, 1, part, parts) for part in range(parts)]
            for n in (0, 1):
                np.testing.assert_array_equal(np.concatenate([share[n] for share in shares]), whole[n])


def test_a_batch_that_cannot_be_shared_evenly():
    batches = make()
    with pytest.raises(ValueError, match="the same number of rows for each of 3 replicas. Received: 8 rows"):
        share_of(batches, batches.rows(0)[0], 0, 0, 3)
