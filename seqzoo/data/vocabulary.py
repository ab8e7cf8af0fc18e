"""Words to integer ids and back."""

import collections
import itertools
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from seqzoo.data.bigrams import checked_bigrams
from seqzoo.data.encoder import Encoder
from seqzoo.data.tokenizer import tokenize
from seqzoo.files import write_atomically

MANY = 32  # texts from which on they are encoded together
CHARACTERS = 4_000_000  # encoded together: ten times as many bytes are taken meanwhile
PADDING, UNKNOWN = "[PAD]", "[UNK]"  # the brackets keep them apart from every word that `tokenize` can yield


class Vocabulary:
    """An ordered set of words; a word's id is its position. It may also list pairs of neighbouring words.

    Ids: 0 is padding, 1 is any unknown word, the words follow by falling frequency. There is no other offset.

    Args:
        words: iterable of str, beginning with "[PAD]" and "[UNK]"; `words[i]` has id `i`.
        bigrams: int `[pairs, 2]`, ids of a word and of the one after it, in rising order; see `BigramEmbedding`. They
            change nothing in how texts are encoded.

    Raises:
        ValueError: the specials are missing, a word is empty, repeated, or not one that `tokenize` yields, or a pair is
            not of two words, stands twice or out of order.
    """

    def __init__(self, words: Iterable[str], bigrams: Any = ()):
        self.words = tuple(words)
        if self.words[:2] != (PADDING, UNKNOWN):
            raise ValueError(f"A vocabulary begins with the entries {PADDING} and {UNKNOWN}. Received: {self.words[:2]}")
        self._ids, self._encoder = {}, None
        for position, word in enumerate(self.words):
            if position >= 2 and (not isinstance(word, str) or tokenize(word) != [word]):
                raise ValueError(
                    "Every entry after the first two must be one word as the tokeniser yields it (lower "
                    f"case, not empty). Received: {word!r} as entry {position}, on line {position + 1}"
                )
            if self._ids.setdefault(word, position) != position:
                raise ValueError(
                    f"Every entry must be there only once. Received: {word!r} as entries {self._ids[word]} and {position}"
                )
        self.bigrams = checked_bigrams(bigrams, len(self.words))

    @classmethod
    def build(cls, texts: Iterable[str], size: int) -> "Vocabulary":
        """Takes the most frequent words of `texts`; those equally frequent stand in alphabetical order.

        Args:
            texts: iterable of str.
            size: int >= 3, the largest length of the result, its two specials included; it is shorter when
                `texts` have fewer words.
        """
        check_at_least(3, "size", size)
        counts = collections.Counter()
        for text in checked_texts(texts):
            counts.update(tokenize(text))
        frequent_first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return cls((PADDING, UNKNOWN) + tuple(word for word, _ in frequent_first[: size - 2]))

    def __len__(self):
        return len(self.words)

    def __eq__(self, other):
        if not isinstance(other, Vocabulary):
            return NotImplemented
        return self.words == other.words and np.array_equal(self.bigrams, other.bigrams)

    def __hash__(self):
        return hash(self.words)

    def __repr__(self):
        pairs = f", {len(self.bigrams)} pairs" if len(self.bigrams) else ""
        return f"Vocabulary({len(self)} entries{pairs})"

    def encode(self, text: str, max_tokens: int | None = None) -> np.ndarray:
        """Returns the ids of one text's words, int32 `[time]`.

        Of a text longer than `max_tokens` the last words are kept, since a verdict tends to stand at the end.
        """
        if max_tokens is not None:
            check_at_least(1, "max_tokens", max_tokens)
        tokens = tokenize(text)
        if max_tokens is not None:
            tokens = tokens[-max_tokens:]
        return np.fromiter(map(self._ids.get, tokens, itertools.repeat(1)), np.int32, len(tokens))

    def encode_list(self, texts: Iterable[str], max_tokens: int | None = None) -> list[np.ndarray]:
        """Returns the ids of each text, a list of int32 `[time]`, see `encode`."""
        texts = list(checked_texts(texts))
        if max_tokens is not None:
            check_at_least(1, "max_tokens", max_tokens)
        plain = [row for row, text in enumerate(texts) if text.isascii()]
        found = {}
        if len(plain) >= MANY:
            self._encoder = self._encoder or Encoder(self._ids)
            for rows in _groups(plain, texts):
                found.update(zip(rows, self._encoder([texts[row] for row in rows], max_tokens), strict=True))
        return [found[row] if row in found else self.encode(text, max_tokens) for row, text in enumerate(texts)]

    def encode_batch(self, texts: Iterable[str], max_tokens: int | None = None) -> np.ndarray:
        """Returns the ids of a list of texts, int32 `[batch, time]`, right-padded with 0; time is >= 1."""
        return self.pad(self.encode_list(texts, max_tokens))

    @staticmethod
    def pad(rows: Sequence[Any]) -> np.ndarray:
        """Returns sequences of ids as one int32 `[batch, time]`, right-padded with 0; time is at least 1."""
        ids = np.zeros((len(rows), max([1, *map(len, rows)])), dtype=np.int32)
        for row, values in zip(ids, rows, strict=True):
            row[: len(values)] = values
        return ids

    def decode(self, ids: Any) -> str:
        """Returns the words of `ids` (integers, `[time]`) joined by one space. Padding is dropped.

        Raises:
            ValueError: `ids` are not a vector of integers from 0 to `len(self) - 1`.
        """
        ids = np.asarray(ids)
        if ids.ndim != 1 or (ids.size and not np.issubdtype(ids.dtype, np.integer)):
            raise ValueError(f"ids must be a vector of integers. Received: dtype {ids.dtype} of shape {ids.shape}")
        if ids.size and not 0 <= ids.min() <= ids.max() < len(self):
            raise ValueError(f"ids must be from 0 to {len(self) - 1}. Received: values from {ids.min()} to {ids.max()}")
        return " ".join(self.words[i] for i in ids if i != 0)

    def save(self, path: str | os.PathLike) -> None:
        """Writes one word a line as UTF-8: the line's number, counted from 0, is the id. Pairs follow, two words a line."""
        pairs = [f"{self.words[first]} {self.words[second]}" for first, second in self.bigrams]
        write_atomically(path, "".join(line + "\n" for line in [*self.words, *pairs]))

    @classmethod
    def load(cls, path: str | os.PathLike) -> "Vocabulary":
        """Reads what `save` wrote. Raises ValueError, naming the file, when it is not such a vocabulary."""
        return cls.parse(Path(path).read_bytes(), path)

    @classmethod
    def parse(cls, data, path):
        """`load` from the bytes of a file; `path` names it in an error."""
        try:
            return cls(*_parsed(data.decode("utf-8").removesuffix("\n").split("\n")))
        except ValueError as error:
            raise ValueError(f"{path} is not a vocabulary file (UTF-8, one word a line, then pairs of them). {error}") from None


