"""The page's JavaScript computes what the package computes: answers, gates, gradients, of the zoo's own weights."""

import json
import re

import numpy as np
import pytest
from safetensors.numpy import save_file

from seqzoo.data import load_reviews
from seqzoo.insight import gradient_flow, trace_gates
from seqzoo.tasks import task_of
from seqzoo.tasks.text_classification.browser import SENTENCES
from seqzoo.tasks.text_classification.report import running_verdict
from seqzoo.zoo import find_model, load_pretrained
from tests import tiny

MODELS = ("sentiment-lstm", "imdb-rnn")  # what the page begins with
FIELDS = ("forget", "input", "output", "candidate", "cell", "hidden")


@pytest.fixture(scope="module")
def texts():
    """Fifty sentences of the page, 149 that begin a review, and a whole review."""
    reviews = load_reviews("sample").train.texts
    begun = [re.split(r"(?<=[.!?])\s", review)[0][:70] for review in reviews[1:150]]
    return [*SENTENCES.splitlines(), *begun, reviews[0]]


class Rows:
    """The program's output, taken row by row."""

    def __init__(self, path):
        self.values, self.at = np.fromfile(path, "<f4"), 0

    def take(self, *shape):
        size = int(np.prod(shape))
        self.at += size
        return self.values[self.at - size : self.at].reshape(shape)

    def compare(self, expected, tolerance):
        np.testing.assert_allclose(self.take(*expected.shape), expected, atol=tolerance, rtol=0)


def compute(node, folder, models, texts, targets):
    forms = [task_of(model).browser_form(model.config)._asdict() for model, _ in models]
    job = {"texts": texts, "targets": targets}
    job["models"] = [{"form": form, "folder": str(place)} for form, (_, place) in zip(forms, models, strict=True)]
    (folder / "job.json").write_text(json.dumps(job))
    node("texts.mjs", folder / "job.json", folder / "rows")
    return Rows(folder / "rows")


def compare(rows, model, texts, targets, tolerance=1e-5):
    traces = trace_gates(model, texts)
    flows = gradient_flow(model, texts, targets)
    verdicts, tied = [], near_ties(traces, traces.valid.sum(axis=1))
    assert len(tied) <= max(1, 0.15 * len(texts))  # an RNN's states often come near 1; of many units some tie
    for row, text in enumerate(texts):
        ids = model.encode([text])[0]
        expected = running_verdict(model, ids) if row % 60 == 3 else None
        shape = (len(ids) + 1, *([len(model.classes)] if len(model.classes) > 2 else []))
        found = rows.take(*shape)
        if expected is not None:
            np.testing.assert_allclose(found, expected, atol=tolerance, rtol=0)
        verdicts.append(found[-1])
        for trace in traces.values():
            for field in [name for name in (*FIELDS[:3], "update", "reset", *FIELDS[3:]) if name in trace._fields]:
                rows.compare(getattr(trace, field)[row, : len(ids)], tolerance)
        for flow in flows.values():
            for norm in [flow.hidden] if flow.cell is None else [flow.hidden, flow.cell]:
                expected, found = norm[row, : len(ids)] * len(texts), rows.take(len(ids))  # the batch's loss is a mean over rows
                allowed = 0.05 * expected.max() if row in tied else tolerance
                np.testing.assert_allclose(found, expected, atol=allowed, rtol=0)
    return np.array(verdicts)


def near_ties(traces, lengths):
    """Rows in which the greatest states of a unit at two steps differ by their last bits: which of them a maximum's gradient goes
    to is decided by rounding, there alone it may differ."""
    (hidden,) = [trace.hidden for trace in traces.values()][-1:]
    found = []
    for row, length in enumerate(lengths):
        below, top = np.sort(hidden[row, :length], axis=0)[-2:] if length > 1 else np.array([[0.0], [1.0]])
        if np.any((top - below > 0) & (top - below < 5e-7)):
            found.append(row)
    return found


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.slow)], ids=["40 of them", "all"])
def test_answers_gates_and_gradients_of_200_sentences(node, texts, tmp_path, step):
    assert len(texts) == 200
    texts = texts[step - 1 :: step]  # the long one, which is the last, in any case
    targets = [row % 2 for row in range(len(texts))]
    models = [(load_pretrained(name), find_model(name)) for name in MODELS]
    rows = compute(node, tmp_path, models, texts, targets)
    for model, _ in models:
        for part in (slice(0, -1), slice(-1, None)):  # the long one by itself: no row is padded to its length
            verdicts = compare(rows, model, texts[part], targets[part])
            expected = np.ravel(model.network(model.encode(texts[part]), training=False))  # as `predict`, which compiles first
            np.testing.assert_allclose(verdicts, expected, atol=1e-5)
    assert rows.at == len(rows.values)


def test_both_directions_layers_classes_and_pairs_of_words(node, tmp_path):
    pairs = ("a great", "acting was", "the movie")
    form = {"bidirectional": True, "layers": 2, "classes": ("bad", "fair", "good"), "pooling": "last_max_mean"}
    model = tiny.model(pairs=pairs, **form)
    texts, targets = ["what a great movie", "dull acting was bad the movie"], [0, 2]
    save_file(model.tensors(), tmp_path / "weights.safetensors")
    model.vocabulary.save(tmp_path / "vocabulary.txt")
    rows = compute(node, tmp_path, [(model, tmp_path)], texts, targets)
    np.testing.assert_allclose(compare(rows, model, texts, targets), model.predict(texts), atol=1e-5)
    assert rows.at == len(rows.values)
