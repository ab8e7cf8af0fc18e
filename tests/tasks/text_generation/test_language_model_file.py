"""A language model as a file that goes on word by word."""

import json
import subprocess
import sys

import numpy as np
import pytest

from seqzoo.data.vocabulary import Vocabulary
from seqzoo.tasks.text_generation.model import LanguageModel

pytest.importorskip("ai_edge_litert", reason="the extra `mobile`")
WORDS = Vocabulary(["[PAD]", "[UNK]", "the", "film", "was", "good", "bad", "and", "not", "a", "dull", "plot"])
# A process that finds neither TensorFlow nor Keras.
PHONE = """
import sys
sys.modules["tensorflow"] = sys.modules["keras"] = None
from seqzoo.export import TFLiteRunner
from seqzoo.tasks.text_generation.phone import StreamedLanguageModel
print(StreamedLanguageModel(TFLiteRunner(sys.argv[1])).generate("the film", 12, seed=4))
"""


def spread(**config):
    """A small model whose words follow each other in a way of their own."""
    model = LanguageModel({"vocabulary_size": len(WORDS), "embedding_size": 4, "units": 5, "layers": 2, **config}, WORDS)
    random = np.random.default_rng(3)
    model.load_tensors({name: random.normal(0, 1, of.shape).astype("float32") for name, of in model.tensors().items()})
    return model


@pytest.fixture(scope="module")
def streamed(tmp_path_factory):
    from seqzoo.export import export_tflite

    model, folder = spread(), tmp_path_factory.mktemp("language")
    return model, export_tflite(model, folder / "words.tflite", "stream", calibration=["the film was good", "not a dull plot"])


def test_steps_give_the_model_s_log_probabilities(streamed):
    from seqzoo.export import TFLiteRunner

    model, path = streamed
    runner, ids = TFLiteRunner(path), model.encode(["the film was not a dull plot and unheardof"])[0]
    assert [spec["name"] for spec in runner.sidecar["inputs"]] == ["ids", "lstm_0_h", "lstm_0_c", "lstm_1_h", "lstm_1_c"]
    expected, states, scores = model.log_probabilities([ids[1:]])[0], runner.start(), []
    for step in range(len(ids)):
        answer, states = runner.step(ids[step : step + 1], states)
        assert answer.shape == (1, len(WORDS)) and np.exp(answer).sum() == pytest.approx(1, abs=1e-5)
        scores.append(answer[0, [*ids[1:], 0][step]])
    np.testing.assert_allclose(scores, expected, atol=1e-5)
    assert np.ptp(expected) > 1


def test_it_writes_what_the_model_writes(streamed):
    from seqzoo.export import TFLiteRunner
    from seqzoo.tasks.text_generation.phone import StreamedLanguageModel

    model, path = streamed
    writer = StreamedLanguageModel(TFLiteRunner(path))
    written = {writer.generate(prompt, 12, seed=seed) for seed in range(3) for prompt in ("", "the film was", "unheardof !")}
    assert written == {
        model.generate(prompt, 12, seed=seed) for seed in range(3) for prompt in ("", "the film was", "unheardof !")
    }
    assert len(written) > 5
    with pytest.raises(ValueError, match="`words` must be .*Received: 0"):
        writer.generate("the", words=0)
    child = subprocess.run([sys.executable, "-c", PHONE, str(path)], capture_output=True, text=True, timeout=300)
    assert child.stdout.strip() == model.generate("the film", 12, seed=4), child.stderr


def test_the_sidecar_says_how_text_becomes_ids(streamed):
    path = streamed[1]
    language = json.loads(path.with_suffix(".json").read_text())["language"]
    assert (language["boundary"], language["unknown"], language["backwards"], language["vocabulary_size"]) == (0, 1, False, 12)
    assert (path.parent / language["vocabulary"]).read_text().splitlines() == list(WORDS.words)


def test_a_file_that_does_not_go_on(tmp_path, streamed):
    from seqzoo.export import TFLiteRunner
    from seqzoo.tasks.text_generation.phone import StreamedLanguageModel

    runner = TFLiteRunner(streamed[1])
    runner.sidecar = {**runner.sidecar, "language": None}
    with pytest.raises(ValueError, match="of target 'stream' with batch_size 1.*Received: words.tflite"):
        StreamedLanguageModel(runner)
