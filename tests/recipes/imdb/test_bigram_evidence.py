import argparse

import numpy as np
import pytest

import seqzoo
from recipes.imdb import sentiment
from recipes.imdb.bigram_evidence import CrossFittedBatches, evidence, with_bigrams
from recipes.shared.command import run
from seqzoo.data.reviews import Split
from seqzoo.data.vocabulary import Vocabulary
from seqzoo.layers.bigram_embedding import BigramEmbedding
from seqzoo.training.batches import LengthBatches
from tests.recipes.small_run import ARGUMENTS

random = np.random.default_rng(0)
LABELS = random.integers(0, 2, 103)
# Words 2 to 9 by chance; 3 after 2 in texts of label 1, 2 after 3 in the others.
SEQUENCES = [
    np.concatenate([random.integers(4, 10, n % 7), [2, 3] if label else [3, 2]]).astype(np.int32)
    for n, label in enumerate(LABELS)
]


def layer_of(pairs=4):
    layer = BigramEmbedding(pairs, 1, 10)
    layer.build(None)
    return layer


def known(layer):
    """{(first, second): what the layer says of the pair}"""
    codes = np.array(layer.codes)
    return {
        (int(code) // 10, int(code) % 10): float(value)
        for code, (value,) in zip(codes[codes < 100], np.array(layer.embeddings)[1:], strict=True)
    }


def told(sequences, labels):
    """`known` as `evidence` has it."""
    pairs, ratios = evidence(sequences, labels, 4)
    return dict(zip(map(tuple, pairs.tolist()), ratios, strict=True))


def test_the_log_count_ratio_of_the_pairs_that_tell_most():
    pairs, ratios = evidence(SEQUENCES, LABELS, 2)
    assert pairs.tolist() == [[2, 3], [3, 2]] and ratios.dtype == np.float32
    ones, zeros = LABELS.sum(), (1 - LABELS).sum()
    shares = np.array([ones + 1, 1]) / (ones + 2), np.array([1, zeros + 1]) / (zeros + 2)
    np.testing.assert_allclose(ratios, 0.5 * np.log(shares[0] / shares[1]), rtol=1e-6)
    assert ratios[0] > 1 and ratios[1] < -1


def test_a_review_is_trained_on_with_the_evidence_of_other_reviews():
    layer = layer_of()
    batches = CrossFittedBatches(layer, LABELS, SEQUENCES, LABELS, 4, seed=5)
    assert len(batches) == 5 * 5  # 20 or 21 reviews in a fifth
    given = [id(sequence) for part in batches.parts for sequence in part.sequences]
    assert sorted(given) == sorted(map(id, SEQUENCES)), "each review is in one fifth"
    for number, rows in batches.rows(0):
        batches.batch((number, rows))
        others = [part for place, part in enumerate(batches.parts) if place != number]
        sequences = [sequence for part in others for sequence in part.sequences]
        assert known(layer) == pytest.approx(told(sequences, np.concatenate([part.labels for part in others]).astype(int)))
    assert {number for number, _ in batches.rows(0)} == set(range(5)) and not layer.trainable_variables
    batches.use_all()
    everything = told(SEQUENCES, LABELS)
    assert known(layer) == pytest.approx(everything) and not layer.trainable_variables
    batches.batch(batches.rows(0)[0])
    assert known(layer) != pytest.approx(everything)
    batches.finish()
    assert known(layer) == pytest.approx(everything) and len(layer.trainable_variables) == 1


def test_every_review_once_an_epoch_in_an_order_that_the_seed_decides():
    def drawn(seed, epoch):
        batches = CrossFittedBatches(layer_of(), LABELS, SEQUENCES, np.arange(103), 1, seed=seed)
        return [int(batches.batch(rows, epoch)[1][0, 0]) for rows in batches.rows(epoch)]

    assert sorted(drawn(0, 0)) == list(range(103))
    assert drawn(0, 0) == drawn(0, 0) != drawn(0, 1) and drawn(0, 0) != drawn(1, 0)


def test_batches_are_padded_and_cut_as_without_evidence():
    batches = CrossFittedBatches(layer_of(), LABELS, SEQUENCES, LABELS * 0.5, 3, seed=2, window=4)
    number, rows = batches.rows(1)[0]
    ids, labels = batches.batch((number, rows), 1)
    part = LengthBatches(batches.parts[number].sequences, batches.parts[number].labels, 3, 2, window=4)
    for received, expected in zip((ids, labels), part.batch(rows, 1), strict=True):
        np.testing.assert_array_equal(received, expected)
    assert set(labels.ravel()) <= {0.0, 0.5}  # softened; what the pairs say is counted from the labels themselves


def test_a_vocabulary_with_pairs():
    train = Split(["not good at all", "not good", "very good", "very good film"], np.array([0, 0, 1, 1]))
    vocabulary, arguments = Vocabulary.build(train.texts, 50), argparse.Namespace(max_tokens=9, bigrams=5)
    found = with_bigrams(vocabulary, train, arguments)
    words = [[vocabulary.words[word] for word in pair] for pair in found.bigrams]
    assert sorted(words) == [["not", "good"], ["very", "good"]] and found.words == vocabulary.words
    with pytest.raises(ValueError, match="a pair of words that is in two reviews. Received: 2 without one"):
        with_bigrams(vocabulary, Split(train.texts[1:3], np.array([0, 1])), arguments)


REST = "--epochs 2 --bigrams 40 --checkpoint-every 20 --batch-size 64 --max-tokens 16".split()
REST += "--no-baseline --no-saved-model --output".split()


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    assert run(sentiment.main, [*ARGUMENTS, *REST, str(folder)]) == 0
    return folder


def test_a_run_with_pairs(finished, capsys):
    model = seqzoo.load_pretrained(finished / "model")
    assert model.config["bigrams"] == len(model.vocabulary.bigrams) == 40
    assert "--bigrams 40" in model.card["command"]
    assert model.card["summary"].endswith("an LSTM with 16 units over word embeddings and counted pairs of words")
    assert any("the 40 pairs" in line for line in model.card["limits"])
    assert model.count_parameters() == model.card["parameters"] == sum(v.size for v in model.tensors().values())
    train = seqzoo.data.load_reviews("sample").train
    pairs, ratios = evidence(model.vocabulary.encode_list(train.texts, 16), train.labels, 40)
    np.testing.assert_array_equal(model.vocabulary.bigrams, pairs)
    np.testing.assert_allclose(model.tensors()["bigrams/embeddings"][:, 0], [0, *ratios], atol=1e-3)
    others = [*ARGUMENTS, *REST[:2], *REST[4:], str(finished)]
    assert run(sentiment.main, others) == 2 and "bigrams=40" in capsys.readouterr().err


@pytest.mark.slow  # test_resume.py, and the batches, which depend on epoch and rows alone
def test_a_run_that_was_stopped_ends_alike(finished, tmp_path, monkeypatch):
    given, batch = [], CrossFittedBatches.batch

    def stopped(self, rows, epoch=0):
        given.append(rows)
        if len(given) == 50:  # in the second epoch, 10 steps after the last checkpoint
            raise KeyboardInterrupt
        return batch(self, rows, epoch)

    monkeypatch.setattr(CrossFittedBatches, "batch", stopped)
    folder = tmp_path / "run"
    assert run(sentiment.main, [*ARGUMENTS, *REST, str(folder)]) == 130
    assert not (folder / "model").exists()
    assert run(sentiment.main, [*ARGUMENTS, *REST, str(folder)]) == 0
    assert len(given) == 50 + 2 * 30 - 40
    one, other = (seqzoo.load_pretrained(path / "model").tensors() for path in (finished, folder))
    for name in one:
        np.testing.assert_array_equal(one[name], other[name])


def test_evidence_needs_labels(capsys):
    with pytest.raises(SystemExit):
        sentiment.parse([*ARGUMENTS, "--bigrams", "3", "--teachers", "bag-of-bigrams"])
    assert "--bigrams counts labels" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        sentiment.parse("--encoder imdb-lm --bigrams 3".split())
    assert "an encoder decides" in capsys.readouterr().err
