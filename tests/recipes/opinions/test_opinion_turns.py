"""Turns whose halves stand far apart: the half read last decides, whatever stands between."""

import collections

import pytest

from recipes.imdb.contrast_pairs import BLAME, NEUTRAL, PRAISE, TURNS
from recipes.opinions import frames, suite, turns
from recipes.opinions.frames import runs_of
from tests.recipes.opinions.made_texts import check_draws, check_words_alone, halves_in

HALVES = [("never less than a joy", True), ("so many fine jokes", True), ("a wet blanket", False), ("not worth a penny", False)]
ASIDE = ["in the town of his youth", "a"]


@pytest.fixture(scope="module")
def texts():
    return turns.turned(3000, HALVES, ASIDE, seed=2)


def test_the_same_texts_for_the_same_seed_none_twice_half_of_them_praise(texts):
    assert len(texts) == 3000
    check_draws(lambda count, seed: turns.turned(count, HALVES, ASIDE, seed), texts, shortest=15)


def test_only_their_order_tells_two_halves_apart(texts):
    check_words_alone(texts, 1000)


def test_the_half_read_last_decides_and_a_half_alone_does(texts):
    met = collections.Counter()
    for text, verdict in texts:
        places = halves_in(text, HALVES)
        if places:
            assert (verdict > 0.5) == places[max(places)], text
            met[len(places)] += 1
    assert met[1] > 50 and met[2] > 500


def test_what_judges_is_not_learned_from(texts):
    judged = [*PRAISE, *BLAME, *TURNS, *NEUTRAL]
    judged += [saying.text for path in (suite.PATH, suite.TRIED) for saying in suite.read_suite(path)]
    assert not runs_of(judged) & runs_of(text for text, _ in texts)


def test_what_people_could_or_could_not_do_is_as_often_said_in_praise_as_in_blame():
    praise, blame = frames.all_words()["urge"]
    assert len(praise) == len(blame) > 40 and not set(praise) & set(blame)
    for said in (praise, blame):
        assert 10 <= sum(" not " in f" {text} " or " no" in text for text in said) <= 25
