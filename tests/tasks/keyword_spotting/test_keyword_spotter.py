"""The model: clips of any lengths, streams in chunks of any lengths, bad sound."""

import numpy as np
import pytest

from seqzoo.data.spoken_words import clip_of
from seqzoo.insight import explain, trace_gates
from seqzoo.tasks.keyword_spotting import KeywordConfig
from seqzoo.tasks.keyword_spotting.events import TAIL, clip_answer
from seqzoo.tasks.keyword_spotting.figures import joined, measure_stream, recall, threshold_of_recall
from seqzoo.tasks.keyword_spotting.network import after_front
from seqzoo.tasks.keyword_spotting.stream import Hearing, Steps
from seqzoo.tasks.keyword_spotting.task import TASK
from tests.tasks.keyword_spotting.spotters import CLASSES, spotter, wave

WAVES = [wave(4000), wave(1, 1), wave(7777, 2), wave(160, 3)]


@pytest.fixture(scope="module", params=["gru", "lstm"])
def model(request):
    return spotter(request.param, lead=0 if request.param == "gru" else 5)


@pytest.fixture(scope="module")
def gru():
    return spotter("gru")


def test_an_answer_is_that_of_the_network(model):
    answers = model.predict(WAVES)
    assert answers.shape == (4, len(CLASSES)) and answers.dtype == np.float32
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-5)
    for given, answer in zip(WAVES, answers, strict=True):
        lead = model.config["lead"]
        steps = lead + -(-len(given) // 160) + TAIL
        hops = np.zeros((1, steps, 160), np.float32)
        hops.reshape(-1)[lead * 160 :][: len(given)] = given
        rows = np.asarray(model.network(hops))[0]
        np.testing.assert_allclose(answer, clip_answer(rows, 10, 2), atol=1e-5)


def test_numpy_answers_alike(model):
    quick = TASK.quick(model.config, {}, model.tensors())
    np.testing.assert_allclose(quick.predict(WAVES), model.predict(WAVES), atol=1e-5)
    assert quick.classes == model.classes == CLASSES and isinstance(quick, Hearing)


def test_16_bit_samples_are_the_same_sound(gru):
    integers = np.rint(WAVES[0] * 32767).astype(np.int16)
    np.testing.assert_array_equal(gru.predict([integers]), gru.predict([integers.astype(np.float32) / 32768]))
    assert gru.predict([]).shape == (0, 4)


def test_what_training_fits_is_the_network_behind_the_front_end(gru):
    hops = np.pad(WAVES[2], (0, 160 * 49 - 7777)).reshape(1, 49, 160)
    rows = gru.network.get_layer("log_mel")(hops)
    np.testing.assert_allclose(after_front(gru.network)(rows), gru.network(hops), atol=1e-6)


@pytest.mark.parametrize("sizes", [[1, 159, 160, 161, 0, 3000], [8000], [37] * 100])
def test_chunks_of_any_length_give_the_same_events(model, sizes):
    sound = np.concatenate([wave(9000, 5), np.zeros(4000, np.float32), wave(6000, 6)])
    once = model.stream(0.35)
    expected = once.feed(sound) + once.finish()
    assert expected and once.seconds == len(sound) / 8000
    stream, found, place = model.stream(0.35), [], 0
    for size in sizes:
        found += stream.feed(sound[place : place + size])
        place += size
    found += stream.feed(sound[place:]) + stream.finish()
    assert [event[:2] for event in found] == [event[:2] for event in expected]
    np.testing.assert_allclose([event.score for event in found], [event.score for event in expected], atol=2e-4)
    assert stream.finish() == []
    with pytest.raises(ValueError, match="A stream that has ended hears no more.*Received: a chunk"):
        stream.feed(sound)


def test_a_stream_takes_what_the_network_would_say_of_it_all(model):
    sound = wave(160 * 50, 7)
    steps = Steps(model.config, model.tensors())
    rows = np.concatenate([steps(part) for part in np.split(sound, [160, 160 * 7, 160 * 8])])
    np.testing.assert_allclose(rows, np.asarray(model.network(sound.reshape(1, 50, 160)))[0], atol=1e-5)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (wave(500), TypeError, "must be a list, each a one-dimensional array.*Received: ndarray"),
        ([0.0, 0.1], TypeError, "a list of numbers"),
        ("sound.wav", TypeError, "Received: str"),
        ([np.zeros(0, np.float32)], ValueError, r"waves\[0\]: .*at least one sample. Received: none"),
        ([wave(5), np.array([0, np.nan])], ValueError, r"waves\[1\]: .*NaN or infinity at sample 1"),
        ([np.array([0, np.inf])], ValueError, "NaN or infinity"),
        ([np.zeros((800, 2))], ValueError, r"mix the channels.*Received: shape \(800, 2\)"),
        ([np.float32([0, 12000])], ValueError, "divide 16-bit values that became floats by 32768. Received: 12000"),
        ([np.zeros(9, np.int32)], TypeError, "Received: int32"),
        ([np.array(["a"])], TypeError, "Received: <U1"),
    ],
)
def test_what_is_no_sound(gru, given, error, message):
    for answer in (gru.predict, Hearing(gru.config, gru.tensors()).predict):
        with pytest.raises(error, match=message):
            answer(given)


