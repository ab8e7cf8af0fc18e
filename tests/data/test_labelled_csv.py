import csv

import pytest

from seqzoo.data.labelled_csv import read_labelled


def write(path, rows, header=("text", "label"), encoding="utf-8"):
    with open(path, "w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def rows(labels, count=30):
    return [[f"text {n}", labels[n % len(labels)]] for n in range(count)]


def test_texts_labels_and_classes(tmp_path):
    found = read_labelled(write(tmp_path / "a.csv", rows(["10", "9", "-1"])))
    assert found.classes == ("-1", "9", "10")  # as numbers
    assert found.labels[:4].tolist() == [2, 1, 0, 2]
    assert found.texts[3] == "text 3" and not found.left_out


def test_rows_without_text_or_label_are_left_out_and_named(tmp_path):
    path = write(tmp_path / "a.csv", [["", "x"], *rows(["x", "y"]), ["text", " "], ["short row"]])
    found = read_labelled(path)
    assert len(found.texts) == 30
    assert found.left_out == {"no text": [2], "no label": [33, 34]}


def test_classes_given(tmp_path):
    path = write(tmp_path / "a.csv", rows(["y", "x"], 4))
    assert read_labelled(path, classes=("y", "z", "x")).labels.tolist() == [0, 2, 0, 2]
    with pytest.raises(ValueError, match="must be a, x. Received: y"):
        read_labelled(path, classes=("a", "x"))


def test_encodings(tmp_path):
    path = write(tmp_path / "a.csv", [["caf\u00e9", "x"], *rows(["x", "y"])], encoding="latin-1")
    assert read_labelled(path, encoding="latin-1").texts[0] == "caf\u00e9"
    with pytest.raises(ValueError, match="must be text in the encoding utf-8; another, such as latin-1, .*Received: "):
        read_labelled(path)
    with pytest.raises(ValueError, match="that Python knows, such as utf-8. Received: klingon"):
        read_labelled(path, encoding="klingon")


BAD = {
    "missing column": (rows(["x", "y"]), {"label": "stars"}, "must be one of text, label, .*--labels label. Received: stars"),
    "one class": (rows(["x"]), {}, "two or more classes. Received: 'x' alone"),
    "mixed types": (rows(["1", "good"]), {}, "all be numbers or all be words. Received: numbers such as 1 beside 'good'"),
    "too few": (rows(["x", "y"], 19), {}, "at least 20 rows .*Received: 19 and 0 without"),
    "only empty": ([["", "x"]] * 40, {}, "at least 20 rows .*Received: 0 and 40 without"),
    "a class once": ([*rows(["x", "y"]), ["text", "z"]], {}, "twice or more. Received: 1 of 3 only once, such as 'z'"),
    "a long cell": ([*rows(["x", "y"]), ["a " * 600_000, "x"]], {}, "at most 1,000,000 .*Received: 1,199,999 in row 32"),
    "a huge cell": ([*rows(["x", "y"]), ["a " * 9_000_000, "x"]], {}, "at most 16,000,000 .*in the row that begins in line 32"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files(tmp_path, case):
    given, options, message = BAD[case]
    with pytest.raises(ValueError, match=message):
        read_labelled(write(tmp_path / "a.csv", given), **options)


def test_no_file_and_an_empty_one(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_labelled(tmp_path / "none.csv")
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(ValueError, match="a header and rows. Received: an empty file"):
        read_labelled(tmp_path / "empty.csv")
