"""Turns whose halves stand far apart: the half read last decides, whatever stands between."""

import collections

import numpy as np
import pytest

from recipes.imdb.contrast_pairs import BLAME, NEUTRAL, PRAISE, TURNS
from recipes.opinions import frames, suite, turns
from recipes.opinions.frames import runs_of
from seqzoo.data.tokenizer import tokenize

HALVES = [("never less than a joy", True), ("so many fine jokes", True), ("a wet blanket", False), ("not worth a penny", False)]
ASIDE = ["in the town of his youth", "a"]


@pytest.fixture(scope="module")
def texts():
    return turns.turned(3000, HALVES, ASIDE, seed=2)


def test_the_same_texts_for_the_same_seed_none_twice_half_of_them_praise(texts):
    assert texts[:50] == turns.turned(50, HALVES, ASIDE, seed=2) != turns.turned(50, HALVES, ASIDE, seed=3)
    assert len(dict(texts)) == 3000 and {verdict for _, verdict in texts} == {0.05, 0.95}
    assert abs(np.mean([verdict for _, verdict in texts]) - 0.5) < 0.02
    lengths = [len(tokenize(text)) for text, _ in texts]
    assert min(lengths) < 15 and 200 < max(lengths) < 400  # 400 is the longest that a mixture shows


def test_only_their_order_tells_two_halves_apart(texts):
    bags = collections.defaultdict(list)
    for text, verdict in texts:
        bags[" ".join(sorted(tokenize(text)))].append(verdict)
    both = [verdicts for verdicts in bags.values() if len(verdicts) > 1]
    assert len(both) > 1000 and all(np.isclose(np.mean(verdicts), 0.5) for verdicts in both)


def test_the_half_read_last_decides_and_a_half_alone_does(texts):
    praise, blame = ([text for text, good in HALVES if good == side] for side in (True, False))
    met = collections.Counter()
    for text, verdict in texts:
        places = {text.find(half): half in praise for half in praise + blame if half in text}
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
