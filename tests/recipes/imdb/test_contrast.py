"""The contrast pairs are what they say, and the figures count what they say."""

import collections
import json
import re

import numpy as np
import pytest

from recipes.imdb import contrast
from recipes.imdb import contrast_controls as controls
from recipes.imdb.contrast_pairs import BLAME, DISTANCES, NEUTRAL, PRAISE, QUESTIONS, contrast_pairs
from seqzoo.data.tokenizer import tokenize
from seqzoo.insight import trace_gates
from tests import tiny

QUESTIONS_OF = {holds: {pair[place] for pair in QUESTIONS} for place, holds in enumerate(("first", "second"))}


@pytest.fixture(scope="module")
def pairs():
    return contrast_pairs()


def test_there_are_more_than_400_different_pairs_at_every_distance(pairs):
    assert len(pairs) >= 400 and len({pair.negative for pair in pairs}) == len(pairs)
    counts = collections.Counter(pair.distance for pair in pairs if pair.kind == "turn")
    assert counts == {distance: 70 for distance in DISTANCES} and DISTANCES[0] == 5 and DISTANCES[-1] == 200
    assert sum(pair.kind == "negation" for pair in pairs) == 60
    asked = collections.Counter((pair.distance, pair.holds) for pair in pairs if pair.kind == "asked")
    assert asked == {(distance, holds): 35 for distance in DISTANCES for holds in ("first", "second")}
    assert contrast_pairs() == pairs != contrast_pairs(seed=1)


def test_no_bag_of_words_can_tell_a_pair_apart(pairs):
    for pair in pairs:
        assert contrast.same_bags([pair.negative, pair.positive]) and tokenize(pair.negative) != tokenize(pair.positive)
    assert contrast.same_bags(contrast.HEADLINES)
    assert not contrast.same_bags(["great film", "great great film"])


def test_praise_and_blame_are_as_far_apart_as_said(pairs):
    halves = {**{half: "praise" for half in PRAISE}, **{half: "blame" for half in BLAME}}
    for pair in pairs:
        if pair.kind != "turn":
            continue
        for text, order in ((pair.negative, ["praise", "blame"]), (pair.positive, ["blame", "praise"])):
            first = next(half for half in halves if text.startswith(f"At first {half}."))
            second = next(half for half in halves if text.endswith(f" {half}."))
            assert [halves[first], halves[second]] == order
            between = text[len(f"At first {first}.") : -len(f"{second}.")]
            assert len(re.findall(r"[A-Za-z']+", between)) == pair.distance


def test_the_half_that_is_asked_for_decides_as_often_the_first_as_the_second(pairs):
    for pair in pairs:
        if pair.kind != "asked":
            continue
        assert QUESTIONS_OF[pair.holds] & {pair.positive.split(f"{pair.filler} ")[1], pair.negative.split(f"{pair.filler} ")[1]}
        assert len(re.findall(r"[A-Za-z']+", pair.filler)) == pair.distance
        for text, good in ((pair.positive, True), (pair.negative, False)):
            praise_first = text.startswith(f"At first {pair.praise}. {pair.turn} {pair.blame}. {pair.filler} ")
            assert praise_first or text.startswith(f"At first {pair.blame}. {pair.turn} {pair.praise}. {pair.filler} ")
            assert good == (praise_first == (pair.holds == "first"))


def test_whoever_follows_what_was_read_last_is_right_half_the_time(pairs):
    def last(texts):
        places = {half: 1 if half in PRAISE else -1 for half in PRAISE + BLAME}
        return np.array([max((text.rfind(half), sign) for half, sign in places.items() if half in text)[1] for text in texts])

    for row in contrast.judge(last, [pair for pair in pairs if pair.kind == "asked"]):
        assert (row["ordered"], row["ordered_first"], row["ordered_second"]) == (0.5, 0.0, 1.0)


def test_negations_mean_the_opposite(pairs):
    texts = {pair.negative: pair.positive for pair in pairs if pair.kind == "negation"}
    assert any("not good, it was bad" in negative and "not bad, it was good" in texts[negative] for negative in texts)


def test_the_filler_has_no_opinion():
    words = {word for sentence in NEUTRAL for word in tokenize(sentence)}
    assert not words & set("good bad great boring dull fine nice poor best worst love hate not but beautiful".split())


def verdicts(pairs):
    right = {pair.negative: -1.0 for pair in pairs} | {pair.positive: 1.0 for pair in pairs}
    return lambda texts: np.array([right[text] for text in texts])


