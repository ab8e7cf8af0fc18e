"""A language model's vocabulary for other subjects: its rarest words make room for what these often say."""

import collections

import numpy as np

from seqzoo.data.tokenizer import tokenize
from seqzoo.data.vocabulary import Vocabulary


def adapted(encoder, texts, kept, added):
    """A vocabulary of a language model's `kept` most frequent words and the `added` most frequent others of `texts`.

    Returns:
        `Vocabulary`, and a function from the model's embedding `[words, size]` to one of the new words; a new word
        begins with the mean of all, a little moved.
    """
    before = encoder.vocabulary.words[:kept]
    counts = collections.Counter(word for text in texts for word in tokenize(text))
    known = set(before)
    new = sorted((word for word in counts if word not in known), key=lambda word: (-counts[word], word))[:added]
    place = {word: index for index, word in enumerate(encoder.vocabulary.words)}

    def embedding(table):
        found = np.empty((kept + len(new), table.shape[1]), table.dtype)
        found[:kept] = table[:kept]
        random = np.random.Generator(np.random.PCG64(0))
        for row, word in enumerate(new, kept):
            moved = 0.3 * table[2:kept].std(0) * random.standard_normal(table.shape[1])
            found[row] = table[place[word]] if word in place else table[2:kept].mean(0) + moved
        return found

    return Vocabulary([*before, *new]), embedding
