"""Texts that say at their end which of two early halves holds: the question decides, over any filler."""

import re

import numpy as np
import pytest

from recipes.imdb.contrast_pairs import BLAME, NEUTRAL, PRAISE, QUESTIONS, TURNS
from recipes.opinions import recall, suite
from recipes.opinions.frames import runs_of
from tests.recipes.opinions.made_texts import check_draws, check_words_alone, halves_in

HALVES = [("a lovely tune", True), ("so many fine jokes", True), ("a wet blanket", False), ("nothing but noise", False)]
NEUTRAL_TEXTS = ["in the town of his youth", "a"]


@pytest.fixture(scope="module")
def texts():
    return recall.recalled(4000, HALVES, NEUTRAL_TEXTS, seed=2)


def test_the_same_texts_for_the_same_seed_none_twice_half_of_them_praise(texts):
    assert len(texts) == 4000
    check_draws(lambda count, seed: recall.recalled(count, HALVES, NEUTRAL_TEXTS, seed), texts, shortest=20)


def test_neither_the_words_nor_the_half_read_last_nor_the_question_alone_decides(texts):
    check_words_alone(texts, 800)
    for asked in (r"the first \w+$", r"the second \w+$", r"the latter \w+$"):
        found = [verdict for text, verdict in texts if re.search(asked, text)]
        assert len(found) > 20 and abs(np.mean(found) - 0.5) < 0.1


@pytest.mark.parametrize("question, first", [("what i keep is how it began", True), ("what i keep is how it ended", False)])
def test_the_verdict_is_that_of_the_half_asked_for(texts, question, first):
    seen = 0
    for text, verdict in texts:
        places = halves_in(text, HALVES)
        if text.endswith(question) and len(places) == 2:
            assert (verdict > 0.5) == places[(min if first else max)(places)], text
            seen += 1
    assert seen


def test_what_judges_is_not_learned_from(texts):
    texts = [text for text, _ in [*texts, *recall.recalled(400, HALVES, NEUTRAL_TEXTS, aside=True)]]
    judged = [*PRAISE, *BLAME, *TURNS, *NEUTRAL, *(question for pair in QUESTIONS for question in pair)]
    judged += [saying.text for saying in suite.read_suite()]
    assert not runs_of(judged) & runs_of(texts)


def test_validation_asks_otherwise(texts):
    aside = recall.recalled(40, HALVES, NEUTRAL_TEXTS, aside=True)
    endings = tuple(question for pair in recall.ASIDE for question in pair)
    assert all(text.endswith(endings) for text, _ in aside) and not any(text.endswith(endings) for text, _ in texts)


def test_a_question_about_one_half_stands_beside_the_same_about_the_other():
    for first, second in (*recall.POSITIONS, *recall.ASIDE):
        assert first != second and len(first.split()) == len(second.split())
    for frame in recall.QUESTIONS:
        assert re.sub(r"\{[012]\}", "", frame).count("{") == 0 and "{0}" in frame
