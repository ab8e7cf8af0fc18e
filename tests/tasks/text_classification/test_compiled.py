"""The compiled program of a text classifier, and when it stands in for `predict`."""

import csv

import numpy as np
import pytest

from seqzoo import scoring
from seqzoo.scoring import rows as csv_rows
from seqzoo.scoring import scorer
from seqzoo.tasks.text_classification import compiled
from tests import tiny

PAIRS = ["it became", "boring at", "and the", "movie started", "boring and", "the the"]
FORMS = [
    {},
    {"bidirectional": True, "pairs": PAIRS},
    pytest.param({"cell": "rnn", "layers": 2, "pooling": "last_max_mean"}, marks=pytest.mark.slow),
    pytest.param({"bidirectional": True}, marks=pytest.mark.slow),
    pytest.param({"layers": 2, "pairs": PAIRS, "bigram_size": 1}, marks=pytest.mark.slow),
]


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def many_texts(count=600):
    random = np.random.default_rng(0)
    words = [*tiny.model().vocabulary.words[2:], "unknown", "..."]
    texts = [" ".join(random.choice(words, n)) for n in random.integers(1, 30, count)]
    return [*texts[:-1], "..."]  # not empty, and without a word


@pytest.mark.parametrize("pairs", [[], PAIRS])
def test_a_table_of_projected_words_too_great_is_not_made(monkeypatch, pairs):
    monkeypatch.setattr(compiled, "LARGEST_TABLE", 0)
    model, texts = tiny.model(layers=2, pairs=pairs), many_texts(100)
    ids = sorted(model.vocabulary.encode_list(texts, 12), key=len)
    received = compiled.CompiledClassifier(model, 1)(ids)
    expected = model.predict_ids(model.vocabulary.pad(ids))
    np.testing.assert_allclose(received[:, 0], expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("config", FORMS, ids=lambda config: ",".join(map(str, config.values())) or "lstm")
def test_the_compiled_program_answers_as_the_model(config):
    model, texts = tiny.model(seed=3, **config), many_texts()
    assert compiled.supported(model)
    with scorer.Scorer(model, 700) as it:
        it.choose(texts)
        received = it.start(texts)()
        assert it.program and it.start([])().shape == (0,)
    np.testing.assert_allclose(received, model.predict(texts), rtol=0, atol=1e-5)


def test_each_worker_gets_whole_batches_of_like_length(monkeypatch):
    """Otherwise as many workers would pad as many times as much."""
    given = []

    class Program:
        lanes = 2

        def encode(self, texts):
            return [text.split() for text in texts]

        def __call__(self, ids):
            given.append([len(words) for words in ids])
            return np.float32([[len(words)] for words in ids])

    with scorer.Scorer(tiny.model(), 8) as it:
        it.program, it.workers = Program(), 2
        found = it.start(["a " * n for n in (7, 1, 4, 2, 6, 3, 5)])()
    assert sorted(given) == [[1, 2, 5, 6], [3, 4, 7]] and found.tolist() == [7, 1, 4, 2, 6, 3, 5]


def test_other_models_are_asked_themselves(monkeypatch):
    assert not compiled.supported(tiny.model(bidirectional=True, layers=2))
    assert not compiled.supported(tiny.model(bidirectional=True, pooling="last"))
    model, texts = tiny.model(), many_texts()
    with scorer.Scorer(model, 700) as it:
        it.choose(texts[:100])
        assert it.program is None, "for a few texts it is not worth its compilation"
    monkeypatch.setattr(compiled, "LOWEST", 0.9)  # now the greatest states are wrong
    with scorer.Scorer(model, 700) as it:
        it.choose(texts)
        received = it.start(texts)()
        assert it.program is None
    np.testing.assert_allclose(received, model.predict(texts), rtol=0, atol=1e-6)


def test_chunks_are_computed_while_others_are_read(tmp_path, monkeypatch):
    """The compiled program's answers come to their rows, over several chunks and bad rows."""
    monkeypatch.setattr(csv_rows, "CHUNK", 250)
    monkeypatch.setattr(scorer, "WORTH", 100)
    model, texts = tiny.model(), many_texts()
    texts[7] = texts[300] = " "
    with open(tmp_path / "in.csv", "w", newline="") as file:
        csv.writer(file).writerows([["text"], *([text] for text in texts)])
    found = scoring.score_csv(model, tmp_path / "in.csv", tmp_path / "out.csv")
    assert (found["rows"], found["failed"]) == (600, 2)
    rows = read(tmp_path / "out.csv")
    assert [row["text"] for row in rows] == texts
    monkeypatch.setattr(compiled, "CompiledClassifier", None)  # the program made serves the next file
    scoring.score_csv(model, tmp_path / "in.csv", tmp_path / "again.csv")
    assert read(tmp_path / "again.csv") == rows
    received = [float(row["probability"] or np.nan) for row in rows]
    expected = model.predict(texts)
    expected[[7, 300]] = np.nan
    np.testing.assert_allclose(received, expected, rtol=0, atol=1e-5)


def test_one_program_answers_a_whole_file_wherever_a_run_was_stopped(tmp_path, monkeypatch):
    """Too few texts were left for the compiled program, so `predict` answered them, otherwise in the sixth decimal."""
    monkeypatch.setattr(csv_rows, "CHUNK", 250)
    monkeypatch.setattr(scorer, "WORTH", 200)
    model, predict = tiny.model(), tiny.model().predict
    monkeypatch.setattr(model, "predict", lambda texts: predict(texts) + np.float32(5e-6))  # to be told from the program
    with open(tmp_path / "in.csv", "w", newline="") as file:
        csv.writer(file).writerows([["text"], *([text] for text in many_texts())])
    scoring.score_csv(model, tmp_path / "in.csv", tmp_path / "whole.csv")

    def stop(rows, _):
        if rows == 500:
            raise KeyboardInterrupt

    for fresh in (False, True):  # also in a process that has compiled nothing yet
        with pytest.raises(KeyboardInterrupt):
            scoring.score_csv(model, tmp_path / "in.csv", tmp_path / "out.csv", progress=stop, overwrite=True)
        if fresh:
            scorer._PROGRAMS.clear()
        found = scoring.score_csv(model, tmp_path / "in.csv", tmp_path / "out.csv", overwrite=True)
        assert (found["rows"], found["resumed"]) == (600, 500)
        assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_the_answers_depend_on_no_number_of_cores():
    """So a run may go on with fewer of them."""
    model, texts, found = tiny.model(), many_texts(), []
    for workers in (1, 2, 5):
        with scorer.Scorer(model, 700) as it:
            it.workers = workers
            it.choose(texts)
            found.append(it.start(texts)().tobytes())
    assert found[0] == found[1] == found[2]