def _parsed(lines):
    """Words and pairs of ids of a file's lines."""
    end = next((number for number, line in enumerate(lines) if " " in line), len(lines))
    words, ids = lines[:end], {word: position for position, word in enumerate(lines[:end])}
    pairs = [tuple(ids.get(word) for word in line.split(" ")) for line in lines[end:]]
    for number, pair in enumerate(pairs, end):
        if len(pair) != 2 or None in pair:
            raise ValueError(
                "The lines after the words must be two of these words and a space between them. "
                f"Received: {lines[number]!r} on line {number + 1}"
            )
    return words, pairs


def _groups(rows, texts):
    """The rows in order, in lists whose texts have `CHARACTERS` together, or little more than that."""
    group, characters = [], 0
    for row in rows:
        group.append(row)
        characters += len(texts[row])
        if characters >= CHARACTERS:
            yield group
            group, characters = [], 0
    if group:
        yield group


def checked_texts(texts):
    """Yields the items of a list of str; raises TypeError when it is none, or one of them is not a str."""
    if isinstance(texts, (str, bytes)) or not np.iterable(texts):
        raise TypeError(
            "texts must be a list of str; wrap a single text in a list: [text]. "
            f"Received: {texts!r:.80} of type {type(texts).__name__}"
        )
    for index, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(
                "Every item of texts must be a str (decode bytes first). "
                f"Received: {text!r:.80} of type {type(text).__name__} at index {index}"
            )
        yield text


def check_at_least(least, name, value):
    """Raises ValueError unless `value` is an integer >= `least`."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise ValueError(f"{name} must be an integer of at least {least}. Received: {value!r}")
