"""The page's tokeniser gives the package's words and ids, whatever the text."""

import json

import numpy as np

from seqzoo.data.tokenizer import tokenize
from seqzoo.data.vocabulary import Vocabulary
from seqzoo.zoo import find_model
from tests import tiny

# What rules of text trip over: cases, apostrophes, line breaks, the ends of the ranges, surrogates, marks that combine.
PIECES = (
    "a Z z0 don't 'tis rock'n'roll '' ’ ` ´ ! ? <br /> <br/> <br> <BR> <br / > < > & \0 \x1f \x7f \x85 \xa0 À à ß ẞ İ ı ſ K Å Ǆ "
    "\u00bf \u00c0 \u1fff \u2000 \u2028 \u3039 \u3040 \ud7ff \ud800 \udbff \udc00 \udfff \ue000 \ufeff \ufffd 漢字 ひらがな "
    "한국어 e\u0301 مرحبا שלום 😀 👩‍👩‍👧 𝒜 ﬁ ½ ² _ - -- ... great GREAT film"
).split(" ") + [" ", "\t", "\n", "\r\n", "\u3000"]


def hostile_texts(count):
    random = np.random.default_rng(7)
    texts = [*tiny.HOSTILE, *PIECES]
    while len(texts) < count:
        pieces = [PIECES[place] for place in random.integers(0, len(PIECES), random.integers(1, 12))]
        anything = [chr(code) for code in random.integers(0, [128, 0x3100, 0xD800 + 0x900, 0x110000][len(texts) % 4], 6)]
        texts.append("".join(random.permutation(np.array(pieces + anything, dtype=object))))
    return texts


def test_ids_of_10000_hostile_strings(node, tmp_path):
    texts = hostile_texts(10_000)
    vocabulary = find_model("imdb-lstm") / "vocabulary.txt"
    (tmp_path / "texts.json").write_text(json.dumps(texts))
    node("tokens.mjs", vocabulary, tmp_path / "texts.json", tmp_path / "found.json")
    found = json.loads((tmp_path / "found.json").read_text())
    known = Vocabulary.load(vocabulary)
    assert len(found) == len(texts)
    for text, (words, ids) in zip(texts, found, strict=True):
        assert words == tokenize(as_utf16(text)) == tokenize(text), repr(text)
        assert ids == known.encode(text).tolist(), repr(text)
    assert sum(len(words) for words, _ in found) > 20_000


def as_utf16(text):
    """A high and a low surrogate that stand together are one character in JavaScript."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
