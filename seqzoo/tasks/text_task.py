"""What the tasks on raw text share: a vocabulary beside the weights, texts in, words as steps."""

import sys
import warnings

from seqzoo.tasks.task import Task

VOCABULARY = "vocabulary.txt"


class TextTask(Task):
    """Base of the text tasks; see `seqzoo.tasks.task.Task`. Their models are `seqzoo.tasks.text_model.TextModel`."""

    reads = "text"
    files = (VOCABULARY,)
    streams = False  # a file takes a whole text

    def build(self, config, content):
        return self.model_class()(config, _vocabulary(content))

    def quick_class(self):
        """The class of the models for `quick`: made from a config, a vocabulary and tensors by name. None: there is none."""
        return None

    def quick(self, config, content, tensors):
        made = self.quick_class()
        return made and made(config, _vocabulary(content), tensors)

    def copy(self, model):
        return type(model)(model.config, model.vocabulary)

    def write_files(self, model, folder):
        model.vocabulary.save(folder / VOCABULARY)

    def ask_served(self, signature, inputs, model):
        from seqzoo.tasks.serving import ask_texts

        return ask_texts(signature, inputs)

    def samples_of(self, source, calibration):
        from seqzoo.data.vocabulary import checked_texts

        return list(checked_texts(calibration))

    def check_given(self, given):
        from seqzoo.data.tokenizer import tokenize

        if not isinstance(given, str):
            raise TypeError(f"`text` must be a str. Received: {type(given).__name__}")
        if not tokenize(given):
            raise ValueError(f"A text must have at least one word to look at. Received: {given!r:.80}")
        return given

    def introduce(self, given):
        return "a text", f"The text, {len(given):,} characters", given

    def read_argument(self, text, beside=None):
        return sys.stdin.buffer.read().decode("utf-8", "surrogateescape") if text == "-" else text

    def read_calibration(self, path):
        with open(path, encoding="utf-8") as file:
            return file.read().splitlines()

    def _words_read(self, model, texts):
        """Ids of texts, and the words that stand at their steps. Raises ValueError for none, or a text without words."""
        ids = model.encode(texts)
        if not len(ids):
            raise ValueError("`inputs` must hold at least one text. Received: an empty list")
        steps = []
        for row, text in enumerate(texts):
            kept, cut = self._split(model, text)
            if not kept:
                raise ValueError(f"A text must have at least one word to look at. Received: {text!r:.80} at index {row}")
            if cut:
                warnings.warn(f"Text {row}: {self._describe_cut(kept, cut)}", stacklevel=5)
            steps.append(tuple(kept))
        return ids, steps

    @staticmethod
    def _split(model, text):
        """The words that a model reads of a text, and those before them that are over its limit."""
        from seqzoo.data.tokenizer import tokenize

        words, limit = tokenize(text), model.config.get("max_tokens")
        return (words[-limit:], words[:-limit]) if limit else (words, [])

    @staticmethod
    def _describe_cut(kept, cut):
        if not cut:
            return None
        return (
            f"the model reads the last {len(kept)} of {len(kept) + len(cut)} words; the first {len(cut)} were cut, "
            f"from {cut[0]!r} to {cut[-1]!r}"
        )


def _vocabulary(content):
    from seqzoo.data.vocabulary import Vocabulary

    return Vocabulary.parse(content[VOCABULARY], VOCABULARY)
