"""The labelled texts that `recipes.opinions.train` learns from, as they lie in a folder; their terms are in its card.

```
sst/{train,dev,test}.txt             Stanford Sentiment Treebank (Socher et al. 2013): trees, every phrase labelled 0..4
pros_cons.csv                        short pros and cons of products (Liu 2004), columns text, label
product_sentences.csv                sentences about products (Hu & Liu 2004; Ding, Liu & Yu 2008), columns text, label
counterfactual_{train,dev}.csv       reviews and the least edit that turns them (Kaushik et al. 2020): text, label, kind
```
"""

import csv
import re
from pathlib import Path

from seqzoo.data.reviews import DataNotFoundError

GRADES = (0.02, 0.2, 0.5, 0.8, 0.98)  # what a treebank's grade says of the probability of positive
_BRACKETS = {"-LRB-": "(", "-RRB-": ")", "-lrb-": "(", "-rrb-": ")", "``": '"', "''": '"', "\\/": "/"}
_PARTS = re.compile(r" (n't|'(?:s|re|ve|ll|d|m))(?![\w'])", re.I)


def plain(words):
    """The text of a treebank's tokens: "is n't" is "isn't" again; what begins with a part of a word loses or mends it."""
    text = " ".join(_BRACKETS.get(word, word).replace("\\/", "/") for word in words)
    text = _PARTS.sub(r"\1", text)
    if text.lower().startswith("n't"):
        return "not" + text[3:]
    return re.sub(r"^'(s|re|ve|ll|d|m)\b ?", "", text)


def read_trees(path):
    """The phrases of each tree of a file: a list of lists of (text, grade 0..4), the whole sentence first."""
    return [list(_phrases(line)) for line in _lines(path)]


def _phrases(line):
    found, open_ones, words = [], [], []
    for piece in re.findall(r"\(\d|\)|[^\s()]+", line):
        if piece.startswith("(") and len(piece) == 2:
            open_ones.append((len(found), int(piece[1]), len(words)))
            found.append(None)
        elif piece == ")":
            place, grade, start = open_ones.pop()
            found[place] = (plain(words[start:]), grade)
        else:
            words.append(piece)
    return found


def read_rows(path):
    """Columns of a CSV file with a header: a list of dicts."""
    with _open(path) as file:
        return list(csv.DictReader(file))


def read_labelled(path):
    """(texts, labels) of a file with columns `text` and `label`; what stands there with both labels is left out."""
    rows = {}
    for row in read_rows(path):
        rows.setdefault(plain(row["text"].split(" ")), set()).add(int(row["label"]))
    return [text for text, labels in rows.items() if len(labels) == 1], [min(of) for of in rows.values() if len(of) == 1]


def _lines(path):
    with _open(path) as file:
        return [line for line in file.read().split("\n") if line.strip()]


def _open(path):
    path = Path(path)
    if not path.is_file():
        raise DataNotFoundError(
            f"A folder with sst/, pros_cons.csv, product_sentences.csv and counterfactual_*.csv is needed. Received: no {path}"
        )
    return path.open(encoding="utf-8", newline="")
