import hashlib
import random
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqzoo.data import Split, load_reviews
from seqzoo.data.reviews import Reviews, split_validation

TEXTS = st.lists(st.text(max_size=3), max_size=40)


def split_of(texts, share=0.3):
    return split_validation(Split(texts, np.arange(len(texts), dtype=np.int32)), share)


def reviews_of(train):
    empty = Split([], np.zeros(0, np.int32))
    return Reviews("name", "1", train, empty, empty, "rule", "citation", "terms")


@given(TEXTS)
def test_every_review_goes_to_one_of_the_two_with_its_label(texts):
    kept, held_out = split_of(texts)
    for split in (kept, held_out):
        assert split.labels.dtype == np.int32
        assert [texts[label] for label in split.labels] == split.texts  # the labels here are positions
        assert sorted(split.labels) == list(split.labels)
    assert sorted([*kept.labels, *held_out.labels]) == list(range(len(texts)))


@given(TEXTS)
def test_copies_stay_together(texts):
    kept, held_out = split_of(texts * 2)
    assert not set(kept.texts) & set(held_out.texts)


@given(TEXTS, TEXTS)
def test_neither_order_nor_other_reviews_matter(texts, others):
    alone = set(split_of(texts)[1].texts)
    assert set(split_of(texts[::-1])[1].texts) == alone
    assert set(split_of(texts + others)[1].texts) & set(texts) == alone


def test_the_rule_is_the_written_one():
    texts = [f"review {i}" for i in range(2000)]
    held_out = [t for t in texts if int(hashlib.sha256(t.encode()).hexdigest()[:8], 16) % 1000 < 250]
    assert split_of(texts, 0.25)[1].texts == held_out
    assert 400 < len(held_out) < 600


def test_a_larger_share_only_adds():
    texts = [f"review {i}" for i in range(500)]
    shares = [set(split_of(texts, share)[1].texts) for share in (0, 0.1, 0.2, 0.999)]
    assert shares[0] == set()
    assert shares[0] < shares[1] < shares[2] < shares[3]


@pytest.mark.parametrize("share", [-0.1, 1, 1.5, True, "0.1", None, float("nan")])
def test_a_share_is_a_number_below_one(share):
    with pytest.raises(ValueError, match="validation must be a number from 0 to below 1. Received: "):
        load_reviews("sample", validation=share)


def test_the_fingerprint_ignores_order_and_nothing_else():
    texts, labels = [f"review {i}" for i in range(20)], [i % 2 for i in range(20)]
    rows = list(zip(texts, labels, strict=True))
    random.Random(0).shuffle(rows)
    shuffled = Split([text for text, _ in rows], np.array([label for _, label in rows], np.int32))
    original = reviews_of(Split(texts, np.array(labels, np.int32))).fingerprint()
    assert reviews_of(shuffled).fingerprint() == original
    assert set(original) == {"train", "validation", "test"}
    assert original["validation"] == original["test"] == hashlib.sha256(b"").hexdigest()
    one_label_less = np.array([1 - labels[0], *labels[1:]], np.int32)
    changed = [
        Split(texts, one_label_less),
        Split([*texts[:-1], "review 19 "], np.array(labels, np.int32)),
        Split(texts[:-1], np.array(labels[:-1], np.int32)),
        Split([*texts, texts[0]], np.array([*labels, labels[0]], np.int32)),
    ]
    fingerprints = [reviews_of(split).fingerprint()["train"] for split in changed]
    assert len({original["train"], *fingerprints}) == 5


def test_load_the_sample():
    reviews = load_reviews("sample", validation=0.1)
    assert reviews.name == "sample"
    assert [len(split.texts) for split in (reviews.train, reviews.validation, reviews.test)] == [
        2163,
        237,
        600,
    ]
    assert "% 1000 < 100" in reviews.rule
    assert reviews.citation and reviews.terms and reviews.version
    assert load_reviews("sample", validation=0).validation == ([], pytest.approx([]))
    whole = load_reviews("sample", validation=0).train.texts
    assert sorted(reviews.train.texts + reviews.validation.texts) == sorted(whole)


def test_an_unknown_source():
    with pytest.raises(ValueError, match='source must be "imdb" or "sample". Received: .IMDB.'):
        load_reviews("IMDB")


def test_the_data_package_imports_no_tensorflow():
    code = (
        "import sys, seqzoo.data as d; d.load_reviews('sample'); d.Vocabulary.build(['a'], 3);"
        "print([m for m in ('tensorflow', 'tensorflow_datasets', 'keras') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_the_data_package_knows_its_names():
    import seqzoo.data

    assert set(seqzoo.data.__all__) <= set(dir(seqzoo.data))
    for name in seqzoo.data.__all__:
        assert getattr(seqzoo.data, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'Review'"):
        seqzoo.data.Review  # noqa: B018
