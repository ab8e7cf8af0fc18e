"""A quick answer is the whole model's answer, without TensorFlow."""

import json
import subprocess
import sys

import numpy as np
import pytest

from seqzoo.zoo import find_model, list_pretrained, load_pretrained, read_card
from seqzoo.zoo.quick import load_quick
from tests import tiny
from tests.stock_prices import frame

TEXTS = [*tiny.TEXTS, *tiny.HOSTILE]
FORMS = [
    {},
    {"cell": "rnn"},
    {"layers": 2},
    {"bidirectional": True, "pooling": "last_max_mean"},
    {"bidirectional": True, "layers": 2, "cell": "rnn", "pooling": "mean"},
    {"pooling": "last", "max_tokens": 3},
    {"classes": ["a", "b", "c"]},
    {"pairs": ["by the", "the acting"]},
]


@pytest.mark.parametrize("name", [name for name in list_pretrained() if read_card(find_model(name))["task"].endswith("tion")])
def test_every_text_model_of_the_zoo_answers_alike(name):
    quick, golden = load_quick(name), json.loads((find_model(name) / "golden.json").read_text())
    if hasattr(quick, "predict"):
        np.testing.assert_allclose(quick.predict(golden["inputs"]), golden["outputs"], atol=1e-5)
    else:
        model = load_pretrained(name)
        for seed in range(3):
            assert quick.generate("The film", 12, seed=seed) == model.generate("The film", 12, seed=seed)
    assert quick.name == name and quick.card == read_card(find_model(name))


@pytest.mark.parametrize("name", list_pretrained("stock-*"))
def test_every_forecaster_of_the_zoo_answers_alike(name):
    quick, golden = load_quick(name), json.loads((find_model(name) / "golden.json").read_text())
    expected = np.asarray(golden["outputs"])
    np.testing.assert_allclose(quick.predict(golden["inputs"]), expected, rtol=1e-5, atol=1e-8)
    prices = frame(300)
    whole, found = load_pretrained(name).forecast(prices, "2015-12-20"), quick.forecast(prices, "2015-12-20")
    assert list(found.columns) == list(whole.columns) and found.index.equals(whole.index) and found.index.name == "asof"
    np.testing.assert_allclose(found, whole, rtol=1e-5, atol=1e-8)


def test_a_gru_is_left_to_the_whole_model(tmp_path):
    from seqzoo.tasks.stock_forecasting.quick import QuickForecaster

    with pytest.raises(KeyError):
        QuickForecaster("stock-volatility", {"cell": "gru", "layers": 1}, {}).raw_outputs(np.zeros((1, 60, 11)))


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_every_form_of_a_classifier_answers_alike(form):
    from seqzoo.tasks.text_classification.quick import QuickClassifier

    model = tiny.model(seed=3, **form)
    quick = QuickClassifier(model.config, model.vocabulary, model.tensors())
    np.testing.assert_allclose(quick.predict(TEXTS), model.predict(TEXTS), atol=1e-5)
    assert quick.predict([]).shape == model.predict([]).shape


def test_it_imports_neither_tensorflow_nor_keras():
    code = "import sys; from seqzoo.zoo.quick import load_quick; load_quick('imdb-lstm').predict(['a']); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "numpy" in modules and not {"tensorflow", "keras"} & set(modules)


def test_what_is_damaged_is_refused(tmp_path):
    folder = tiny.copy_to(tmp_path)
    weights = folder / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(ValueError, match="damaged or was changed"):
        load_quick(folder)


def test_a_form_that_is_not_known_is_left_to_the_whole_model(tmp_path, monkeypatch):
    folder = tiny.copy_to(tmp_path)
    assert load_quick(folder).predict(["great"]).shape == (1,)
    monkeypatch.setattr("seqzoo.tasks.text_classification.quick.QuickClassifier", lambda *_: {}["gru"])
    assert load_quick(folder) is None
