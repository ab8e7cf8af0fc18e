import numpy as np
import pytest

from seqzoo.data.word_stream import WordStream

TEXTS = [np.arange(2 + 10 * n, 2 + 10 * n + length, dtype=np.int32) for n, length in enumerate((7, 3, 9, 1, 5, 8))]
VOCABULARY = 70


def stream(**options):
    return WordStream(TEXTS, VOCABULARY, **{"batch_size": 2, "time_steps": 4, "head": 5, "draws": 6, **options})


def rows_of(stream, epoch):
    """The stream's rows as they are read window by window, and the last targets."""
    batches = [stream.batch(step, epoch)[0][:2] for step in stream.rows(epoch)]
    return np.concatenate([ids for ids, _ in batches], 1), np.concatenate([targets for _, targets in batches], 1)


def test_targets_are_the_next_words_across_windows():
    ids, targets = rows_of(stream(), 0)
    np.testing.assert_array_equal(ids[:, 1:], targets[:, :-1])
    assert ids.shape == (2, 4 * len(stream()))


def test_rows_follow_each_other_in_one_row_of_whole_texts():
    ids, targets = rows_of(stream(), 3)
    assert targets[0, -1] == ids[1, 0]
    joined = np.concatenate([ids[0], ids[1], targets[1, -1:]])
    pieces = [piece for piece in np.split(joined, np.flatnonzero(joined == 0)) if piece.any()]
    texts = [tuple(piece[piece != 0]) for piece in pieces]
    wanted = [tuple(text) for text in TEXTS]
    assert all(text in wanted for text in texts[:-1])  # the last may be cut
    assert texts[-1] == next(text for text in wanted if text[0] == texts[-1][0])[: len(texts[-1])]


def test_backwards_reads_each_text_from_its_end():
    forward, _ = rows_of(stream(), 0)
    backward, _ = rows_of(stream(backwards=True), 0)
    first = np.flatnonzero(forward[0] == 0)[0]
    np.testing.assert_array_equal(backward[0, :first], forward[0, :first][::-1])


def test_order_depends_on_seed_and_epoch_alone():
    one, other = stream(seed=1), stream(seed=1)
    other.batch(0, 7)  # looked at another epoch in between
    for epoch in (0, 1):
        for a, b in zip(one.batch(2, epoch)[0], other.batch(2, epoch)[0], strict=True):
            np.testing.assert_array_equal(a, b)
    assert not np.array_equal(rows_of(one, 0)[0], rows_of(one, 1)[0])
    assert not np.array_equal(rows_of(one, 0)[0], rows_of(stream(seed=2), 0)[0])


def test_draws_are_rare_words_with_their_expected_number():
    many = stream(draws=200_000)
    _, _, drawn, log_expected = many.batch(0, 0)[0]
    assert drawn.min() >= 5 and drawn.max() < VOCABULARY
    words, first, counts = np.unique(drawn, return_index=True, return_counts=True)
    np.testing.assert_allclose(counts, np.exp(log_expected[first]), rtol=0.15)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "`batch_size` must be a whole number of at least 1. Received: 0"),
        ({"draws": 1.5}, "`draws` must be a whole number of at least 1. Received: 1.5"),
        ({"head": 70}, "`head` must lie between 1 and 69. Received: 70"),
        ({"time_steps": 40}, "more than 2 x 40 words. Received: 39"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        stream(**options)


def test_shares_are_rows_of_the_batch_and_the_same_draws():
    whole = stream()
    (ids, targets, drawn, expected), _ = whole.batch(2, 1)
    for part in range(2):
        (own, its, same, too), again = whole.share(2, 1, part, 2)
        np.testing.assert_array_equal(own, ids[part : part + 1])
        np.testing.assert_array_equal(its, targets[part : part + 1])
        np.testing.assert_array_equal(again, its)
        np.testing.assert_array_equal(same, drawn)
        np.testing.assert_array_equal(too, expected)
    with pytest.raises(ValueError, match="the same number of rows for each of 3 replicas. Received: 2 rows"):
        whole.share(0, 0, 0, 3)
