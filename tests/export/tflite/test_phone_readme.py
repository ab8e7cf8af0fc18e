"""The README's phone snippets that can be run here."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from seqzoo.data.tokenizer import tokenize
from tests import tiny

README = Path(__file__).resolve().parents[3] / "README.md"


def test_javascript_encodes_as_python_does():
    if shutil.which("node") is None:
        pytest.skip("needs node")
    snippet = README.read_text(encoding="utf-8").split("```js\n")[1].split("await loadLiteRt")[0]
    texts = [text for text in tiny.TEXTS + tiny.HOSTILE if "\ud800" not in text] + [
        "\u0130stanbul \u212a",
        "x" * 400 + " don\u2019t",
    ]
    ids = {
        word: place + 2
        for place, word in enumerate(sorted({w for text in texts for w in tokenize(text)})[::2])
    }
    program = snippet + (
        "const given = JSON.parse(require('fs').readFileSync(0)); const ids = new "
        "Map(Object.entries(given.ids));"
        "console.log(JSON.stringify(given.texts.map((text) => Array.from(encode(text, ids, 20)))))"
    )
    given = json.dumps({"texts": texts, "ids": ids})
    child = subprocess.run(["node", "-e", program], input=given, capture_output=True, text=True, timeout=60)
    assert child.returncode == 0, child.stderr
    expected = [([ids.get(word, 1) for word in tokenize(text)][-20:] + [0] * 20)[:20] for text in texts]
    assert json.loads(child.stdout) == expected
