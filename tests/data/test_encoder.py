"""Many texts at once get the ids that each gets by itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqzoo.data import vocabulary as vocabularies
from seqzoo.data.encoder import Encoder
from seqzoo.data.vocabulary import Vocabulary

LENGTHS = ["eightabc", "sixteenletters16", "seventeenletters1", "twentythreelettersabcde", "a" * 40]
WORDS = ["it's", "a", "b1", "!", "?", "br", "x" * 9, "rock'n'roll", "caf\u00e9", *LENGTHS]
VOCABULARY = Vocabulary(["[PAD]", "[UNK]", *WORDS])
PIECES = [*WORDS, "It's", "B", "'", "''", "`", "<br />", "<BR>", "<br/>", "<br", ">", " ", "\n", "\0", ".", "unknown", "x" * 8]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(PIECES) | st.text(max_size=2), max_size=9).map("".join), max_size=9),
    st.none() | st.integers(1, 5),
)
def test_together_as_one_by_one(texts, max_tokens):
    texts = [text for text in texts if text.isascii()] + ["", "it's a"]
    received = Encoder(VOCABULARY._ids)(texts, max_tokens)
    assert [ids.tolist() for ids in received] == [VOCABULARY.encode(text, max_tokens).tolist() for text in texts]
    assert all(ids.dtype == np.int32 for ids in received)


def test_words_that_meet_in_the_table_are_told_apart():
    words = [f"{a}{b}{number}" for a in "abcdefgh" for b in ("x", "verylongword") for number in range(200)]
    vocabulary = Vocabulary(["[PAD]", "[UNK]", *words])
    encoder = Encoder(vocabulary._ids)
    assert encoder._probes > 1
    assert np.concatenate(encoder(words)).tolist() == list(range(2, len(words) + 2))
    others = [word + "y" for word in words] + [word[:-1] + "z" for word in words]
    assert set(np.concatenate(encoder(others)).tolist()) == {1}


def test_a_long_list_is_encoded_so_and_in_groups(monkeypatch):
    texts = [" ".join(PIECES[k % len(PIECES) :]) for k in range(100)]
    expected = [VOCABULARY.encode(text, 7).tolist() for text in texts]
    monkeypatch.setattr(vocabularies, "CHARACTERS", 300)
    calls = []

    class Spy(Encoder):
        def __call__(self, texts, max_tokens):
            calls.append(len(texts))
            return super().__call__(texts, max_tokens)

    monkeypatch.setattr(vocabularies, "Encoder", Spy)
    again = Vocabulary(VOCABULARY.words)
    assert [ids.tolist() for ids in again.encode_list(texts, 7)] == expected
    assert len(calls) > 5 and sum(calls) == sum(text.isascii() for text in texts) < 100
    with pytest.raises(ValueError, match="max_tokens must be an integer of at least 1. Received: 0"):
        again.encode_list(texts, 0)


def test_an_empty_vocabulary_knows_no_word():
    assert [ids.tolist() for ids in Encoder({"[PAD]": 0, "[UNK]": 1})(["", "a !", "'"])] == [[], [1, 1], []]
