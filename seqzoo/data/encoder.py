"""The ids of many texts at once: the tokeniser's rules as operations on all bytes of all texts together.

A word of at most 16 bytes is two 64-bit numbers, so words are found in the vocabulary by comparing numbers, exactly.
It is for ASCII, which most texts are; others, and longer words, go the way of `Vocabulary.encode`.
"""

import itertools

import numpy as np

_MARKS = {"!": 33, "?": 34}  # as bytes below every letter and digit, so that one comparison tells words
_APOSTROPHE, _SPACE, _FIRST_LETTER = 39, 32, 48
_WORD = 8  # bytes in a number
_BYTES = (
    bytes(
        _MARKS.get(c) or (code if c.isalnum() and c.islower() or c.isdigit() else _APOSTROPHE if c in "'`" else _SPACE)
        for code, c in enumerate(map(chr, range(128)))
    )
    + bytes([_SPACE]) * 128
)
# Number of the bytes that count -> mask of a little-endian number.
_MASKS = np.array([(1 << 8 * n) - 1 for n in range(_WORD + 1)], "<u8")
_ODD = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))  # they spread keys over the table


class Encoder:
    """Encodes ASCII texts by a vocabulary.

    Args:
        ids: dict from word to id.
    """

    def __init__(self, ids):
        ids = {word: number for word, number in ids.items() if number >= 2 and word.isascii()}
        short = {word: number for word, number in ids.items() if len(word) <= 2 * _WORD}
        self._long = {word: number for word, number in ids.items() if len(word) > 2 * _WORD}
        self._shift = np.uint64(64 - max(4, (8 * len(short)).bit_length()))
        size = 1 << int(64 - self._shift)
        self._first, self._second = np.zeros(size, "<u8"), np.zeros(size, "<u8")
        self._ids = np.zeros(size, np.int32)
        self._probes = 1
        words = [word.encode().translate(_BYTES) for word in short]
        text = np.frombuffer(b" ".join(words) + b" " * 2 * _WORD, np.uint8)
        lengths = np.array([len(word) for word in words], np.int64)
        keys = _keys(text, np.cumsum(lengths + 1) - lengths - 1, lengths)
        for *key, place, number in zip(*keys, self._places(*keys), short.values(), strict=True):
            probe = 0
            while self._ids[(place + probe) % size]:
                probe += 1
            at = (place + probe) % size
            self._first[at], self._second[at], self._ids[at] = *key, number
            self._probes = max(self._probes, probe + 1)

    def __call__(self, texts, max_tokens=None):
        """The ids of each of a list of ASCII texts, the last `max_tokens` of it: a list of int32 `[time]`."""
        joined = "\n".join(texts)
        raw = joined.encode("ascii").lower()
        for line_break in (b"<br />", b"<br/>", b"<br>"):
            raw = raw.replace(line_break, b" " * len(line_break))  # as long, so that every text stays in its place
        text = np.frombuffer(b" " + raw.translate(_BYTES) + b" " * 2 * _WORD, np.uint8)
        starts, lengths = _tokens(text)
        ids = self._look_up(*_keys(text, starts, lengths))
        for token in np.flatnonzero(lengths > 2 * _WORD):
            word = text[starts[token] : starts[token] + lengths[token]].tobytes().decode()
            ids[token] = self._long.get(word, 1)
        ends = np.cumsum([len(text) + 1 for text in texts])
        bounds = [0, *np.searchsorted(starts, ends, side="right").tolist()]
        return [
            ids[first if max_tokens is None else max(first, last - max_tokens) : last]
            for first, last in itertools.pairwise(bounds)
        ]

    def _places(self, first, second):
        return ((first * _ODD[0] ^ second * _ODD[1]) >> self._shift).astype(np.int64)

    def _look_up(self, first, second):
        """The id of each word, 1 where the vocabulary has none."""
        at = self._places(first, second)
        found, here = self._ids[at], (self._first[at] == first) & (self._second[at] == second)
        left = np.flatnonzero(~here & (found > 0))  # an empty place ends the search, another word does not
        found[~here] = 1
        for probe in range(1, self._probes):
            next_at = (at[left] + probe) % len(self._ids)
            here = (self._first[next_at] == first[left]) & (self._second[next_at] == second[left])
            found[left[here]] = self._ids[next_at[here]]
            left = left[~here & (self._ids[next_at] > 0)]
        return found


def _tokens(text):
    """Where words begin and how long they are, of a text with a space before and after."""
    inside = text >= _FIRST_LETTER
    apostrophes = np.flatnonzero(text == _APOSTROPHE)
    inner = apostrophes[inside[apostrophes - 1] & inside[apostrophes + 1]]
    inside[inner] = True
    marks = (text == _MARKS["!"]) | (text == _MARKS["?"])
    starts, ends = inside | marks, inside | marks
    starts[1:] &= ~inside[:-1] | marks[1:]
    ends[:-1] &= ~inside[1:] | marks[:-1]
    starts, ends = np.flatnonzero(starts), np.flatnonzero(ends)
    return starts, ends + 1 - starts


def _keys(text, starts, lengths):
    """The first and the second 8 bytes of each word, as numbers."""
    numbers = np.ndarray(len(text) - _WORD + 1, "<u8", text, strides=(1,))  # one begins at every byte
    first = numbers[starts] & _MASKS[np.minimum(lengths, _WORD)]
    second = np.zeros_like(first)
    long = np.flatnonzero(lengths > _WORD)
    second[long] = numbers[starts[long] + _WORD] & _MASKS[np.minimum(lengths[long] - _WORD, _WORD)]
    return first, second
