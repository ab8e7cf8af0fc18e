import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqzoo.data import Vocabulary, tokenize

TEXTS = ["the film was good", "The film was bad!", "a good a bad a film"]
WORDS = ("[PAD]", "[UNK]", "a", "film", "bad", "good", "the", "was", "!")  # counts 3 3 2 2 2 2 1


@pytest.fixture
def vocabulary():
    return Vocabulary.build(TEXTS, 100)


def test_build_orders_by_frequency_then_alphabet(vocabulary):
    assert vocabulary.words == WORDS
    assert len(vocabulary) == 9
    assert Vocabulary.build(iter(TEXTS), 5).words == WORDS[:5]
    assert Vocabulary.build(reversed(TEXTS), 5) == Vocabulary.build(TEXTS, 5)


def test_an_id_is_the_position_without_any_offset(vocabulary):
    ids = vocabulary.encode("The GOOD film, unheard of!")
    assert ids.dtype == np.int32
    assert ids.tolist() == [6, 5, 3, 1, 1, 8]
    assert vocabulary.decode(ids) == "the good film [UNK] [UNK] !"
    assert [vocabulary.words[i] for i in vocabulary.encode("a bad film")] == ["a", "bad", "film"]


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=())))
def test_round_trip(text):
    vocabulary = Vocabulary.build([text], 1000)
    ids = vocabulary.encode(text)
    assert vocabulary.decode(ids) == " ".join(tokenize(text))
    assert vocabulary.encode(vocabulary.decode(ids)).tolist() == ids.tolist()


def test_a_long_text_keeps_its_end(vocabulary):
    assert vocabulary.encode("the film was bad", max_tokens=2).tolist() == [7, 4]
    assert vocabulary.encode("bad", max_tokens=2).tolist() == [4]
    assert vocabulary.encode("", max_tokens=2).shape == (0,)


def test_a_batch_is_padded_on_the_right(vocabulary):
    ids = vocabulary.encode_batch(["a", "", "the film was bad"], max_tokens=3)
    assert ids.dtype == np.int32
    assert ids.tolist() == [[2, 0, 0], [0, 0, 0], [3, 7, 4]]
    assert vocabulary.encode_batch(["", ""]).tolist() == [[0], [0]]
    assert vocabulary.encode_batch([]).shape == (0, 1)
    assert vocabulary.decode(ids[0]) == "a"
    assert [row.tolist() for row in vocabulary.encode_list(["a", "", "bad"])] == [[2], [], [4]]


def test_items_other_than_str_are_refused(vocabulary):
    for texts, received in (
        (["a", None], "None of type NoneType at index 1"),
        ([b"a"], "b'a' of type bytes at index 0"),
    ):
        with pytest.raises(TypeError, match=f"must be a str .*Received: {received}$"):
            vocabulary.encode_batch(texts)
        with pytest.raises(TypeError, match=f"Received: {received}$"):
            Vocabulary.build(texts, 10)
    with pytest.raises(TypeError, match="Received: nan of type float at index 0$"):
        vocabulary.encode_batch([float("nan")])


@pytest.mark.parametrize("texts", ["good", b"good", None, 3, np.array("good")])
def test_a_single_text_has_to_be_wrapped(vocabulary, texts):
    with pytest.raises(TypeError, match=r"wrap a single text in a list: \[text\]\. Received: "):
        vocabulary.encode_batch(texts)


@pytest.mark.parametrize("value", [0, -1, 2.0, True, "3"])
def test_sizes_are_positive_integers(vocabulary, value):
    with pytest.raises(ValueError, match="max_tokens must be an integer of at least 1. Received: "):
        vocabulary.encode("a", max_tokens=value)
    with pytest.raises(ValueError, match="size must be an integer of at least 3. Received: "):
        Vocabulary.build(TEXTS, value)


@pytest.mark.parametrize("ids, message", [([9], "from 0 to 8"), ([-1], "from 0 to 8"), ([0.5], "float64"), ([[1]], r"\(1, 1\)")])
def test_decode_refuses_what_is_no_id(vocabulary, ids, message):
    with pytest.raises(ValueError, match=f"ids must be .*{message}.*"):
        vocabulary.decode(ids)


def test_save_and_load(vocabulary, tmp_path):
    vocabulary = Vocabulary.build([*TEXTS, "\u00e9t\u00e9 \u0130 rock'n'roll \u1680 \u597d"], 100)
    vocabulary.save(tmp_path / "vocabulary.txt")
    assert (tmp_path / "vocabulary.txt").read_bytes() == ("\n".join(vocabulary.words) + "\n").encode("utf-8")
    assert Vocabulary.load(tmp_path / "vocabulary.txt") == vocabulary
    assert hash(Vocabulary.load(tmp_path / "vocabulary.txt")) == hash(vocabulary)


