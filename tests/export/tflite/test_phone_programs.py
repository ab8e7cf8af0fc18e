"""The phone programs of docs/phone.md and docs/speech.md, as far as they can be run or compiled here."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from seqzoo.data.tokenizer import tokenize
from tests import tiny

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE = "".join((DOCS / name).read_text(encoding="utf-8") for name in ("phone.md", "speech.md"))
DECLARATIONS = Path(__file__).with_name("tflite_declarations.h")
TEXTS = [
    *(text for text in tiny.TEXTS + tiny.HOSTILE if "\ud800" not in text),
    "\u0130stanbul \u212a \u00c0\u1fff\u2000\u303f\u3040\ud7ff\ue000 \u00bf\u00d7",
    "x" * 400 + " don\u2019t rock'n'roll ' '' a'b' <br ><br  /><br/ >",
]


def snippet(language, holds=""):
    return next(part.split("```")[0] for part in PAGE.split(f"```{language}\n")[1:] if holds in part.split("```")[0])


def tool(name):
    if shutil.which(name) is None:
        pytest.skip(f"needs {name}")
    return name


def run(command, given=""):
    child = subprocess.run(command, input=given, capture_output=True, text=True, timeout=120, encoding="utf-8")
    assert child.returncode == 0, child.stderr
    return child.stdout


def test_javascript_encodes_as_python_does():
    program = snippet("js").split("await loadLiteRt")[0]
    ids = {word: place + 2 for place, word in enumerate(sorted({w for text in TEXTS for w in tokenize(text)})[::2])}
    program += (
        "const given = JSON.parse(require('fs').readFileSync(0)); const ids = new "
        "Map(Object.entries(given.ids));"
        "console.log(JSON.stringify(given.texts.map((text) => Array.from(encode(text, ids, 20)))))"
    )
    found = run([tool("node"), "-e", program], json.dumps({"texts": TEXTS, "ids": ids}))
    expected = [([ids.get(word, 1) for word in tokenize(text)][-20:] + [0] * 20)[:20] for text in TEXTS]
    assert json.loads(found) == expected


def test_kotlins_regular_expressions_find_the_same_words(tmp_path):
    """Kotlin's Regex is Java's Pattern, and its escapes in strings are Java's."""
    java, source = tool("java"), snippet("kotlin")
    letters = re.search(r'letters = (".*")', source)[1]
    word = re.search(r'word = Regex\((".*")\)', source)[1].replace("$letters", '" + letters + "')
    marks, line_break = re.search(r'replace\(Regex\((".*?")\), "\'"\)\.replace\(Regex\((".*?")\), " "\)', source).groups()
    program = f"""
import java.nio.charset.StandardCharsets;
public class Words {{
  public static void main(String[] given) throws Exception {{
    String letters = {letters};
    var word = java.util.regex.Pattern.compile({word});
    for (String hex : new String(System.in.readAllBytes(), StandardCharsets.US_ASCII).split("\\n", -1)) {{
      String text = new String(java.util.HexFormat.of().parseHex(hex), StandardCharsets.UTF_8);
      var lower = new StringBuilder();
      for (char c : text.toCharArray()) lower.append(c >= 'A' && c <= 'Z' ? (char) (c + 32) : c);
      String clean = lower.toString().replaceAll({marks}, "'").replaceAll({line_break}, " ");
      var found = new StringBuilder();
      word.matcher(clean).results().forEach(m -> found.append(m.group()).append(' '));
      System.out.println(java.util.HexFormat.of().formatHex(found.toString().getBytes(StandardCharsets.UTF_8)));
    }}
  }}
}}"""
    (tmp_path / "Words.java").write_text(program, encoding="ascii")
    given = "\n".join(text.encode().hex() for text in TEXTS)
    found = run([java, str(tmp_path / "Words.java")], given).splitlines()
    assert [bytes.fromhex(line).decode().split() for line in found] == [tokenize(text) for text in TEXTS]


def test_swifts_regular_expressions_find_the_same_words():
    """Swift's are ICU's, which reads these patterns as Python does."""
    source = snippet("swift")
    letters = re.search(r'letters = "(.*)"', source)[1].replace("\\\\", "\\")
    word = re.search(r'pattern: "(.*)"\)', source)[1].replace("\\(letters)", letters)
    marks = [chr(int(mark, 16)) for mark in re.findall(r'"\\u\{(\w+)\}"', source)]
    line_break = re.search(r'of: "(<br.*?)"', source)[1]
    for text in TEXTS:
        clean = re.sub("[A-Z]", lambda letter: letter[0].lower(), text)
        for mark in marks:
            clean = clean.replace(mark, "'")
        assert re.findall(word, re.sub(line_break, " ", clean)) == tokenize(text)


@pytest.mark.parametrize(
    ("holds", "before"),
    [
        ("class Sentiment", ""),
        (
            "MicroInterpreter",
            "extern const unsigned char imdb_tflite[];\ntflite::MicroOpResolver resolver;\nconstexpr int kTimeSteps = 800;\n",
        ),
        ("inputs_size", "extern const unsigned char digits_tflite[];\ntflite::MicroOpResolver resolver;\n"),
    ],
)
def test_cpp_fits_the_declarations(tmp_path, holds, before):
    source = f'#include "{DECLARATIONS}"\n{before}{snippet("cpp", holds)}'
    (tmp_path / "program.cpp").write_text(source, encoding="utf-8")
    command = [tool("g++"), "-std=c++17", "-Wall", "-Werror", "-fsyntax-only", str(tmp_path / "program.cpp")]
    run(command)
    wrong = source.replace("Invoke()", "Run()")  # the declarations do say something
    (tmp_path / "program.cpp").write_text(wrong, encoding="utf-8")
    assert subprocess.run(command, capture_output=True).returncode != 0
