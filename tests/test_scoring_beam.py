"""`seqzoo.scoring.beam`: pretrained models in Beam's `RunInference`, as Beam's users know handlers."""

import functools
import sys

import numpy as np
import pytest

beam = pytest.importorskip("apache_beam", reason="needs seqzoo[beam]")

from apache_beam.ml.inference.base import KeyedModelHandler, RunInference  # noqa: E402
from apache_beam.testing.util import assert_that, equal_to  # noqa: E402

from seqzoo import cli  # noqa: E402
from seqzoo.scoring.beam import LoadedModel, PretrainedModelHandler, length_of, scorable  # noqa: E402
from seqzoo.scoring.rows import LONGEST  # noqa: E402
from seqzoo.zoo import load_pretrained  # noqa: E402
from tests import tiny  # noqa: E402
from tests.beam_found import Kept, pipeline  # noqa: E402

# Beam's coder of strings takes no lone surrogates.
TEXTS = [*tiny.TEXTS, *(text for text in tiny.HOSTILE if "surrogates" not in text), *(f"{'great ' * k}film" for k in range(9))]
FOLDER = str(tiny.shared_folder() / "tiny")


_load = functools.cache(load_pretrained)


@pytest.fixture(autouse=True)
def loaded_once(monkeypatch):
    """Which is what takes time: the workers of `pipeline` are threads of this process."""
    monkeypatch.setattr("seqzoo.zoo.load_pretrained", _load)


def test_texts_give_prediction_results():
    found = []
    with pipeline() as p:
        p | beam.Create(TEXTS) | RunInference(PretrainedModelHandler(FOLDER)) | Kept(found)
    expected = _load(FOLDER).predict(TEXTS)
    assert sorted(result.example for result in found) == sorted(TEXTS)
    assert {result.model_id for result in found} == {FOLDER}
    by_text = {result.example: result.inference for result in found}
    assert all(isinstance(each, float) for each in by_text.values())
    np.testing.assert_allclose([by_text[text] for text in TEXTS], expected, atol=1e-6)


def test_keys_and_what_cannot_be_scored():
    """A bad example goes to failed_preprocessing alone, with its reason; every other is answered."""
    given = [("a", "great"), ("b", None), ("c", " \n"), ("d", 5), ("e", "x" * (LONGEST + 1)), ("f", "dull"), ("g", "great")]
    good, bad, batches = [], [], []
    with pipeline() as p:
        handler = KeyedModelHandler(PretrainedModelHandler(FOLDER)).with_preprocess_fn(scorable)
        main, other = p | beam.Create(given) | RunInference(handler).with_exception_handling()
        main | Kept(good)
        other.failed_preprocessing[0] | "bad" >> Kept(bad)
        other.failed_inferences | "batches" >> Kept(batches)
    great, dull = (round(float(each), 5) for each in _load(FOLDER).predict(["great", "dull"]))
    answers = sorted((key, result.example, round(result.inference, 5)) for key, result in good)
    assert answers == [("a", "great", great), ("f", "dull", dull), ("g", "great", great)] and batches == []
    reasons = {key: error[1] for (key, _), error in bad}
    assert sorted(reasons) == ["b", "c", "d", "e"]
    assert "NoneType" in reasons["b"] and "no text" in reasons["c"] and "int" in reasons["d"] and "10,000,001" in reasons["e"]


def test_unchecked_a_bad_example_fails_its_batch():
    failed = []
    with pipeline() as p:
        handler = PretrainedModelHandler(FOLDER)
        main, other = p | beam.Create(["great", 5]) | RunInference(handler).with_exception_handling()
        assert_that(main, equal_to([]))
        other.failed_inferences | Kept(failed)
    ((batch, error),) = failed
    assert sorted(map(str, batch)) == ["5", "great"] and "`scorable` keeps others out. Received: int" in error[1]


def test_batches_hold_texts_of_one_bucket_of_lengths(monkeypatch):
    """Of (key, text) too: a `KeyedModelHandler` hands pairs to the function."""
    batches, answer = [], LoadedModel.answer
    monkeypatch.setattr(LoadedModel, "answer", lambda self, batch: batches.append(batch) or answer(self, batch))
    given = [(k, " ".join(["word"] * (k % 12 + 1))) for k in range(60)]
    found = []
    with pipeline() as p:
        handler = PretrainedModelHandler(FOLDER, max_batch_duration_secs=1, batch_bucket_boundaries=[3, 8])
        p | beam.Create(given) | RunInference(KeyedModelHandler(handler)) | Kept(found)
    assert sorted(key for key, _ in found) == list(range(60))
    buckets = [{np.searchsorted([3, 8], len(text.split()), "right") for text in batch} for batch in batches]
    assert len(batches) >= 3 and all(len(bucket) == 1 for bucket in buckets)
    assert length_of("a b c") == length_of(("key", "a b c")) == 3 and length_of(None) == length_of("") == 1


