import json
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqzoo.data.tokenizer import RULES, clean, tokenize

ANY_TEXT = st.text(st.characters(exclude_categories=()))  # surrogates too
TRICKY_TEXT = st.text("abZ09!?'\u2019`\u00b4 <br/>.\x00\x85\xa0\u00c0\u0130\u1fff\u2000\u303f\u3040\ud7ff\ud800\ue000\U0001f600")


def is_letter(character):
    return (
        "a" <= character <= "z"
        or "0" <= character <= "9"
        or 0xC0 <= ord(character) <= 0x1FFF
        or 0x3040 <= ord(character) <= 0xD7FF
    )


def tokenize_by_hand(text):
    """The rules without a regular expression."""
    text = "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)
    for mark in ("<br />", "<br/>", "<br>"):
        text = text.replace(mark, " ")
    for mark in "\u2019\u0060\u00b4":
        text = text.replace(mark, "'")
    words, word = [], ""
    for position, character in enumerate(text):
        following = text[position + 1 : position + 2]
        joins = character == "'" and word and following and is_letter(following)
        if is_letter(character) or joins:
            word += character
            continue
        words += [word] if word else []
        word = ""
        words += [character] if character in "!?" else []
    return words + ([word] if word else [])


@pytest.mark.parametrize(
    "text, words",
    [
        (
            "It's a GREAT film, isn't it? Yes!!",
            ["it's", "a", "great", "film", "isn't", "it", "?", "yes", "!", "!"],
        ),
        ("good<br /><br />bad<BR>ugly<br/>end", ["good", "bad", "ugly", "end"]),
        ("don\u2019t don`t don\u00b4t", ["don't"] * 3),
        ("'tis rock'n'roll, dogs' 'x'", ["tis", "rock'n'roll", "dogs", "x"]),
        ("7/10 for $3.50", ["7", "10", "for", "3", "50"]),
        ("caf\u00e9 CAF\u00c9 cafe\u0301", ["caf\u00e9", "caf\u00c9", "cafe\u0301"]),
        ("\u0130I\u0131", ["\u0130i\u0131"]),
        ("good\ud800film\x00bad\U0001f600\ufffdend", ["good", "film", "bad", "end"]),
        (" \u00a0\u0085\t...--", []),
    ],
)
def test_rules_by_example(text, words):
    assert tokenize(text) == words


def test_hostile_texts_follow_the_rules(hostile_texts):
    for name, text in hostile_texts.items():
        assert tokenize(text) == tokenize_by_hand(text), name


@settings(deadline=None, max_examples=300)
@given(ANY_TEXT | TRICKY_TEXT)
def test_any_text_follows_the_rules(text):
    assert tokenize(text) == tokenize_by_hand(text)


@settings(deadline=None, max_examples=300)
@given(ANY_TEXT | TRICKY_TEXT)
def test_words_joined_by_spaces_are_the_same_words(text):
    words = tokenize(text)
    assert tokenize(" ".join(words)) == words


@settings(deadline=None, max_examples=300)
@given(ANY_TEXT | TRICKY_TEXT)
def test_cleaned_text_is_valid_unicode_with_the_same_words(text):
    assert tokenize(clean(text).encode("utf-8").decode("utf-8")) == tokenize(text)


@pytest.mark.parametrize("text", [None, b"good", 3, ["good"]])
def test_anything_but_a_str_is_refused(text):
    with pytest.raises(TypeError, match=r"must be a str .*Received: .*" + type(text).__name__):
        tokenize(text)


# The rules as somebody would write them who has only RULES: ten lines.
JAVASCRIPT = r"""
const [entries, texts, maxTokens] = JSON.parse(require("fs").readFileSync(0));
const ids = new Map(entries.map((word, id) => [word, id]));
const W = "[a-z0-9\\u00C0-\\u1FFF\\u3040-\\uD7FF]+";
function encode(text) {
  text = text.replace(/[A-Z]/g, letter => letter.toLowerCase());
  text = text.replace(/<br>|<br\/>|<br \/>/g, " ").replace(/[\u2019\u0060\u00B4]/g, "'");
  const words = text.match(new RegExp(`${W}(?:'${W})*|[!?]`, "g")) || [];
  return words.slice(-maxTokens).map(word => ids.get(word) ?? 1);
}
process.stdout.write(JSON.stringify(texts.map(encode)));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_ten_lines_of_javascript_give_the_same_ids(hostile_texts, hostile_vocabulary):
    assert len(JAVASCRIPT.strip().splitlines()) == 10
    texts = [*hostile_texts.values(), RULES]
    request = json.dumps([hostile_vocabulary.words, texts, 99_000])  # ASCII: lone surrogates travel as \ud800
    run = subprocess.run(["node", "-e", JAVASCRIPT], input=request, capture_output=True, encoding="utf-8", timeout=60)
    assert run.returncode == 0, run.stderr
    expected = [hostile_vocabulary.encode(text, max_tokens=99_000).tolist() for text in texts]
    for name, got, wanted in zip([*hostile_texts, "RULES"], json.loads(run.stdout), expected, strict=True):
        assert got == wanted, name
