import numpy as np
import pytest

import seqzoo
from recipes.imdb import sentiment, soft_labels
from recipes.imdb.bag_of_bigrams import train_bag_of_bigrams
from recipes.shared.command import run
from tests.recipes.small_run import ARGUMENTS

# The first word is the label, but for every seventh text, whose label is wrong.
TEXTS = [f"{'good' if n % 2 else 'bad'} film number {n}" for n in range(70)]
LABELS = np.array([(n % 2) ^ (n % 7 == 0) for n in range(70)])


def test_no_text_is_judged_by_a_model_that_was_trained_on_it(monkeypatch):
    seen = []

    def train(texts, labels):
        model = train_bag_of_bigrams(texts, labels)
        assert [LABELS[TEXTS.index(text)] for text in texts] == labels.tolist()

        def score(others):
            seen.append((set(texts), set(others)))
            return model.score(others)

        return model._replace(score=score)

    monkeypatch.setattr("recipes.imdb.bag_of_bigrams.train_bag_of_bigrams", train)
    soft_labels.cross_fitted(TEXTS, LABELS)
    assert len(seen) == 5
    assert all(trained | judged == set(TEXTS) and not trained & judged for trained, judged in seen)
    assert sorted(text for _, judged in seen for text in judged) == sorted(TEXTS)


def test_a_wrong_label_is_doubted():
    found = soft_labels.cross_fitted(TEXTS, LABELS, seed=1)
    right = np.array([n % 2 for n in range(70)])
    assert (np.round(found) == right).all() and 0 < found.min() < found.max() < 1


def test_the_share_that_the_bag_decides():
    found = soft_labels.cross_fitted(TEXTS, LABELS)
    received = soft_labels.soft_labels(TEXTS, LABELS, 0.25)
    assert received.dtype == np.float32
    np.testing.assert_allclose(received, 0.75 * LABELS + 0.25 * found, atol=1e-6)
    np.testing.assert_array_equal(soft_labels.soft_labels(TEXTS, LABELS, 0.0), LABELS.astype(np.float32))


def test_other_folds_for_another_seed():
    assert not np.array_equal(soft_labels.cross_fitted(TEXTS, LABELS, 0), soft_labels.cross_fitted(TEXTS, LABELS, 1))
    np.testing.assert_array_equal(soft_labels.cross_fitted(TEXTS, LABELS, 3), soft_labels.cross_fitted(TEXTS, LABELS, 3))


def test_too_few_texts():
    with pytest.raises(ValueError, match="at least 10 texts. Received: 9"):
        soft_labels.cross_fitted(TEXTS[:9], LABELS[:9])


def test_a_run_learns_from_them_and_its_card_says_so(tmp_path, capsys):
    folder = tmp_path / "run"
    rest = "--epochs 1 --batch-size 128 --max-tokens 16 --soft-labels 0.5 --no-baseline --no-saved-model --output".split()
    assert run(sentiment.main, [*ARGUMENTS, *rest, str(folder)]) == 0
    labels = np.load(folder / "soft_labels.npy")
    assert labels.shape == (2163,) and 0 <= labels.min() < 0.5 < labels.max() <= 1 and len(np.unique(labels)) > 100
    card = seqzoo.zoo.read_card(folder / "model")
    assert "--soft-labels 0.5" in card["command"]
    assert any(line.startswith("Learned 50 % of each label from a bag of bigrams") for line in card["limits"])
    assert any("unlabelled reviews and other texts were not used" in line for line in card["limits"])
    assert run(sentiment.main, [*ARGUMENTS, *rest[:6], *rest[8:], str(folder)]) == 2
    assert "soft_labels=0.5" in capsys.readouterr().err
