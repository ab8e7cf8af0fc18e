"""From probabilities to answers and events: values that follow by hand."""

import numpy as np

from seqzoo.tasks.keyword_spotting.events import SETTLED, Detector, Event, clip_answer, smooth

CLASSES = ("yes", "no", "silence", "unknown")


def rows(*spans):
    """Probabilities of one word for so many steps each: ("yes", 4, 0.9), the rest silence."""
    found = []
    for word, steps, share in spans:
        row = np.zeros(len(CLASSES))
        row[2] = 1 - share
        row[CLASSES.index(word)] += share
        found += [row] * steps
    return np.array(found)


def heard(probabilities, smoothing=1, threshold=0.5, refractory=3):
    detector = Detector(CLASSES, smoothing, threshold, refractory)
    found = [event for row in probabilities if (event := detector.step(row))]
    return found + [event for event in [detector.finish()] if event]


def test_smoothing_is_the_mean_of_the_last_steps():
    values = np.arange(12.0).reshape(6, 2)
    expected = [values[max(0, t - 2) : t + 1].mean(axis=0) for t in range(6)]
    np.testing.assert_allclose(smooth(values, 3), expected)
    np.testing.assert_allclose(smooth(values[:2], 30), [[0, 1], [1, 2]])


def test_a_clips_answer_is_taken_where_silence_is_least_likely():
    probabilities = rows(("silence", 4, 1), ("unknown", 3, 0.4), ("yes", 3, 0.9), ("silence", 5, 1))
    np.testing.assert_allclose(clip_answer(probabilities, 1, 2), [0.9, 0, 0.1, 0], atol=1e-7)


def test_an_event_has_the_time_and_score_of_the_peak():
    probabilities = rows(("silence", 5, 1), ("yes", 2, 0.6), ("yes", 1, 0.8), ("yes", 2, 0.7), ("silence", 9, 1))
    assert heard(probabilities) == [Event("yes", 0.16, 0.8)]  # the eighth step of 20 ms


def test_it_is_given_once_it_rises_no_more():
    detector = Detector(CLASSES, 1, 0.5, 3)
    given = [detector.step(row) for row in rows(("yes", 1, 0.9), ("yes", 10, 0.8))]
    assert [place for place, event in enumerate(given) if event] == [SETTLED]


def test_a_word_that_goes_on_is_one_event_and_said_again_another():
    long = rows(("yes", 60, 0.9), ("silence", 4, 1), ("yes", 10, 0.9), ("silence", 9, 1))
    assert [event.time for event in heard(long)] == [0.02, 1.3]


def test_nothing_is_heard_in_the_refractory_time():
    quick = rows(("yes", 3, 0.9), ("no", 6, 0.9), ("silence", 10, 1))
    assert [event.word for event in heard(quick, refractory=2)] == ["yes", "no"]
    assert [event.word for event in heard(quick, refractory=12)] == ["yes"]


def test_unknown_and_silence_are_no_events_and_a_threshold_is_reached():
    assert heard(rows(("unknown", 20, 1), ("silence", 20, 1), ("no", 5, 0.49))) == []
    assert [event.word for event in heard(rows(("no", 5, 0.5)))] == ["no"]


def test_the_running_mean_is_that_of_smooth():
    random = np.random.default_rng(0).dirichlet(np.ones(4), 300)
    detector, smoothed = Detector(CLASSES, 7, 0.99, 3), smooth(random, 7)
    for row, expected in zip(random, smoothed, strict=True):
        detector.step(row)
        np.testing.assert_allclose(detector._total / len(detector._recent), expected, atol=1e-6)
