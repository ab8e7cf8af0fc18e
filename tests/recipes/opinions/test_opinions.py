"""What the model of opinions learns from, and the suite that judges it."""

import collections

import numpy as np
import pytest

from recipes.opinions import grammar, joins, suite
from recipes.opinions.edits import changed_sentences, read_edits
from recipes.opinions.grammar import opinions
from recipes.opinions.mixture import STEPS, MixtureBatches, Source
from recipes.opinions.sources import plain, read_labelled, read_trees
from recipes.opinions.vocabulary import adapted
from seqzoo.data.reviews import DataNotFoundError
from seqzoo.data.tokenizer import tokenize
from seqzoo.data.vocabulary import Vocabulary

ROWS = [("the food was good", True), ("easy to use", True), ("the food was bad", False), ("hard to use", False)]


@pytest.fixture(scope="module")
def made():
    return opinions(60000)


def runs(texts, length=6):
    words = map(tokenize, texts)
    return {tuple(of[start : start + length]) for of in words for start in range(len(of) - length + 1)}


def test_what_may_be_looked_at_shares_no_text_with_the_suite_and_takes_no_side():
    tried = suite.read_suite(suite.TRIED)
    assert len(tried) > 380 and len({saying.text for saying in tried}) == len(tried)
    assert abs(np.mean([saying.verdict for saying in tried if saying.verdict is not None]) - 0.5) < 0.03
    judged = {tuple(tokenize(saying.text)) for saying in suite.read_suite()}
    both = [saying for saying in tried if tuple(tokenize(saying.text)) in judged]
    assert not both, len(both)


def test_the_suite_has_forty_texts_to_each_of_its_phenomena_half_of_them_praise():
    sayings = suite.read_suite()
    counts = collections.Counter((saying.phenomenon, saying.verdict) for saying in sayings)
    names = {saying.phenomenon for saying in sayings}
    assert len(names) >= 15 and len({saying.text for saying in sayings}) == 40 * len(names)
    assert counts.pop(("no_opinion", None)) == 40
    assert counts == {(name, verdict): 20 for name in names - {"no_opinion"} for verdict in (0, 1)}


def test_the_suite_shares_no_run_of_words_with_what_is_made_to_learn_from(made):
    judged = runs(saying.text for saying in suite.read_suite())
    assert len(judged) > 2000 and not judged & runs(text for text, *_ in made)
    frames = [frame.format(a="x", b="y") for frame in (*joins.TURNS, *joins.DENIALS, *joins.KEPT, *joins.TURNED, *joins.WEIGHED)]
    assert not judged & runs(frames)


def test_judging():
    sayings = [suite.Saying("a", 1, "x"), suite.Saying("a", 0, "y"), suite.Saying("b", None, "z"), suite.Saying("b", None, "z")]
    right = suite.judged(sayings, [0.6, 0.6, 0.6, 0.8])
    assert right.tolist() == [True, False, True, False]
    assert suite.by_phenomenon(sayings, right) == {"a": 0.5, "b": 0.5}
    assert suite.judged(sayings, [0.5, 0.5, 0.25, 0.75]).tolist() == [False, True, True, True]


def test_a_line_of_the_suite_that_is_no_saying(tmp_path):
    (tmp_path / "suite.txt").write_text("# a\n* what\n")
    with pytest.raises(ValueError, match=r"Received: '\* what', line 2"):
        suite.read_suite(tmp_path / "suite.txt")


def test_the_grammar_is_the_same_for_the_same_seed_and_knows_its_verdict():
    found = opinions(3000, seed=1)
    assert found == opinions(3000, seed=1) and len({text for text, *_ in found}) == 3000
    assert found[:20] != opinions(3000, seed=2)[:20]
    verdicts = np.array([verdict for _, verdict, _ in found])
    assert ((verdicts > 0) & (verdicts < 1)).all() and abs(verdicts.mean() - 0.5) < 0.05
    assert len({rule for *_, rule in found}) >= 17


def test_verdicts_of_the_grammar_that_anybody_would_give(made):
    verdicts = {"was not bad": True, "was not good": False, "used to be terrible": True, "used to be great": False}
    for ending, praise in verdicts.items():
        found = [verdict for text, verdict, rule in made if text.endswith(ending) and rule in ("negated", "formerly")]
        assert found and all((verdict > 0.5) == praise for verdict in found), ending


def test_the_grammar_has_an_end(monkeypatch):
    def only(maker, good):
        return "a", 0.5

    monkeypatch.setattr(grammar, "RULES", (only,))
    with pytest.raises(ValueError, match="more sentences than it has. Received: 2"):
        opinions(2)


def test_halves_are_joined_in_both_orders_and_what_comes_last_decides():
    rows = joins.joined(ROWS, 30, seed=3)
    assert len(rows) == 60 and rows == joins.joined(ROWS, 30, seed=3)
    for (first, praise), (second, blame) in zip(rows[::2], rows[1::2], strict=True):
        assert (praise, blame) == (0.88, 0.12) and sorted(tokenize(first)) == sorted(tokenize(second)) and first != second


def test_wider_frames_of_halves_stand_beside_their_contraries():
    rows = joins.wider(ROWS, 60, seed=3)
    assert len(rows) == 60 and rows == joins.wider(ROWS, 60, seed=3)
    assert [value for _, value in rows[:4]] == [0.88, 0.12, 0.88, 0.12]
    said = dict(joins.wider(ROWS, 2000))
    assert said["anything but the food was bad"] == 0.88 and said["anything but the food was good"] == 0.12
    assert said["easy to use ? yes indeed"] == 0.88 and said["hard to use ? yes indeed"] == 0.12
    assert said["expected : the food was bad . got : easy to use"] == 0.88


