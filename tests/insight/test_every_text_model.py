"""Classifiers of three classes and language models are looked into like any other text model."""

import numpy as np
import pytest

from seqzoo.data.vocabulary import Vocabulary
from seqzoo.insight import explain, gradient_flow, trace_gates
from seqzoo.tasks.text_generation import LanguageModel
from tests import tiny

TEXT = "great plot but boring"
THREE = {"classes": ["bad", "fair", "good"]}


@pytest.fixture(scope="module")
def language():
    vocabulary = Vocabulary.build(tiny.TEXTS, 30)
    return LanguageModel({"vocabulary_size": len(vocabulary), "embedding_size": 4, "units": 5, "layers": 2}, vocabulary)


def test_three_classes_are_explained_by_the_most_probable():
    model = tiny.model(seed=2, **THREE)
    (panel,) = explain(model, TEXT).panels
    probabilities = model.predict([TEXT])[0]
    assert panel["label"] == THREE["classes"][probabilities.argmax()]
    assert panel["quantity"]["name"] == f"P({panel['label']})"
    assert panel["verdicts"][-1] == pytest.approx(float(probabilities.max()), abs=1e-6)


def test_three_classes_stand_beside_two():
    report = explain([tiny.model(), tiny.model(**THREE)], TEXT)
    assert [len(panel["verdicts"]) for panel in report.panels] == [5, 5]


def test_gradients_of_three_classes_take_labels():
    flows = gradient_flow(tiny.model(**THREE), [TEXT], [2])
    probability = tiny.model(**THREE).predict([TEXT])[0, 2]
    assert flows.loss == pytest.approx(-np.log(probability), rel=1e-5)
    assert (next(iter(flows.values())).hidden > 0).any()


def test_a_language_models_gates_are_seen_word_by_word(language):
    traces = trace_gates(language, [TEXT, "great"])
    assert list(traces) == ["lstm_0", "lstm_1"]
    assert traces.steps == [("(start)", "great", "plot", "but", "boring"), ("(start)", "great")]
    assert traces["lstm_1"].cell.shape == (2, 5, 5) and traces.valid.sum(axis=1).tolist() == [5, 2]


def test_a_language_model_that_reads_backwards_shows_its_own_order(language):
    config = {**language.config, "backwards": True}
    assert trace_gates(LanguageModel(config, language.vocabulary), [TEXT]).steps[0][:2] == ("(start)", "boring")


def test_a_language_model_is_explained_by_what_surprises_it(language):
    (panel,) = explain(language, TEXT).panels
    scores = language.log_probabilities(language.vocabulary.encode_list([TEXT]))[0]
    np.testing.assert_allclose(panel["verdicts"], [0, 0, *np.cumsum(scores[:-1])], atol=1e-5)
    assert panel["words"][0] == "(start)" and panel["label"] is None


def test_models_that_read_something_else_are_not_shown_together(language):
    from seqzoo.tasks.stock_forecasting import VolatilityForecaster

    with pytest.raises(TypeError, match="all read the same.* Received: LanguageModel, VolatilityForecaster"):
        explain([language, VolatilityForecaster({"units": 2})], TEXT)


def test_a_forecasters_gradients_are_those_of_its_own_loss():
    from seqzoo.data.price_windows import STEPS
    from seqzoo.tasks.stock_forecasting import VolatilityForecaster
    from tests.stock_prices import frame

    model = VolatilityForecaster({"units": 2, "seed": 1})
    flows = gradient_flow(model, frame(400), np.zeros((1, 1), np.float32))
    (flow,) = flows.values()
    assert flow.cell.shape == (1, STEPS) and flows.loss > 0
