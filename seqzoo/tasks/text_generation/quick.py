"""A language model that writes without TensorFlow."""

import numpy as np

from seqzoo.tasks.numpy_network import run_layers
from seqzoo.tasks.text_generation.generation import sample_words


class QuickLanguageModel:
    """The words of a `LanguageModel.generate`, in NumPy.

    Args:
        config: as in the card.
        vocabulary: `Vocabulary`.
        tensors: weights by name, float32.
    """

    task = "text-generation"

    def __init__(self, config, vocabulary, tensors):
        self.config, self.vocabulary, self._tensors = config, vocabulary, tensors

    def generate(self, prompt: str = "", words: int = 40, temperature: float = 0.8, seed: int = 0) -> str:
        """See `LanguageModel.generate`."""
        return sample_words(self, prompt, words, temperature, seed)

    def advance_words(self, ids, states):
        """The projection after `ids`, float32 `[embedding_size]`, and the states."""
        x = self._tensors["embedding/embeddings"][np.asarray(ids)]
        hidden, states = run_layers(x, self._tensors, {**self.config, "cell": "lstm"}, states)
        return hidden[-1] @ self._tensors["projection/kernel"] + self._tensors["projection/bias"], states

    def logits(self, hidden):
        """float32 `[vocabulary]` from a projection `[embedding_size]`."""
        return self._tensors["embedding/embeddings"] @ hidden + self._tensors["word_bias/bias"]
