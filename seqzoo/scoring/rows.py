"""The rows of a CSV file of any length: read chunk by chunk, found fit to be scored or not, written."""

import csv

from seqzoo.data.csv_lines import check_columns, csv_rows

# So many rows are sorted by length together. More pad less; fewer are lost when the process is killed.
CHUNK = 8192
CHARACTERS = 50_000_000  # at which a chunk ends in any case: memory stays constant with long rows too
# A text beyond this is an accident (a file pasted into a cell), and reading it as words would take minutes.
LONGEST = 10_000_000
ADDED = ("probability", "label", "error")


def read_rows(raw, column, encoding, source):
    """The header of a binary file, and an iterator over its rows, of which an empty line is none.

    Raises:
        ValueError: for an empty file, a column that is not there or there twice; while it goes on, as
            `seqzoo.data.csv_lines.csv_rows` does.
    """
    found = csv_rows(raw, encoding, source)
    header = next(found, None)
    check_columns(header, {"--column": column}, source)
    return header, found


def added_columns(header, prefix=None):
    """Names of the columns that are added: {"probability": its name, "label": ..., "error": ...}.

    One that the header has already gets `predicted_` before it, and a number after it where that is taken too.

    Args:
        header: list of str.
        prefix: what stands before all three instead.

    Raises:
        TypeError: for a prefix that is no str.
        ValueError: for a prefix that gives a name which is taken.
    """
    if prefix is not None:
        if not isinstance(prefix, str):
            raise TypeError(f"The prefix must be a str, such as 'predicted_'. Received: {prefix!r}")
        names = {name: prefix + name for name in ADDED}
        taken = [name for name in names.values() if name in header]
        if taken:
            raise ValueError(
                f"The prefix must give names that {', '.join(header)[:200]} does not hold, as --prefix predicted_ may. "
                f"Received: {prefix!r}, which gives {', '.join(taken)}"
            )
        return names
    return {name: _free(name, header) for name in ADDED}


def _free(name, header):
    free, number = name, 1
    while free in header:
        free = f"predicted_{name}_{number}" if number > 1 else f"predicted_{name}"
        number += 1
    return free


def chunks(rows, skip):
    """Lists of at most `CHUNK` rows, after the first `skip`."""
    chunk, characters = [], 0
    for number, row in enumerate(rows):
        if number >= skip:
            chunk.append(row)
            characters += sum(map(len, row))
        if len(chunk) == CHUNK or characters >= CHARACTERS:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


def fault(row, place, width):
    """Why the text at `place` of a row can't be scored; "" if it can."""
    if len(row) > width:
        return f"{len(row)} cells, the header has {width}"
    if len(row) <= place or not row[place].strip():
        return "no text"
    if len(row[place]) > LONGEST:
        return f"a text of {len(row[place]):,} characters, more than {LONGEST:,}"
    return ""


def label_of(probability, classes):
    """The most probable class and its probability.

    Of two classes the probability is that of the second, whichever is the label.

    Args:
        probability: a number, for two classes, or one for each class.
        classes: their names.
    """
    if len(classes) == 2:
        return probability, classes[int(probability > 0.5)]
    best = max(range(len(classes)), key=probability.__getitem__)
    return probability[best], classes[best]


def probabilities_of(probability, classes):
    """Every class's probability, `{class: number}`, from what `label_of` takes."""
    return dict(zip(classes, (1 - probability, probability) if len(classes) == 2 else probability, strict=True))


def with_answers(rows, width, faults, probabilities, classes):
    """The rows, filled up to `width` cells, with probability, label and error."""
    found = iter(probabilities)
    for row, error in zip(rows, faults, strict=True):
        answer = ("", "")
        if not error:
            probability, label = label_of(next(found), classes)
            answer = (f"{probability:.6f}", label)
        yield [*row, *[""] * (width - len(row)), *answer, error]


def as_csv(rows):
    """The rows as bytes of a CSV file in UTF-8."""
    lines = _Lines()
    # Before Python 3.13 a cell with \r alone is quoted only where that is part of the line's end.
    csv.writer(lines, lineterminator="\r\n").writerows(rows)
    return "".join(lines).encode("utf-8", errors="surrogatepass")


class _Lines(list):
    def write(self, line):
        self.append(line[:-2] + "\n")
