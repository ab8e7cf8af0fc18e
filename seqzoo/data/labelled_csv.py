"""Labelled texts from anybody's CSV file."""

from typing import NamedTuple

import numpy as np

from seqzoo.data.csv_lines import check_columns, csv_rows

FEWEST = 20
LONGEST = 1_000_000  # characters; a longer cell is an accident, a quote that was not closed or a file in a cell


class LabelledTexts(NamedTuple):
    """Texts and their classes."""

    texts: list  # of str
    labels: np.ndarray  # int32 [n], positions in `classes`
    classes: tuple  # of str: sorted, as numbers where all are
    left_out: dict  # why -> line numbers of the rows that were not taken


def read_labelled(path, text="text", label="label", encoding="utf-8", classes=None):
    """Reads a CSV file with a header, a column of texts and one of labels.

    Rows without a text or a label are left out, and named.

    Args:
        path: of the file.
        text, label: names of the columns.
        encoding: of the file.
        classes: the only valid labels, in their order; None takes those of the file.

    Returns:
        `LabelledTexts`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no CSV of that encoding, lacks a column, has a text of more than 1,000,000 characters, fewer than
            20 rows to take, one class only, a class that is there once, labels some of which are numbers and some are
            not, or, with `classes`, another label.
    """
    with open(path, "rb") as raw:
        rows = csv_rows(raw, encoding, path)
        header = next(rows, None)
        check_columns(header, {"--text": text, "--labels": label}, path)
        texts, names, left_out = _taken(rows, header.index(text), header.index(label), path)
    if classes is None:
        if len(texts) < FEWEST:
            lost = sum(map(len, left_out.values()))
            raise ValueError(
                f"{path} must hold at least {FEWEST} rows with a text and a label. Received: {len(texts)} and {lost} "
                "without one of them"
            )
        classes = _classes(names, label, path)
    other = sorted(set(names) - set(classes))
    if other:
        raise ValueError(f"The labels in {path} must be {', '.join(classes)}. Received: {', '.join(other)[:200]}")
    labels = np.array([classes.index(name) for name in names], np.int32)
    return LabelledTexts(texts, labels, tuple(classes), left_out)


def _taken(rows, text_at, label_at, path):
    texts, names, left_out = [], [], {}
    for number, row in enumerate(rows, 2):  # the header was row 1
        cells = [row[at].strip() if at < len(row) else "" for at in (text_at, label_at)]
        if len(cells[0]) > LONGEST:
            raise ValueError(
                f"A text in {path} must have at most {LONGEST:,} characters. Received: {len(cells[0]):,} in row {number}"
            )
        if not all(cells):
            left_out.setdefault("no label" if cells[0] else "no text", []).append(number)
            continue
        texts.append(cells[0])
        names.append(cells[1])
    return texts, names, left_out


def _classes(names, label, path):
    found, counts = np.unique(names, return_counts=True)
    found = found.tolist()
    numbers = [name for name in found if _is_number(name)]
    if 0 < len(numbers) < len(found):
        words = [name for name in found if name not in numbers]
        raise ValueError(
            f"The labels in column {label} of {path} must all be numbers or all be words. Received: numbers such as "
            f"{numbers[0]} beside {words[0]!r:.80}"
        )
    if len(found) < 2:
        raise ValueError(f"The column {label} of {path} must hold two or more classes. Received: {found[0]!r:.80} alone")
    if counts.min() < 2:
        once = [name for name, count in zip(found, counts, strict=True) if count == 1]
        raise ValueError(
            f"Every class in column {label} of {path} must be there twice or more. Received: {len(once)} of {len(found)} "
            f"only once, such as {once[0]!r:.80}"
        )
    return sorted(found, key=float) if numbers else found


def _is_number(name):
    try:
        return np.isfinite(float(name))
    except ValueError:
        return False