def test_pairs_are_kept_beside_the_words_and_change_no_id(vocabulary, tmp_path):
    pairs = [[2, 3], [2, 4], [6, 3]]
    with_pairs = Vocabulary(vocabulary.words, pairs)
    assert with_pairs.bigrams.dtype == np.int32 and with_pairs.bigrams.tolist() == pairs
    assert vocabulary.bigrams.shape == (0, 2) and len(with_pairs) == len(vocabulary)
    assert repr(with_pairs) == "Vocabulary(9 entries, 3 pairs)" and repr(vocabulary) == "Vocabulary(9 entries)"
    for text in TEXTS:
        assert with_pairs.encode(text).tolist() == vocabulary.encode(text).tolist()
    with_pairs.save(tmp_path / "vocabulary.txt")
    lines = (tmp_path / "vocabulary.txt").read_text().splitlines()
    assert lines == [*vocabulary.words, "a film", "a bad", "the film"]
    again = Vocabulary.load(tmp_path / "vocabulary.txt")
    assert again == with_pairs and hash(again) == hash(with_pairs)
    assert with_pairs != vocabulary and with_pairs != Vocabulary(vocabulary.words, pairs[:2])
    with pytest.raises(ValueError, match="read-only"):
        with_pairs.bigrams[0, 0] = 5


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([[2, 9]], "ids of words, from 2 to 8. Received: values from 2 to 9"),
        ([[1, 3]], "ids of words, from 2 to 8. Received: values from 1 to 3"),
        ([[3, 2], [2, 3]], r"rising order .* Received: \[2, 3\] after \[3, 2\]"),
        ([[2, 3], [2, 3]], r"each once. Received: \[2, 3\] after \[2, 3\]"),
    ],
)
def test_pairs_that_are_not_valid(vocabulary, pairs, message):
    with pytest.raises(ValueError, match=message):
        Vocabulary(vocabulary.words, pairs)


def test_a_failing_save_leaves_the_old_file_whole(vocabulary, tmp_path, monkeypatch):
    path = tmp_path / "vocabulary.txt"
    vocabulary.save(path)
    before = path.read_bytes()
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("No space left on device")))
    with pytest.raises(OSError, match="No space left"):
        Vocabulary.build(["other words"], 10).save(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["vocabulary.txt"]


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", r"begins with the entries \[PAD\] and \[UNK\]"),
        (b"the\nfilm\n", r"begins with the entries \[PAD\] and \[UNK\].*'the', 'film'"),
        (b"[UNK]\n[PAD]\nthe\n", "begins with"),
        (b"[PAD]\n[UNK]\nthe\nfilm\nthe\n", "only once.*'the' as entries 2 and 4"),
        (b"[PAD]\n[UNK]\n[PAD]\n", "one word as the tokeniser yields it.*'.PAD.' as entry 2"),
        (b"[PAD]\n[UNK]\nthe\n\nfilm\n", "not empty.*'' as entry 3, on line 4"),
        (b"[PAD]\n[UNK]\nthe\n\n", "not empty.*'' as entry 3, on line 4"),
        (b"[PAD]\n[UNK]\nThe\n", "one word as the tokeniser yields it.*'The'"),
        (b"[PAD]\n[UNK]\ntwo words\n", "two of these words.*'two words' on line 3"),
        (b"[PAD]\n[UNK]\nthe\nfilm\nthe film\nwords\n", "two of these words.*'words' on line 6"),
        (b"[PAD]\n[UNK]\nthe\nfilm\nthe the film\n", "two of these words.*'the the film' on line 5"),
        (b"[PAD]\n[UNK]\nthe\nfilm\nthe  film\n", "two of these words.*'the  film' on line 5"),
        (b"[PAD]\n[UNK]\nthe\nfilm\nfilm the\nthe film\n", r"rising order .*Received: \[2, 3\] after \[3, 2\]"),
        (b"[PAD]\n[UNK]\nthe\n[UNK] the\n", "ids of words, from 2 to 2. Received: values from 1 to 2"),
        (b"[PAD]\n[UNK]\nthe\r\nfilm\r\n", r"one word as the tokeniser yields it.*'the\\r'"),
        (b"[PAD]\n[UNK]\ncaf\xe9\n", "UTF-8"),
    ],
)
def test_a_broken_file_is_refused_by_name(tmp_path, content, message):
    (tmp_path / "vocabulary.txt").write_bytes(content)
    with pytest.raises(ValueError, match=rf"(?s)vocabulary\.txt is not a vocabulary file .*{message}"):
        Vocabulary.load(tmp_path / "vocabulary.txt")


def test_a_missing_file_is_an_ordinary_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        Vocabulary.load(tmp_path / "vocabulary.txt")


def test_words_that_are_not_str_are_refused():
    with pytest.raises(ValueError, match="Received: 3 as entry 2"):
        Vocabulary(["[PAD]", "[UNK]", 3])
