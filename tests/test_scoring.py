import csv
import io
import json
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from seqzoo import scoring
from seqzoo.data import csv_lines
from seqzoo.scoring import rows as csv_rows
from tests import tiny
from tests.counting import Model

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(csv_rows, "CHUNK", 3)


def written(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_rows_keep_order_and_cells(tmp_path):
    source = written(tmp_path / "in.csv", 'id,text\n7,"a, ""b""\nc"\n3,one two three four five six\n5,x\n1,y z\n')
    found = scoring.score_csv(Model(), source, tmp_path / "out.csv")
    assert (found["rows"], found["failed"], found["resumed"]) == (4, 0, 0)
    rows = rows_of(tmp_path / "out.csv")
    assert [row["id"] for row in rows] == ["7", "3", "5", "1"]
    assert rows[0]["text"] == 'a, "b"\nc'
    assert [float(row["probability"]) for row in rows] == pytest.approx([0.3, 0.6, 0.1, 0.2])
    assert [row["label"] for row in rows] == ["negative", "positive", "negative", "negative"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv"]


def test_rows_that_cannot_be_scored_are_kept_and_say_why(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_rows, "LONGEST", 20)
    source = written(tmp_path / "in.csv", f"text,n\ngood,1\n  ,2\nmany,3,4,5\n{'x' * 21},6\nshort row\n\nlast,8\n")
    found = scoring.score_csv(Model(), source, tmp_path / "out.csv")
    assert (found["rows"], found["failed"]) == (6, 3)
    rows = list(csv.reader((tmp_path / "out.csv").read_text().splitlines()))
    assert rows[0] == ["text", "n", "probability", "label", "error"]
    assert [row[-1] for row in rows[1:]] == [
        *("", "no text", "4 cells, the header has 2", "a text of 21 characters, more than 20", "", "")
    ]
    assert rows[3][:4] == ["many", "3", "4", "5"] and rows[5] == ["short row", "", "0.200000", "negative", ""]


@pytest.mark.parametrize(
    "content, options, message",
    [
        (b"", {}, "Received: an empty file"),
        (b"id,Reviews\n1,2\n", {}, "must be one of id, Reviews, and there once; .* --column Reviews. Received: text"),
        (b"id,Text\n1,2\n", {"column": "txt"}, "such as --column Text. Received: txt"),
        (b"a,the words\n1,2\n", {}, "such as --column a. Received: text"),
        (b"text,text\nx,y\n", {}, "and there once; .*Received: text twice"),
        ("text\nüç\n".encode(), {"encoding": "ascii"}, "in the encoding ascii; another"),
        (b"text\nplain\n", {"encoding": "utf-16"}, "in the encoding utf-16; another.* Received: .*after line 0"),
        ("text\nplain\n".encode("utf-16"), {}, "in the encoding utf-8; another.* --encoding utf-16. Received: .*in line 1$"),
        (b"text\nfine\ncaf\xe9\n", {}, "encoding utf-8.*--encoding latin-1. Received: .*in line 3$"),
        (b'text\n"never closed\n', {}, "must be CSV. Received: unexpected end of data, in the row that begins in line 2"),
        (b"text\nx\n", {"encoding": "klingon"}, "that Python knows, such as utf-8. Received: klingon"),
    ],
)
def test_bad_files_are_refused(tmp_path, content, options, message):
    (tmp_path / "in.csv").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        scoring.score_csv(Model(), tmp_path / "in.csv", tmp_path / "out.csv", **options)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_wrong_byte_is_named_with_its_line_far_into_a_file():
    raw = io.BytesIO(b"text\n" + b"fine\n" * 5000 + b"caf\xe9\n" + b"fine\n" * 5000)
    with pytest.raises(ValueError, match="in line 5002$"):
        list(csv_lines.csv_rows(raw, "utf-8", "it"))


def test_other_encodings_and_a_byte_order_mark(tmp_path):
    for name, encoding in [("utf-8-sig", "utf-8"), ("latin-1", "latin-1"), ("utf-16", "utf-16")]:
        source = written(tmp_path / "in.csv", "text\ncafé au lait\n", name)
        scoring.score_csv(Model(), source, tmp_path / "out.csv", encoding=encoding, overwrite=True)
        assert rows_of(tmp_path / "out.csv")[0] == {
            **{"text": "café au lait", "probability": "0.300000", "label": "negative", "error": ""}
        }


def test_an_output_there_is_not_replaced_unasked(tmp_path):
    source, target = written(tmp_path / "in.csv", "text\nx\n"), written(tmp_path / "out.csv", "mine")
    with pytest.raises(FileExistsError, match="Received: .*out.csv"):
        scoring.score_csv(Model(), source, target)
    assert target.read_text() == "mine"
    scoring.score_csv(Model(), source, target, overwrite=True)
    assert rows_of(target)[0]["text"] == "x"


def test_a_cell_of_twelve_megabytes_stops_nothing(tmp_path):
    source = written(tmp_path / "in.csv", "text\nfirst\n" + "x" * 12_000_000 + "\nlast\n")
    start = time.perf_counter()
    found = scoring.score_csv(Model(), source, tmp_path / "out.csv")
    assert (found["rows"], found["failed"]) == (3, 1) and time.perf_counter() - start < 20


def test_a_quote_that_is_not_closed_does_not_fill_the_memory(tmp_path):
    """It made one cell of the rest of the file, in 1.2 GB."""
    with open(tmp_path / "in.csv", "w") as file:
        file.write("id,text\n" + "1,fine\n" * 4 + '2,"never closed\n')
        for _ in range(30):
            file.write("3,and so on\n" * 100_000)  # 36 MB in all
    code = (
        "import resource; from seqzoo import scoring; from tests.counting import Model\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        f"try: scoring.score_csv(Model(), {str(tmp_path / 'in.csv')!r}, {str(tmp_path / 'out.csv')!r})\n"
        "except ValueError as error: print(error)\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    message, megabytes = found.splitlines()
    assert "may have at most 16,000,000 characters" in message and message.endswith("in the row that begins in line 6")
    assert int(megabytes) < 250


def test_a_line_of_no_end_does_not_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_lines, "LONGEST_LINE", 100)
    source = written(tmp_path / "in.csv", "text\nx\n" + "word," * 30)
    with pytest.raises(ValueError, match="A line of .* at most 100 characters. Received: more, in line 3"):
        scoring.score_csv(Model(), source, tmp_path / "out.csv")


def test_reading_leaves_the_limit_of_other_readers_alone(tmp_path):
    before = csv.field_size_limit()
    scoring.score_csv(Model(), written(tmp_path / "in.csv", "text\nx\n"), tmp_path / "out.csv")
    assert csv.field_size_limit() == before


def test_a_carriage_return_in_a_cell_makes_no_new_row(tmp_path):
    source = written(tmp_path / "in.csv", 'text,more\n"a\rb","c\r\nd"\nx,y\n')
    scoring.score_csv(Model(), source, tmp_path / "out.csv")
    assert [(row["text"], row["more"]) for row in rows_of(tmp_path / "out.csv")] == [("a\rb", "c\r\nd"), ("x", "y")]


def test_a_chunk_ends_before_its_texts_fill_the_memory(monkeypatch):
    monkeypatch.setattr(csv_rows, "CHARACTERS", 10)
    found = csv_rows.chunks(iter([["1234"], ["123456"], ["1"], ["2"], ["3"], ["4"], ["123"]]), skip=0)
    assert [len(chunk) for chunk in found] == [2, 3, 2]


def test_ten_times_the_rows_take_no_more_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_rows, "CHUNK", 20)
    peaks = []
    for rows in (200, 2_000):
        source = written(tmp_path / f"{rows}.csv", "text\n" + f"{'word ' * 200}\n" * rows)
        seen = []
        for attempt in range(3):  # what threads of earlier tests take meanwhile is counted too, and passes
            tracemalloc.start()
            scoring.score_csv(Model(), source, tmp_path / f"{rows}.{attempt}.csv")
            seen.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        peaks.append(min(seen))
    assert peaks[1] < 1.2 * peaks[0], "of 0.2 MB and of 2 MB"


def test_of_more_classes_the_most_probable_is_named(tmp_path):
    class Model3(Model):
        classes = ("few", "some", "many")

        def predict(self, texts):
            return np.float32([np.eye(3)[min(2, len(text.split()) // 3)] * 0.5 + 0.1 for text in texts])

    source = written(tmp_path / "in.csv", "text\na\na b c\na b c d e f g\n")
    scoring.score_csv(Model3(), source, tmp_path / "out.csv")
    rows = rows_of(tmp_path / "out.csv")
    assert [(row["probability"], row["label"]) for row in rows] == [
        *(("0.600000", "few"), ("0.600000", "some"), ("0.600000", "many"))
    ]


def test_progress_tells_rows_and_share(tmp_path):
    source, seen = written(tmp_path / "in.csv", "text\n" + "x\n" * 8), []
    scoring.score_csv(Model(), source, tmp_path / "out.csv", progress=lambda *args: seen.append(args))
    assert [rows for rows, _ in seen] == [3, 6, 8] and seen[-1][1] == 1


def test_the_bar_shows_rows_share_and_time_left():
    class Screen(io.StringIO):
        def isatty(self):
            return True

    screen, log = Screen(), io.StringIO()
    for stream in (screen, log):
        with scoring.ProgressBar(stream) as bar:
            bar(100, 0.25)
            time.sleep(0.25)  # a bar is drawn five times a second at most
            bar(200, 0.5)
    assert log.getvalue() == ""
    last = screen.getvalue().rstrip(" \r").split("\r")[-1]
    assert last.startswith("200 rows  ") and "rows/s" in last and "0:00 left" in last and last.endswith("| 50 %")


def test_a_log_gets_a_line_now_and_then(monkeypatch):
    now, log = [0.0], io.StringIO()
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with scoring.ProgressBar(log) as bar:
        for chunk in range(1, 9):
            now[0] += 50 if chunk == 1 else 10  # the first one compiles
            bar(100 * chunk, chunk / 100)
    lines = log.getvalue().splitlines()
    assert lines[0] == "100 rows" and lines[1] == "300 rows  10 rows/s  16:10 left" and len(lines) == 4


def test_both_ways_of_the_benchmark_score_alike(tmp_path, capsys):
    from recipes.benchmarks import scoring as benchmark_scoring

    folder = str(tiny.shared_folder() / "tiny")
    arguments = ["--model", folder, "--rows", "40", "--rounds", "1", "--output", str(tmp_path / "found.json")]
    found = benchmark_scoring.main(arguments)
    assert json.loads((tmp_path / "found.json").read_text()) == found
    assert found["rows"] == 40 and found["ratio"] > 0 and "times as fast" in capsys.readouterr().out
