"""Texts that say at their end which of two early halves holds: the question decides, over any filler."""

import collections
import re

import numpy as np
import pytest

from recipes.imdb.contrast_pairs import BLAME, NEUTRAL, PRAISE, QUESTIONS, TURNS
from recipes.opinions import recall, suite
from recipes.opinions.frames import runs_of
from seqzoo.data.tokenizer import tokenize

HALVES = [("a lovely tune", True), ("so many fine jokes", True), ("a wet blanket", False), ("nothing but noise", False)]
NEUTRAL_TEXTS = ["in the town of his youth", "a"]


@pytest.fixture(scope="module")
def texts():
    return recall.recalled(4000, HALVES, NEUTRAL_TEXTS, seed=2)


def test_the_same_texts_for_the_same_seed_none_twice_half_of_them_praise(texts):
    assert texts[:50] == recall.recalled(50, HALVES, NEUTRAL_TEXTS, seed=2) != recall.recalled(50, HALVES, NEUTRAL_TEXTS, seed=3)
    assert len(dict(texts)) == 4000 and {verdict for _, verdict in texts} == {0.05, 0.95}
    assert abs(np.mean([verdict for _, verdict in texts]) - 0.5) < 0.02
    lengths = [len(tokenize(text)) for text, _ in texts]
    assert min(lengths) < 20 and 200 < max(lengths) < 400  # 400 is the longest that a mixture shows


def test_neither_the_words_nor_the_half_read_last_nor_the_question_alone_decides(texts):
    bags = collections.defaultdict(list)
    for text, verdict in texts:
        bags[" ".join(sorted(tokenize(text)))].append(verdict)
    both = [verdicts for verdicts in bags.values() if len(verdicts) > 1]
    assert len(both) > 800 and all(np.isclose(np.mean(verdicts), 0.5) for verdicts in both)
    for asked in (r"the first \w+$", r"the second \w+$", r"the latter \w+$"):
        found = [verdict for text, verdict in texts if re.search(asked, text)]
        assert len(found) > 20 and abs(np.mean(found) - 0.5) < 0.1


@pytest.mark.parametrize("question, first", [("what i keep is how it began", True), ("what i keep is how it ended", False)])
def test_the_verdict_is_that_of_the_half_asked_for(texts, question, first):
    praise, blame = ([text for text, good in HALVES if good == side] for side in (True, False))
    seen = 0
    for text, verdict in texts:
        places = {text.find(half): half in praise for half in praise + blame if half in text}
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
