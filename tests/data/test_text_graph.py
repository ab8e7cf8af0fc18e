import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from seqzoo.data import GraphTokenizer, Vocabulary, load_reviews, tokenize
from seqzoo.data.tokenizer import clean

ALPHABET = "abZ09!?'\u2019` <br/>.\x00\x85\xa0\u00c0\u0130\u0301\u1fff\u2000\u303f\u3040\ud7ff\ud800\ue000\U0001f600"
ANY_TEXT = st.text(st.characters(exclude_categories=())) | st.text(ALPHABET)


def as_graph(tokenizer):
    return tf.function(tokenizer.__call__, input_signature=[tf.TensorSpec([None], tf.string)])


def as_tensor(texts):
    return tf.constant([clean(text) for text in texts], tf.string, shape=[len(texts)])


def words_in_graph(texts):
    return [[word.decode("utf-8") for word in words] for words in GraphTokenizer.split(texts).to_list()]


@pytest.fixture(scope="module")
def small():
    """A vocabulary and its tokeniser as a graph, traced once."""
    vocabulary = Vocabulary(["[PAD]", "[UNK]", "a", "b", "ab", "!", "?", "a'b", "\u00c0", "aa", "z", "0"])
    return vocabulary, as_graph(GraphTokenizer(vocabulary, max_tokens=4))


@pytest.mark.parametrize("max_tokens", [None, 1, 7, 200_000])
def test_hostile_texts_get_the_ids_of_the_python_form(hostile_texts, hostile_vocabulary, max_tokens):
    texts = list(hostile_texts.values())
    expected = hostile_vocabulary.encode_batch(texts, max_tokens)
    tokenizer = GraphTokenizer(hostile_vocabulary, max_tokens)
    for ids in (tokenizer(texts), tokenizer(as_tensor(texts)), as_graph(tokenizer)(as_tensor(texts))):
        assert ids.dtype == tf.int32
        for name, got, wanted in zip(hostile_texts, ids.numpy(), expected, strict=True):
            np.testing.assert_array_equal(got, wanted, err_msg=name)


def test_each_hostile_text_alone_has_the_same_shape(hostile_texts, hostile_vocabulary):
    tokenizer = as_graph(GraphTokenizer(hostile_vocabulary, 50))
    for name, text in hostile_texts.items():
        np.testing.assert_array_equal(tokenizer(as_tensor([text])), hostile_vocabulary.encode_batch([text], 50), err_msg=name)


@settings(deadline=None, max_examples=50)
@given(st.lists(ANY_TEXT, max_size=4))
def test_any_text_gets_the_ids_of_the_python_form(small, texts):
    vocabulary, tokenizer = small
    np.testing.assert_array_equal(tokenizer(as_tensor(texts)), vocabulary.encode_batch(texts, max_tokens=4))


@settings(deadline=None, max_examples=50)
@given(ANY_TEXT)
def test_any_text_has_the_words_of_the_python_form(text):
    assert words_in_graph(as_tensor([text])) == [tokenize(text)]


@settings(deadline=None, max_examples=50)
@given(st.binary() | st.lists(st.sampled_from([b"a", b"\xc3", b"\xa0", b"\xe2\x82", b"\xf0\x9f", b"'"])).map(b"".join))
def test_bytes_that_are_not_utf8_separate_words(text):
    assert words_in_graph(tf.constant([text])) == [tokenize(text.decode("utf-8", errors="replace"))]


@pytest.mark.parametrize(
    "text, words",
    [
        (b"good\xfffilm\x80bad", ["good", "film", "bad"]),
        (b"caf\xe9 good", ["caf", "good"]),  # Latin-1
        (b"good\xed\xa0\x80film", ["good", "film"]),  # a surrogate, encoded
        (b"good\xc0\xaffilm", ["good", "film"]),  # an overlong form
        (b"good\xf4\x90\x80\x80film", ["good", "film"]),  # beyond U+10FFFF
        (b"film\xe2\x82", ["film"]),  # cut off
    ],
)
def test_kinds_of_invalid_utf8(text, words):
    assert words_in_graph(tf.constant([text])) == [words]


def test_a_batch_may_be_empty(small):
    assert small[1](tf.constant([], tf.string)).shape == (0, 1)
    assert GraphTokenizer(small[0])([]).shape == (0, 1)


def test_a_saved_model_carries_the_vocabulary(hostile_texts, hostile_vocabulary, tmp_path):
    module = tf.Module()
    module.tokenizer = GraphTokenizer(hostile_vocabulary, 30)
    module.encode = as_graph(module.tokenizer)
    tf.saved_model.save(module, str(tmp_path / "saved"))
    texts = list(hostile_texts.values())
    ids = tf.saved_model.load(str(tmp_path / "saved")).encode(as_tensor(texts))
    np.testing.assert_array_equal(ids, hostile_vocabulary.encode_batch(texts, 30))


def test_bad_arguments(small):
    vocabulary, _ = small
    with pytest.raises(TypeError, match=r"must be a Vocabulary\. Received: type list"):
        GraphTokenizer(["[PAD]", "[UNK]"], 3)
    with pytest.raises(ValueError, match=r"max_tokens must be an integer of at least 1\. Received: 0"):
        GraphTokenizer(vocabulary, 0)
    with pytest.raises(TypeError, match="Received: None of type NoneType at index 1"):
        GraphTokenizer(vocabulary)(["a", None])


@pytest.mark.slow  # what is hostile about texts is above
def test_imdb_reviews_get_the_ids_of_the_python_form(imdb_data_dir):
    reviews = load_reviews("imdb", data_dir=imdb_data_dir, validation=0)
    texts = reviews.train.texts + reviews.test.texts
    assert len(texts) == 50_000
    vocabulary = Vocabulary.build(reviews.train.texts[::5], 20_000)
    # Whole batches of 500: every sixteenth as it is, every fiftieth also cut to its last 100 words.
    for max_tokens, step in ((None, 16), (100, 50)):
        batches = [texts[start : start + 500] for start in range(0, len(texts), 500 * step)]
        data = tf.data.Dataset.from_tensor_slices(sum(batches, [])).batch(500)
        data = data.map(GraphTokenizer(vocabulary, max_tokens), num_parallel_calls=2)
        for batch, ids in zip(batches, data.as_numpy_iterator(), strict=True):
            np.testing.assert_array_equal(ids, vocabulary.encode_batch(batch, max_tokens))