def test_a_bad_chunk_leaves_the_stream_as_it_was(gru):
    stream, other = gru.stream(0.3), gru.stream(0.3)
    stream.feed(WAVES[2][:3000])
    with pytest.raises(ValueError, match="NaN"):
        stream.feed(np.full(10, np.nan))
    found = stream.feed(WAVES[2][3000:]) + stream.finish()
    expected = other.feed(WAVES[2][:3000]) + other.feed(WAVES[2][3000:]) + other.finish()
    assert found == expected[len(expected) - len(found) :] and stream.seconds == other.seconds


@pytest.mark.parametrize("threshold", [0, 1.5, "0.5", True, float("nan")])
def test_a_threshold_that_is_none(gru, threshold):
    with pytest.raises(ValueError, match="`threshold` must be a number above 0 and at most 1. Received: "):
        gru.stream(threshold)


def test_silence_is_no_event(gru):
    stream = gru.stream(0.9999)
    assert stream.feed(np.zeros(8000, np.float32)) == [] and np.isfinite(gru.predict([np.zeros(8000)])).all()


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"classes": ["a", "b"]}, "`classes` must be different names, 'silence' and 'unknown' and at least one word"),
        ({"classes": ["silence", "unknown"]}, "at least one word"),
        ({"classes": ["a", "a", "silence", "unknown"]}, "different names"),
        ({"classes": [*CLASSES], "cell": "rnn"}, "`cell` must be one of gru, lstm. Received: 'rnn'"),
        ({"classes": [*CLASSES], "units": 0}, "`units` must be a whole number"),
        ({"classes": [*CLASSES], "threshold": 0}, "`threshold` must be above 0"),
        ({"classes": [*CLASSES], "lead": -1}, "`lead` must be a whole number of at least 0. Received: -1"),
        ({"classes": [*CLASSES], "rate": 16000}, r"has the keys classes, .*Received: \['rate'\]"),
    ],
)
def test_a_config_that_is_not_valid(config, message):
    with pytest.raises(ValueError, match=message):
        KeywordConfig.from_dict(config)


def test_sizes_are_known_without_building(model):
    shapes = dict(TASK.weight_shapes(model.config))
    assert shapes == {name: value.shape for name, value in model.tensors().items()}


def test_gates_are_seen_and_a_page_shows_the_sound():
    gru = spotter("gru", lead=2)
    traces = trace_gates(gru, WAVES[2])
    assert list(traces) == ["gru_0", "gru_1"] and traces["gru_0"].hidden.shape == (1, 2 + 49 + TAIL, 6)
    assert TASK.prepare(gru, WAVES[2]).steps[0][:3] == ("-0.02 s", "0.00 s", "0.02 s")  # the sound begins at 0
    report = explain(gru, WAVES[2])
    (panel,) = report.panels
    (answer,) = gru.predict([WAVES[2]])
    assert panel["label"] == CLASSES[answer.argmax()] and panel["answer"] == pytest.approx(answer.max(), abs=1e-5)
    assert [layer["rows"] for layer in panel["layers"]] == ["bands", "units", "units"]
    assert panel["layers"][0]["units"] == 32 and len(panel["beside"]["values"]) == 8 * len(panel["words"])
    assert np.isclose(max(panel["beside"]["values"]), 100 * WAVES[2].max()) and panel["verdicts"][-1] != panel["answer"]
    assert "log-mel" in report.html and "0.97 seconds" in report.html and "32 bands" in report.html


def test_figures_of_a_stream_by_hand(gru):
    clips = [clip_of(np.rint(wave(3000, seed) * 32767).astype(np.int16), word) for seed, word in ((1, "yes"), (2, "no"))]
    sound, places = joined(clips)
    assert [(last - first) for first, last, _ in places] == [19 + TAIL] * 2 and len(sound) % 160 == 0
    found = measure_stream(gru, clips, 1.0, 0.9)
    assert found["accuracy"] in (0, 0.5, 1) and found["difference"] == 1 - found["accuracy"] and found["examples"] == 2
    first, last, word = places[0]
    event = type("E", (), {"word": word, "time": 0.02 * (first + 1)})
    assert recall([event], places) == 0.5 and recall([event, event], places) == 0
    threshold, share = threshold_of_recall(gru, clips, 0.0)
    assert threshold == 0.99 and share >= 0
