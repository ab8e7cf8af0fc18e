"""The page's colours can be told apart: contrast as WCAG 2.2 counts it, light and dark; nothing moves for those who ask that."""

import re
from importlib import resources

import pytest

STYLE = resources.files("seqzoo.page").joinpath("static/style.css").read_text("utf-8")
TEXT, LARGE = 4.5, 3.0  # 1.4.3 for text, 1.4.11 for lines, outlines and parts of pictures


def colours(selector):
    block = STYLE[STYLE.index(selector + " {") :].split("}", 1)[0]
    found = dict(re.findall(r"--([\w-]+): ([^;]+);", block))
    return {name: rgb(value) for name, value in found.items() if rgb(value)}


def rgb(value):
    if match := re.fullmatch(r"#(..)(..)(..)", value):
        return [int(part, 16) for part in match.groups()]
    if match := re.match(r"(?:rgb\()?(\d+) (\d+) (\d+)", value):
        return [int(part) for part in match.groups()]
    return None


def luminance(colour):
    parts = [value / 255 for value in colour]
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(first, second):
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def over(above, below, share):
    return [share * a + (1 - share) * b for a, b in zip(above, below, strict=True)]


def test_the_ratio_is_the_standards():
    assert contrast([0, 0, 0], [255, 255, 255]) == pytest.approx(21)
    assert contrast([119, 119, 119], [255, 255, 255]) == pytest.approx(4.48, abs=0.005)  # a grey that just fails


@pytest.fixture(params=["light", "dark"])
def scheme(request):
    found = colours(":root")
    return found if request.param == "light" else found | colours(':root[data-theme="dark"]')


def test_texts_stand_out(scheme):
    for ground in ("page", "card"):
        for name in ("ink", "quiet", "accent", "lstm", "rnn", "gru", "one", "two", "three", "wrong"):
            assert contrast(scheme[name], scheme[ground]) >= TEXT, (name, ground)
    assert contrast(scheme["page"], scheme["accent"]) >= TEXT  # a button's text
    assert contrast(scheme["page"], scheme["ink"]) >= TEXT  # the line at the pointer


def test_a_word_stands_out_from_its_tint(scheme):
    strongest = 0.6  # texttab.js
    for name in ("up", "down"):
        assert contrast(scheme["ink"], over(scheme[name], scheme["card"], strongest)) >= TEXT, name


def test_outlines_and_bars_stand_out(scheme):
    for name in ("accent", "bar", "control"):
        for ground in ("page", "card"):
            assert contrast(scheme[name], scheme[ground]) >= LARGE, (name, ground)


def test_nothing_moves_where_a_reader_asks_for_that():
    reduced = STYLE[STYLE.index("prefers-reduced-motion: reduce") :]
    assert "transition: none !important" in reduced.split("\n")[0]
    assert "animation" not in STYLE