def test_clear_short_halves_without_a_negation_of_their_own():
    phrases = [("Good fun .", 4), ("not bad", 4), ("dull", 0), ("a bit dull !", 0), ("fine here", 3)]
    assert joins.fragments(phrases, [("Easy to use", 1)]) == [("good fun", True), ("a bit dull", False), ("easy to use", True)]


def test_not_turns_a_clause_and_softens_a_denied_blame():
    assert dict(joins.with_not(ROWS)) == {
        "the food was not good": 0.1,
        "not easy to use": 0.08,
        "the food was not bad": 0.75,
        "not hard to use": 0.8,
    }
    assert {value for _, value in joins.denied(ROWS, 50)} == {0.12, 0.75}


def test_trees_give_every_phrase_with_its_grade_as_people_write_it(tmp_path):
    (tmp_path / "t.txt").write_text("(1 (2 It) (1 (1 (2 is) (2 n't)) (3 (2 -LRB-) (3 good))))\n\n")
    assert read_trees(tmp_path / "t.txt") == [
        [
            ("It isn't ( good", 1),
            ("It", 2),
            ("isn't ( good", 1),
            ("isn't", 1),
            ("is", 2),
            ("not", 2),
            ("( good", 3),
            ("(", 2),
            ("good", 3),
        ]
    ]
    assert plain(["'s", "good"]) == "good" and plain(["ca", "n't"]) == "can't" and plain(["we", "'re"]) == "we're"


def test_rows_with_both_labels_are_left_out_and_a_missing_file_is_named(tmp_path):
    (tmp_path / "a.csv").write_text("text,label\ngood,1\ncheap,1\ncheap,0\n")
    assert read_labelled(tmp_path / "a.csv") == (["good"], [1])
    with pytest.raises(DataNotFoundError, match="Received: no .*b.csv"):
        read_labelled(tmp_path / "b.csv")


def test_edited_reviews_find_their_originals_and_changed_sentences_their_partners(tmp_path):
    (tmp_path / "c.csv").write_text(
        "text,label,kind\n"
        "We saw it in the park. It was a good film about two dogs.,1,orig\n"
        "The boat is slow and old. I hated each of the nine hours.,0,orig\n"
        "The boat is slow and old. I loved each of the nine hours.,1,new\n"
        "We saw it in the park. It was a dull film about two dogs.,0,new\n"
    )
    pairs = read_edits(tmp_path / "c.csv")
    assert [(a[:6], of, b[:6]) for a, of, b in pairs] == [("The bo", 0, "The bo"), ("We saw", 1, "We saw")]
    assert changed_sentences(pairs) == [
        ("I hated each of the nine hours.", 0, "I loved each of the nine hours."),
        ("It was a good film about two dogs.", 1, "It was a dull film about two dogs."),
    ]


@pytest.fixture(scope="module")
def batches():
    random = np.random.default_rng(0)
    sources = [
        Source("short", [np.full(length, 7, np.int32) for length in random.integers(1, 20, 300)], np.linspace(0, 0.4, 300), 0.5),
        Source("long", [np.arange(2, 300, dtype=np.int32)] * 20, np.full(20, 0.9), 2.0, window=48),
    ]
    return MixtureBatches(sources, words=96, seed=1)


def test_a_mixture_shows_each_source_as_often_as_its_share_says(batches):
    seen = [collections.Counter(row for rows in batches.rows(epoch) for row in rows.tolist()) for epoch in range(2)]
    assert all(len(batches.rows(epoch)) == len(batches) for epoch in range(3))
    # Two halves make a whole, but for the few rows left over by batches that are not full.
    short = sum(seen, collections.Counter())
    assert max(count for row, count in short.items() if row < 300) <= 2
    assert len([row for row in short if row < 300]) > 200 and set(range(300, 320)) <= set(seen[0])
    assert [rows.tolist() for rows in batches.rows(1)] == [rows.tolist() for rows in batches.rows(1)]
    assert [rows.tolist() for rows in batches.rows(0)] != [rows.tolist() for rows in batches.rows(1)]


def test_batches_of_a_mixture(batches):
    for rows in batches.rows(0):
        ids, labels = batches.batch(rows, 0)
        assert ids.shape[1] in STEPS and ids.size <= 96 and labels.shape == (len(rows), 1)
        for line, row in zip(ids, rows, strict=True):
            length = (line != 0).sum()
            assert length == min(len(batches.sequences[row]), 48) and (line[length:] == 0).all()
            if row >= 300:
                assert (np.diff(line[:length]) == 1).all()  # a stretch of the text


def test_a_mixture_refuses_what_is_too_long():
    with pytest.raises(ValueError, match="at most 400 steps. Received: 401"):
        MixtureBatches([Source("a", [np.ones(401, np.int32)], np.ones(1), 1.0)], 480)


def test_a_vocabulary_makes_room_for_other_words():
    class Encoder:
        vocabulary = Vocabulary(["[PAD]", "[UNK]", "a", "b", "c", "d"])

    found, embedding = adapted(Encoder, ["x d x", "y a"], kept=4, added=2)
    assert found.words == ("[PAD]", "[UNK]", "a", "b", "x", "d")
    table = np.arange(12, dtype=np.float32).reshape(6, 2)
    made = embedding(table)
    assert made.shape == (6, 2) and (made[:4] == table[:4]).all() and (made[5] == table[5]).all() and (made[4] != table[4]).any()
