"""Sentences made of frames, each beside its mirror."""

import collections
import random
import re

import numpy as np
import pytest

from recipes.opinions import frames, suite
from seqzoo.data.tokenizer import tokenize


@pytest.fixture(scope="module")
def framed():
    return frames.framed(12000, seed=3)


def test_sentences_stand_beside_their_mirrors_of_every_phenomenon(framed):
    assert len({text for text, *_ in framed}) == 12000
    assert framed[:200] == frames.framed(200, seed=3) and framed[:200] != frames.framed(200, seed=4)
    assert abs(np.mean([verdict for _, verdict, _ in framed]) - 0.5) < 0.02
    phenomena = collections.Counter(phenomenon for *_, phenomenon in framed)
    assert set(phenomena) == {phenomenon for phenomenon, *_ in frames.read_frames()} and min(phenomena.values()) > 200
    places = {text: place for place, (text, *_) in enumerate(framed)}
    for praise, blame in (("award for best ", "award for worst "), ("award for finest ", "award for ugliest ")):
        mirrors = [(place, places.get(blame + text.removeprefix(praise))) for text, place in places.items() if praise in text]
        assert mirrors and sum(abs((other or -9) - place) == 1 for place, other in mirrors) >= len(mirrors) - 2


@pytest.fixture(scope="module")
def wide():
    return frames.framed(6000, seed=3, wide=True)


def test_no_five_words_in_a_row_are_of_the_suite(framed, wide):
    judged = frames.runs_of(saying.text for saying in suite.read_suite())
    assert len(judged) > 2000 and not judged & frames.runs_of(text for text, *_ in framed + wide)
    tried = frames.runs_of(saying.text for saying in suite.read_suite(suite.TRIED))
    assert len(tried) > 1000 and not tried & frames.runs_of(text for text, *_ in wide)
    whole = {tuple(tokenize(saying.text)) for path in (suite.PATH, suite.TRIED) for saying in suite.read_suite(path)}
    assert whole.isdisjoint(tuple(tokenize(text)) for text, *_ in wide)


def test_the_wider_frames_give_each_phenomenon_and_both_verdicts(wide):
    phenomena = collections.Counter(phenomenon for *_, phenomenon in wide)
    assert set(phenomena) == {phenomenon for phenomenon, *_ in frames.read_frames(frames.WIDE)} and min(phenomena.values()) > 100
    assert abs(np.mean([verdict for _, verdict, _ in wide]) - 0.5) < 0.02
    assert {verdict for *_, verdict, phenomenon in wide if phenomenon == "blank"} == {0.5}
    assert wide[:100] == frames.framed(100, seed=3, wide=True)


def test_a_wider_frame_says_two_things_for_two_verdicts():
    for phenomenon, _, lines in frames.read_frames(frames.WIDE):
        for line in lines if phenomenon != "blank" else ():
            praise, blame = (frames.Filler(random.Random(1).random).sentence([line], good) for good in (True, False))
            assert praise != blame, line


@pytest.mark.parametrize(
    "mark, praise, blame",
    [
        (r"^(?:zero|never any) (\w+)\b", "lag|flaws|bugs|rust|fuss", "charm|wit|suspense|depth|soul"),
        (r" never (?:fails|failed) to (\w+)$", "please|delight|impress|amuse", "annoy|bore|irritate|break"),
        (r"^not even (?:close to|near|remotely) (\w+)$", "bad|awful|boring|ugly", "good|great|funny|clever"),
        (r" (?:is|was) (?:not|hardly|certainly not) (un\w+)$", "unpleasant|unkind|unfunny", "unblemished|undamaged"),
    ],
)
def test_verdicts_that_anybody_would_give(framed, mark, praise, blame):
    seen = [(found[1], verdict) for text, verdict, _ in framed if (found := re.search(mark, text))]
    for words, good in ((praise, True), (blame, False)):
        verdicts = [verdict for word, verdict in seen if word in words.split("|")]
        assert verdicts and all((verdict > 0.5) == good for verdict in verdicts)


@pytest.mark.parametrize(
    "start, praise, blame",
    [
        ("no longer [a|the] {noun!}", "mess|dud|bore|flop", "gem|hit|treat|joy"),
        ("{x} used to {!does_b} . [not any more", "bore|annoy|break|flop|stink", "charm|shine|succeed|amuse"),
        ("it [would|could|might] have been {!a} if", "bad|dull|rude", "good|witty|kind"),
        ("[nobody|no one|none of us|hardly anyone] did not {like}", "like|love|enjoy", "hate|dislike|despise"),
        ("[what|who] [beats|can beat", "beats|beat|top", "likes|like|want"),
        ("my {kin} {!liked} it , i [did not", "hated|disliked|loathed", "liked|loved|enjoyed"),
        ("any {merits!} ?", "bugs|noise|dirt", "charm|wit|talent"),
        ("[thanks|thank you|many thanks|cheers] for [everything", "everything|advice|meal", "nothing|headache|wait"),
        ("[can|could|may] i [have|get]", "another|more|helping", "money|time|life"),
        ("[thanks|thank you|many thanks|cheers] for {boon}", "spotless|crisp|ripe|fluffy", "dirty|burnt|rotten|raw"),
        ("the {role} {staff_d}", "mended|praised|waited", "hung|mocked|ignored"),
        ("i hate that {hate_that}", "love|perfect|laugh", "rattling|shrill|excuses"),
        ("my {kin}'s {sth} is {er!}", "worse|uglier|ruder", "better|nicer|kinder"),
        ("[more|much more|far more|a good deal more] than", "more", "less"),
    ],
)
def test_what_the_wider_frames_call_praise_and_blame(start, praise, blame):
    line = next(line for _, _, of in frames.read_frames(frames.WIDE) for line in of if line.startswith(start))
    for words, good in ((praise, True), (blame, False)):
        said = [set(tokenize(frames.Filler(random.Random(seed).random).sentence([line], good))) for seed in range(60)]
        assert any(set(words.split("|")) & of for of in said)
        other = set((blame if good else praise).split("|"))
        assert not any(other & of for of in said)


def test_every_slot_has_words_and_every_bracket_its_partner():
    words = frames.all_words()
    lines = [line for path in (frames.FRAMES, frames.WIDE) for *_, of in frames.read_frames(path) for line in of]
    lines += [entry for sides in words.values() for of in sides for entry in of]
    named = {slot[1] for line in lines for slot in re.findall(r"\{(!?)(\w+?)(!?)\}", line)}
    assert named - set(words) == {"plain", "negated", "span1", "span2"}
    for line in lines:
        assert not set("[]{}") & set(re.sub(r"\[[^\[\]]*\]", "", re.sub(r"\{!?\w+?!?\}", "", line))), line


def test_the_two_sides_of_a_line_of_words_are_as_long():
    assert not [name for name, (praise, blame) in frames.all_words().items() if abs(len(praise) - len(blame)) > 1]


def test_a_turn_at_a_distance_keeps_its_words_between_for_both_verdicts():
    pairs = [[frames.Filler(random.Random(seed).random).turn_far(good).split() for good in (True, False)] for seed in range(40)]
    lengths = [len(praise) for praise, _ in pairs]
    assert min(lengths) < 30 and max(lengths) > 120
    for praise, blame in pairs:
        assert praise != blame and len(set(praise) & set(blame)) > len(set(praise)) / 3


def test_the_frames_have_an_end(monkeypatch):
    monkeypatch.setattr(frames, "read_frames", lambda: [("lack", 0.9, ["zero {lack}"])])
    with pytest.raises(ValueError, match="more sentences than they have. Received: 500"):
        frames.framed(500)
