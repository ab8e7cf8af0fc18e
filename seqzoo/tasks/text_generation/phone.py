"""A language model's .tflite files: what their sidecar says of text, and the program that writes with one. No TensorFlow."""

import numpy as np

from seqzoo.data.tokenizer import LINE_BREAK, RULES, WORD
from seqzoo.data.vocabulary import Vocabulary
from seqzoo.data.word_stream import BOUNDARY
from seqzoo.tasks.text_generation.generation import sample_words
from seqzoo.tasks.text_phone import save_vocabulary


class StreamedLanguageModel:
    """A file of target `stream` that goes on from a prompt, word by word, with the draws of `LanguageModel.generate`.

    Args:
        runner: `seqzoo.export.TFLiteRunner` of the file.

    Raises:
        ValueError: if the file is none of a language model that goes step by step.
    """

    def __init__(self, runner):
        language = runner.sidecar.get("language")
        if not isinstance(language, dict) or runner.sidecar["form"] != "step" or runner.sidecar["batch_size"] != 1:
            raise ValueError(
                "A language model's file of target 'stream' with batch_size 1 can go on from a prompt. Received: "
                f"{runner.path.name}, target {runner.sidecar['target']!r} of {runner.sidecar.get('model')}"
            )
        self.runner, self.config = runner, {"backwards": language["backwards"]}
        self.vocabulary = Vocabulary.parse(runner.files[language["vocabulary"]], language["vocabulary"])

    def generate(self, prompt: str = "", words: int = 40, temperature: float = 0.8, seed: int = 0) -> str:
        """See `LanguageModel.generate`."""
        return sample_words(self, prompt, words, temperature, seed)

    def advance_words(self, ids, states):
        """(log-probabilities of the word after `ids`, float32 `[vocabulary]`; the states); None begins anew."""
        states = states or self.runner.start()
        for word in ids:
            answer, states = self.runner.step(np.array([word], np.int32), states)
        return answer[0], states

    def logits(self, scores):
        """Log-probabilities are logits too."""
        return scores


def describe_language(model, path, folder):
    """The sidecar's account of how text becomes ids. The vocabulary is written into `folder`, to go beside `path`."""
    name, digest = save_vocabulary(model.vocabulary, path, folder)
    return {
        "rules": RULES,
        "word": WORD,
        "line_break": LINE_BREAK,
        "boundary": BOUNDARY,
        "unknown": 1,
        "order": "the boundary first, then the words, the last word first"
        if model.config["backwards"]
        else "the boundary, the words",
        "backwards": model.config["backwards"],
        "vocabulary_size": len(model.vocabulary),
        "vocabulary": name,
        "vocabulary_sha256": digest,
    }
