import collections
import hashlib
import re
import subprocess
import sys

import numpy as np
import pytest

from seqzoo.data import sample, tokenize
from seqzoo.data.sample_grammar import GRAMMAR

# Changes only together with sample.VERSION: models were trained on exactly these reviews.
GOLDEN = {
    "train": "a5c73073055072f99fef91481c375aa7f2f101c76821e2df1e2dd4c5bdd17e6d",
    "test": "7293e0e3eff28551e8f40a9688615a11c4327fc6ed97a9a5a268f6a950a026d0",
}


@pytest.fixture(scope="module")
def splits():
    return sample.load()[1]


def digest(texts, labels):
    return hashlib.sha256("".join(f"{label}\t{text}\n" for text, label in zip(texts, labels, strict=True)).encode()).hexdigest()


def test_the_reviews_are_always_the_same(splits):
    assert sample.VERSION == "1.0.0"
    assert {name: digest(*split) for name, split in splits.items()} == GOLDEN


def test_another_process_with_another_hash_seed_gives_the_same():
    code = "from seqzoo.data import sample; print(sample.generate(20, seed=3)[0][-1])"
    run = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        )
        for seed in "12"
    ]
    assert run[0].stdout.strip() == run[1].stdout.strip() == sample.generate(20, seed=3)[0][-1]
    assert sample.generate(20, seed=4)[0] != sample.generate(20, seed=3)[0]


def test_sizes_balance_and_no_text_twice(splits):
    assert [len(splits[name][0]) for name in ("train", "test")] == [2400, 600]
    for texts, labels in splits.values():
        assert labels.dtype == np.int32
        assert labels.sum() * 2 == len(labels) == len(texts)
    assert len({*splits["train"][0], *splits["test"][0]}) == 3000


def test_lengths_and_words_are_modest(splits):
    reviews = [tokenize(text) for texts, _ in splits.values() for text in texts]
    lengths = np.array([len(words) for words in reviews])
    assert lengths.max() <= 100
    assert np.mean((15 <= lengths) & (lengths <= 90)) > 0.9
    assert lengths.std() > 10
    assert 300 <= len({word for words in reviews for word in words}) <= 600


def test_most_reviews_have_a_twin_of_the_same_words_and_the_other_label(splits):
    for texts, labels in splits.values():
        bags = collections.defaultdict(list)
        for text, label in zip(texts, labels, strict=True):
            bags[tuple(sorted(tokenize(text)))].append(label)
        twins = sum(len(labels) for labels in bags.values() if len(labels) > 1)
        assert 0.5 < twins / len(texts) < 0.7
        assert all(sum(labels) * 2 == len(labels) for labels in bags.values() if len(labels) > 1)


def test_what_a_review_is_made_of(splits):
    texts = " ".join(splits["train"][0]).lower()
    for phrase in (
        r"\bnot \w+",
        r"\bnever \w+",
        r"wasn't",
        r", but ",
        r"\. however, ",
        r"even though",
        r"weather",
    ):
        assert len(re.findall(phrase, texts)) > 20, phrase
    assert not re.search(r"[{}]|\ba [aeiou]|  ", texts)


def verdict(text):
    """Reads a review as a person does: which opinion about the film decides, and is it good?"""
    aspects = "|".join([*GRAMMAR["aspect"], *GRAMMAR["aspects"], "it all", "start", "it became"])
    good, bad = "|".join(GRAMMAR["good"]), "|".join(GRAMMAR["bad"])
    negations = "|".join([*GRAMMAR["not"], "nobody could call", "would not say", "wasn't", "weren't"])
    signs = []
    for part in re.split(r"[.,]|\bbut\b|\byet\b|\beven though\b|\bended up\b|\bnever mind\b|\bforgets that\b", text.lower()):
        found = re.search(rf"\b({good})\b|\b({bad})\b", part)
        about_film = re.search(rf"\b({aspects})\b|what began as|after that", part) or len(part.split()) < 3
        if found and about_film:
            signs.append(bool(found[1]) != bool(re.search(rf"\b({negations})\b", part)))
    concession = re.search(r"even though|never mind|forgive that|if one forgets", text.lower())
    return signs[0 if concession else -1]


def test_a_reader_of_the_order_is_right(splits):
    for texts, labels in splits.values():
        right = [verdict(text) == label for text, label in zip(texts, labels, strict=True)]
        assert np.mean(right) > 0.99


def accuracy_of_bags(splits, longest):
    text = pytest.importorskip("sklearn.feature_extraction.text")
    linear_model = pytest.importorskip("sklearn.linear_model")
    bags = text.CountVectorizer(tokenizer=tokenize, token_pattern=None, lowercase=False, ngram_range=(1, longest), binary=True)
    model = linear_model.LogisticRegression(C=0.3, max_iter=1000)
    model.fit(bags.fit_transform(splits["train"][0]), splits["train"][1])
    return model.score(bags.transform(splits["test"][0]), splits["test"][1])


def test_a_bag_of_words_is_not_enough(splits):
    unigrams, bigrams = accuracy_of_bags(splits, 1), accuracy_of_bags(splits, 2)
    assert unigrams < 0.65
    assert unigrams + 0.03 < bigrams < 0.75


def test_every_name_of_the_grammar_is_used_and_known():
    named = {name for texts in GRAMMAR.values() for text in texts for name in re.findall(r"{(\w+)}", text)}
    assert named - {"adjective"} <= set(GRAMMAR)
    assert set(GRAMMAR) - named == {"good", "bad", "opinion", "negated", "turn", "concession", "distraction"}
    assert all(text and text == text.strip() for texts in GRAMMAR.values() for text in texts)
    assert not set(GRAMMAR["good"]) & set(GRAMMAR["bad"])
