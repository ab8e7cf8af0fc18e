import shlex

import numpy as np
import pytest

from recipes.imdb import sentiment
from recipes.imdb.review_card import GOLDEN_TEXTS, recipe_command, review_card
from seqzoo.data.reviews import load_reviews
from seqzoo.zoo import find_model, read_card
from seqzoo.zoo.card import COMPUTED, validate_card


@pytest.mark.parametrize(
    "line",
    [
        "",
        "--cell rnn --bidirectional --window 100 --weight-decay 0.01 --word-vectors none --pooling last",
        "--data sample --learning-rate 1e-05 --test --seed 7",
    ],
)
def test_the_command_on_a_card_gives_the_arguments_back(line):
    arguments = vars(sentiment.parse(line.split()))
    decisive = {k: v for k, v in arguments.items() if k not in sentiment.REPORTING}
    command = recipe_command(decisive)
    assert command.startswith("python -m recipes.imdb.sentiment ")
    again = vars(sentiment.parse(shlex.split(command)[3:]))
    assert {key: again[key] for key in decisive} == decisive


def test_a_card_is_valid_and_states_its_data():
    reviews = load_reviews("sample")
    arguments = vars(sentiment.parse(["--data", "sample", "--cell", "rnn", "--bidirectional"]))
    figures = {"accuracy": 0.5, "loss": 0.7, "examples": 237}
    metrics = {"validation": figures, "baselines": [], "history": [], "parameters": 9}
    card = review_card("sample-rnn-0", arguments, reviews, metrics)
    validate_card(card, optional=COMPUTED)
    assert "a bidirectional RNN with 24 units" in card["summary"]
    assert card["metrics"] == {"validation": figures}
    splits = card["data"]["splits"]
    assert {name: split["examples"] for name, split in splits.items()} == {"train": 2163, "validation": 237, "test": 600}
    assert {name: split["fingerprint"] for name, split in splits.items()} == reviews.fingerprint()
    assert card["data"]["citation"] and card["data"]["terms"]


@pytest.mark.parametrize(
    "seeds, encoder, line",
    [
        (0, None, None),
        (1, None, "One seed, where three would show the spread."),
        (2, None, "Two seeds, where three would show the spread."),
        (2, "imdb-lm", "Two seeds, where three would show the spread."),
        (1, "imdb-lm", "One seed: it trains for more than half an hour."),
        (3, None, None),
    ],
)
def test_few_seeds_are_said(seeds, encoder, line):
    options = ["--encoder", encoder] if encoder else []
    arguments = vars(sentiment.parse(["--data", "sample", *options]))
    built = {"bidirectional": False, "cell": "lstm", "units": 2}
    metrics = {"baselines": [], "seeds": {str(seed): 0.5 for seed in range(seeds)}}
    limits = review_card("name", arguments, load_reviews("sample"), metrics, config=built)["limits"]
    assert [text for text in limits if "seed" in text] == ([line] if line else [])


def test_golden_texts_are_our_own(imdb_data_dir):
    """None is a review of the data set, or a part of one."""
    reviews = load_reviews("imdb", imdb_data_dir)
    long = [text for text in GOLDEN_TEXTS if len(text) > 30]
    for split in (reviews.train, reviews.validation, reviews.test):
        assert not [text for text in long if any(text in review for review in split.texts)]
    assert len(long) >= 5 and np.unique(GOLDEN_TEXTS).size == len(GOLDEN_TEXTS)


@pytest.mark.parametrize(
    "encoder, name, reads_short",
    [
        ("imdb-lm", "imdb", False),
        ("imdb-bilstm", "imdb", False),
        ("imdb-lstm-pretrained", "imdb", True),  # began with one of opinions itself
        ("sentiment-lstm", "opinions", True),
    ],
)
def test_a_model_that_began_with_one_of_opinions_says_so_and_not_that_it_misreads_short_texts(
    encoder, name, reads_short, monkeypatch
):
    card = read_card(find_model(encoder))
    monkeypatch.setattr("recipes.imdb.review_card.card_of", lambda _: card | {"data": card["data"] | {"name": name}})
    arguments = vars(sentiment.parse(["--data", "sample", "--encoder", encoder]))
    built = {"bidirectional": True, "cell": "lstm", "units": 2}
    limits = " ".join(review_card("name", arguments, load_reviews("sample"), {"baselines": []}, config=built)["limits"])
    assert ("short negations" in limits) == (not reads_short)
    assert ("had learned from more than reviews of films (Socher et al." in limits) == reads_short
    taught = arguments | {"teachers": "a,b,c"}
    summary = review_card("name", taught, load_reviews("sample"), {"baselines": []}, config=built)["summary"]
    assert summary.count("taught by") == 1 and summary.endswith(", taught by 3 models")  # not by those of what it began with
