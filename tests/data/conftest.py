import pytest

HOSTILE_TEXTS = {
    "empty": "",
    "white space": " \t\r\n\x0b\x0c\u2028\u2029\u3000 ",
    "plain": "It's a GREAT film, isn't it? Yes!!",
    "100,000 words": "not bad at all! " * 25_000,
    "one word of 100,000 letters": "a" * 100_000,
    "a word of 50,000 parts": "a'" * 50_000,
    "emoji": "\U0001f600great\U0001f468\u200d\U0001f469\u200d\U0001f467film \u2764\ufe0f",
    "accents composed": "\u00e9t\u00e9 caf\u00e9 na\u00efve \u00c9COLE \u00c5\u00e5",
    "accents decomposed": "e\u0301te\u0301 cafe\u0301 nai\u0308ve E\u0301COLE A\u030aa\u030a",
    "HTML": "good<br /><br/>bad<BR>so<br >so<b>bold</b><br\t/>x &amp; <!-- no --> <br<br>/>",
    "NUL": "good\x00film\x00\x00 bad\x00",
    "control characters": "".join(map(chr, range(32))) + "a\x7fb",
    "lone surrogates": "good\ud800film \udfffbad\udbff",
    "surrogates in pairs": "a\ud83d\ude00b",
    "right to left": "\u05e1\u05e8\u05d8 \u05d8\u05d5\u05d1! \u0641\u064a\u0644\u0645\u061f \u202ebad\u202c",
    "smart quotes": "it\u2019s \u2018not\u2019 \u201cgood\u201d don`t don\u00b4t rock\u02bcn\u2032roll",
    "U+0085, U+00A0, the bytes 85 and A0": "a\u0085b\u00a0c \u00c5\u00e0 v\u00e0 \u0105\u0120 \u4f60\u5160",
    "Turkish i": "\u0130stanbul I\u0131 DI\u015e \u0130yi",
    "CJK": "\u5f88\u597d\u7684\u7535\u5f71\u3002\u3059\u3070\uff01 \uc88b\uc740 \uc601\ud654 \U00020000",
    "apostrophes": "'tis rock'n'roll o'' ''a''b' ' '' x'!'y dogs' a'\u00e9'9",
    "range borders": " ".join(f"a{chr(code + step)}b" for code in (0xC0, 0x1FFF, 0x3040, 0xD7FF) for step in (-1, 0, 1)),
    "other planes and noncharacters": "a\ue000b\ufeffc\ufffdd\uffffe\U0001d4d0f\U0010ffffg",
    "markers of the vocabulary": "[PAD] [UNK] pad unk",
    "case folding traps": "\u1e9e \u00df \ufb01 \u212a \u0391\u03a3 \u01c5 STRASSE",
}


@pytest.fixture(scope="session")
def hostile_texts():
    """Texts on which a careless tokeniser goes wrong, by name."""
    return HOSTILE_TEXTS


@pytest.fixture(scope="session")
def hostile_vocabulary():
    """A vocabulary of half the words of the hostile texts, so that both known and unknown ones occur."""
    from seqzoo.data import Vocabulary, tokenize

    words = sorted({word for text in HOSTILE_TEXTS.values() for word in tokenize(text)})
    return Vocabulary(["[PAD]", "[UNK]", *words[::2]])