def test_one_model_a_process(monkeypatch):
    """Two workers are threads here: they share it."""
    loaded, load = [], PretrainedModelHandler.load_model
    monkeypatch.setattr(PretrainedModelHandler, "load_model", lambda self: loaded.append(1) or load(self))
    flags = ("--direct_num_workers=2", "--direct_running_mode=multi_threading")
    with pipeline(*flags) as p:
        texts = p | beam.Create(TEXTS * 5) | beam.Reshuffle()
        results = texts | RunInference(PretrainedModelHandler(FOLDER, min_batch_size=4, max_batch_size=8))
        assert_that(results | beam.combiners.Count.Globally(), equal_to([5 * len(TEXTS)]))
    assert len(loaded) == 1


def test_many_texts_are_answered_by_the_compiled_program():
    """It is made once, by the first batch that is worth it, and answers as `predict` does to 1e-6."""
    handler = PretrainedModelHandler(FOLDER, max_batch_size=600, threads=1)
    model, texts = handler.load_model(), (TEXTS * 40)[:700]
    few = handler.run_inference(texts[:5], model)
    assert model.scorer.program is None and model.scorer.workers == 1
    many = handler.run_inference(texts, model)  # more than it was made for
    program = model.scorer.program
    assert program is not None and [result.example for result in many] == texts
    expected = _load(FOLDER).predict(texts)
    np.testing.assert_allclose([result.inference for result in many], expected, atol=1e-6)
    np.testing.assert_allclose([result.inference for result in few], expected[:5], atol=1e-6)
    handler.run_inference(texts[:600], model)
    assert model.scorer.program is program


def test_more_than_two_classes_give_an_array():
    class Three:
        task, classes, config = "text-classification", ("few", "some", "many"), {}

        def predict(self, texts):
            return np.float32([[0.25, 0.5, 0.25]] * len(texts))

    first, _ = PretrainedModelHandler("three").run_inference(["a", "b"], LoadedModel(Three(), 8, 1))
    assert first.inference.tolist() == [0.25, 0.5, 0.25]
    with pytest.raises(ValueError, match="takes no arguments beside its input. Received: start"):
        PretrainedModelHandler("three").run_inference(["a"], LoadedModel(Three(), 8, 1), {"start": "2018-01-01"})


def test_prices_give_forecasts():
    pytest.importorskip("pandas", reason="needs seqzoo[stocks]")
    pytest.importorskip("arch", reason="needs seqzoo[stocks]")
    from seqzoo.data import load_stocks

    frame = load_stocks("sample").frames["SP500"].iloc[-300:]
    given, found = {"now": frame, "before": frame.iloc[:-20]}, []
    handler = KeyedModelHandler(PretrainedModelHandler("stock-volatility-lstm"))
    with pipeline() as p:
        p | beam.Create(list(given.items())) | RunInference(handler, inference_args={"start": "2018-11-28"}) | Kept(found)
    model = _load("stock-volatility-lstm")
    assert sorted(key for key, _ in found) == ["before", "now"]
    for key, result in found:
        expected = model.forecast(given[key], start="2018-11-28")
        assert result.inference.index.equals(expected.index) and len(expected) > 1
        np.testing.assert_allclose(result.inference, expected, rtol=1e-5)


def test_a_model_can_be_refreshed():
    handler = PretrainedModelHandler("imdb-lstm")
    handler.update_model_path(None)
    assert handler.model == "imdb-lstm"
    handler.update_model_path(FOLDER)
    assert handler.load_model().model.name == "tiny"


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"model": 5}, "a name of `seqzoo list`, or a model folder's path. Received: 5"),
        ({"threads": 0}, "at least 1, or None. Received: 0"),
        ({"batch_bucket_boundaries": [16, 8]}, r"greater than the one before, such as \[16, 64, 256\]. Received: \[16, 8\]"),
        ({"batch_bucket_boundaries": [0, 8]}, "above 0"),
        ({"batch_bucket_boundaries": []}, r"Received: \[\]"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        PretrainedModelHandler(**{"model": "imdb-lstm"} | arguments)


def test_without_beam_the_extra_is_named(monkeypatch, capsys):
    for name in list(sys.modules):
        if name.split(".")[0] == "apache_beam" or name.startswith("seqzoo.scoring.beam"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "apache_beam", None)
    with pytest.raises(ImportError, match=r"pip install 'seqzoo\[beam\]'. Received: "):
        import seqzoo.scoring.beam  # noqa: F401
    assert cli.main("predict imdb-rnn --input x.csv --output out --runner DirectRunner".split()) == 2
    assert "Pipelines need Apache Beam: pip install 'seqzoo[beam]'" in capsys.readouterr().err