def test_the_right_and_the_blind_judge(pairs):
    def bag(texts):  # the words, not their order
        return np.array([sum(map(len, sorted(tokenize(text)))) / 7 for text in texts])

    def gloomy(texts):
        return verdicts(pairs)(texts) - 5

    for row in contrast.judge(verdicts(pairs), pairs):
        assert (row["accuracy"], row["both"], row["ordered"]) == (1, 1, 1)
    for row in contrast.judge(bag, pairs):
        assert (row["accuracy"], row["both"], row["ordered"]) == (0.5, 0, 0.5)
    for row in contrast.judge(gloomy, pairs):
        assert (row["praise_but_blame"], row["blame_but_praise"], row["ordered"]) == (1, 0, 1)
    rows = contrast.judge(verdicts(pairs), pairs)
    assert [row["distance"] for row in rows] == [*DISTANCES, "any", *DISTANCES] and sum(row["pairs"] for row in rows) == len(
        pairs
    )


def test_the_controls_know_praise_from_blame_and_the_start_from_the_end(pairs):
    def count(texts, weights=(1.0, 1.0)):
        """Praise minus blame; what stands at the start and at the end weighs as told."""
        scores = []
        for text in texts:
            start, end = text.startswith("At first"), text.count(".") > 1 or not text.startswith("At first")
            found = [(1 if half in PRAISE else -1, text.index(half)) for half in PRAISE + BLAME if half in text]
            scores.append(sum(sign * weights[place > 20 if start and end else not start] for sign, place in found))
        return np.array(scores)

    assert controls.halves_alone(lambda texts: count([text[0].lower() + text[1:] for text in texts]), pairs)["blame"] == 1
    found = controls.by_distance(lambda texts: count(texts, (3.0, 1.0)), pairs)
    assert list(found) == list(DISTANCES)
    for distance, row in found.items():
        assert row == {"filler": distance - 5, "agreeing": 1.0, "pull_first": 6.0, "pull_last": 2.0}
    wrong = controls.by_distance(lambda texts: -count(texts), pairs)
    assert {row["agreeing"] for row in wrong.values()} == {0.0}


@pytest.mark.parametrize("pooling", ["max_mean", "mean", "last_max", "last_max_mean"])
def test_reading_at_the_last_word(pooling):
    model = tiny.model(pooling=pooling)
    texts = ["great", "what a great dull film"]
    twin = controls.read_at_last_word(model)
    kernel, bias = model.network.get_layer("probability").get_weights()
    hidden = trace_gates(model, texts)["lstm_0"].hidden[[0, 1], [0, 4]]
    logits = hidden @ kernel.reshape(-1, hidden.shape[1]).sum(axis=0) + bias
    np.testing.assert_allclose(twin.predict(texts), 1 / (1 + np.exp(-logits)), atol=1e-6)
    np.testing.assert_allclose(twin.predict(texts[:1]), model.predict(texts[:1]), atol=1e-6)  # one step, one reading
    assert controls.read_at_last_word(twin) is None and controls.read_at_last_word(tiny.model(bidirectional=True)) is None


def test_the_recipe_writes_its_figures(tmp_path, capsys):
    model = str(tiny.shared_folder() / "tiny")
    folder = tmp_path / "run"
    contrast.main(["--models", model, "--data", "sample", "--pairs", "2", "--negations", "2", "--output", str(folder)])
    figures = json.loads((folder / "metrics.json").read_text())
    assert figures["pairs"] == figures["pairs_that_are_one_bag_of_words"] == 26
    assert figures["headlines_are_one_bag_of_words"] is True
    assert set(figures["results"]) == set(figures["controls"]) == {"tiny", "tiny, at its last word", contrast.BASELINE}
    p = figures["probability_of_positive"][contrast.REVIEW]["tiny"]
    assert p == pytest.approx(float(tiny.model().predict([contrast.REVIEW])[0]), abs=1e-5)
    assert len((folder / "pairs.jsonl").read_text().splitlines()) == 26
    assert (folder / "contrast.png").read_bytes().startswith(b"\x89PNG\r\n")
    assert "| tiny |" in capsys.readouterr().out


def test_progress_reaches_the_end_and_changes_no_answer(pairs):
    class Noted:
        def __init__(self):
            self.seen = []

        def update(self, done, total, text):
            self.seen.append((done, total, text))

    progress = Noted()
    scorers = {"one": verdict_by_length, "two": lambda texts: -verdict_by_length(texts)}
    asked = {name: contrast.ask(score, pairs) for name, score in contrast.followed(scorers, pairs, progress).items()}
    assert asked == {name: contrast.ask(score, pairs) for name, score in scorers.items()}
    done, totals, texts = zip(*progress.seen, strict=True)
    assert len(set(totals)) == 1 and done[-1] == totals[0] and sorted(done) == list(done)
    assert texts[0] == "one judges" and texts[-1] == "two judges"


def verdict_by_length(texts):
    return np.array([len(text) % 7 - 3.0 for text in texts])
