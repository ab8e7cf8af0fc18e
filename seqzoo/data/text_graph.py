"""The tokeniser and the vocabulary as TensorFlow operations, so that a SavedModel takes raw text."""

import tensorflow as tf

from seqzoo.data.tokenizer import LINE_BREAK, WORD, clean
from seqzoo.data.vocabulary import Vocabulary, check_at_least, checked_texts


class GraphTokenizer(tf.Module):
    """Gives the same ids as `Vocabulary.encode_batch`, inside a graph.

    Args:
        vocabulary: a `Vocabulary`.
        max_tokens: int >= 1, of a longer text the last so many words are kept; None keeps all.
    """

    def __init__(self, vocabulary, max_tokens=None, name=None):
        super().__init__(name=name)
        if not isinstance(vocabulary, Vocabulary):
            raise TypeError(f"vocabulary must be a Vocabulary. Received: type {type(vocabulary).__name__}")
        if max_tokens is not None:
            check_at_least(1, "max_tokens", max_tokens)
        self.max_tokens = max_tokens
        # An attribute, since an exported object finds its tables by walking over its attributes.
        self.table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(tf.constant(vocabulary.words), tf.range(len(vocabulary), dtype=tf.int32)),
            default_value=1,
        )

    def __call__(self, texts):
        """Returns the ids of `texts`.

        Args:
            texts: string `[batch]`, UTF-8 (bytes that are not separate words), or a list of str.

        Returns:
            int32 `[batch, time]`, padded on the right with 0; time is at least 1.
        """
        if isinstance(texts, (list, tuple)):
            texts = tf.constant([clean(text) for text in checked_texts(texts)], tf.string, shape=[len(texts)])
        words = self.split(texts)
        if self.max_tokens is not None:
            words = words[:, -self.max_tokens :]
        ids = words.with_values(self.table.lookup(words.values)).to_tensor(0)  # [batch, time]
        return tf.pad(ids, [[0, 0], [0, tf.maximum(1 - tf.shape(ids)[1], 0)]])

    @staticmethod
    def split(texts):
        """Returns the words of `texts` (string `[batch]`) as a ragged string tensor `[batch, None]`."""
        texts = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", errors="replace")
        texts = tf.strings.lower(texts)  # without an encoding: the ASCII letters only
        texts = tf.strings.regex_replace(texts, "[\u2019\u0060\u00b4]", "'")
        texts = tf.strings.regex_replace(texts, LINE_BREAK, " ")
        # Words stay, every other character becomes a space: RE2 has no "find all".
        texts = tf.strings.regex_replace(texts, f"(?s)({WORD})|.", r"\1 ")
        # By the byte 0x20 only: some locales count 85 and A0, which end many UTF-8 letters, as white space.
        words = tf.strings.split(texts, sep=" ")
        return tf.ragged.boolean_mask(words, words != "")
