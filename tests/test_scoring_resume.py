"""A run that is stopped or killed anywhere ends with the bytes of one that was not, or says why it does not go on."""

import json
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from seqzoo import scoring
from seqzoo.scoring import files
from seqzoo.scoring import rows as csv_rows
from tests.counting import Model

ROOT = Path(__file__).resolve().parents[1]
KILLED = """
from seqzoo import scoring
from seqzoo.scoring import rows
from tests.counting import Model
rows.CHUNK = 3
scoring.score_csv(Model(dies_after={}, kill=True), {!r}, {!r})
"""


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(csv_rows, "CHUNK", 3)
    warnings.simplefilter("error")  # what is said is expected where it is


@pytest.fixture
def source(tmp_path):
    lines = "".join(f"{k},{'word ' * (1 + k % 9)}\n" for k in range(20))
    (tmp_path / "in.csv").write_text("id,text\n" + lines)
    return tmp_path / "in.csv"


@pytest.fixture
def whole(source, tmp_path_factory):
    target = tmp_path_factory.mktemp("whole") / "out.csv"
    scoring.score_csv(Model(), source, target)
    return target.read_bytes()


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out.csv"


def stop(source, out, after=6, **options):
    with pytest.raises(KeyboardInterrupt):
        scoring.score_csv(Model(dies_after=after), source, out, **options)
    return out.with_name("out.csv.partial"), out.with_name("out.csv.partial.json")


def ends_whole(source, out, whole, resumed, says=None):
    model = Model()
    if says:
        with pytest.warns(UserWarning, match=says):
            found = scoring.score_csv(model, source, out)
    else:
        found = scoring.score_csv(model, source, out)
    assert (found["rows"], found["resumed"], model.scored) == (20, resumed, 20 - resumed)
    assert out.read_bytes() == whole
    assert sorted(path.name for path in out.parent.iterdir()) == ["in.csv", "out.csv"]


def test_a_stopped_run_goes_on_and_ends_the_same(source, out, whole):
    partial, note = stop(source, out)
    assert not out.exists() and json.loads(note.read_text())["rows"] == 6
    assert sorted(path.name for path in out.parent.iterdir()) == ["in.csv", "out.csv.partial", "out.csv.partial.json"]
    with open(partial, "ab") as file:
        file.write(b"half a ro")  # what was not yet noted as written
    ends_whole(source, out, whole, resumed=6)


@pytest.mark.parametrize("after", range(0, 20, 3))
def test_a_run_stopped_twice(source, out, whole, after):
    stop(source, out, after=after)
    with pytest.raises(KeyboardInterrupt):
        scoring.score_csv(Model(dies_after=min(3, 17 - after)), source, out)
    kept = after + (3 if after + 3 <= 17 else 0)
    ends_whole(source, out, whole, resumed=kept)


@pytest.mark.parametrize("after", [0, 9])
def test_a_killed_run_goes_on_and_ends_the_same(source, out, whole, after):
    killed = subprocess.run([sys.executable, "-c", KILLED.format(after, str(source), str(out))], cwd=ROOT, timeout=60)
    assert killed.returncode == -9 and out.with_name("out.csv.partial.lock").exists()
    ends_whole(source, out, whole, resumed=after)


def test_no_nul_bytes_where_a_note_outlived_its_file(source, out, whole):
    """Killed, its partial removed, killed again before anything was noted: truncate made NULs of the rows."""
    partial, note = stop(source, out, after=12)
    partial.unlink()
    command = [sys.executable, "-W", "ignore", "-c", KILLED.format(0, str(source), str(out))]
    assert subprocess.run(command, cwd=ROOT, timeout=60).returncode == -9
    assert json.loads(note.read_text())["rows"] == 0, "the note is the new file's"
    ends_whole(source, out, whole, resumed=0)


def test_a_note_without_its_partial_begins_anew(source, out, whole):
    partial, _ = stop(source, out, after=12)
    partial.unlink()
    ends_whole(source, out, whole, resumed=0, says="out.csv begins anew: .*partial is gone, of which .* holds 12 rows")


def test_a_partial_shorter_than_its_note_begins_anew(source, out, whole):
    partial, _ = stop(source, out)
    partial.write_bytes(partial.read_bytes()[:-5])
    ends_whole(source, out, whole, resumed=0, says="begins anew: .*partial is shorter than its note says")


def test_a_partial_that_was_changed_begins_anew(source, out, whole):
    partial, _ = stop(source, out)
    partial.write_bytes(partial.read_bytes().replace(b"0.300000", b"0.900000"))
    ends_whole(source, out, whole, resumed=0, says="begins anew: .*partial is not what its note says")


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b"\xff\x00", b"[" * 100_000, b'{"rows": "many"}',
     {"rows": 3}, {"rows": "x"}, {"read_bytes": -1}, {"job": None}, {"made_by": "another"}, {"check": 3}],
    ids=lambda damage: str(damage)[:20],
)  # fmt: skip
def test_a_damaged_note_begins_anew(source, out, whole, damage):
    _, note = stop(source, out)
    note.write_bytes(damage if isinstance(damage, bytes) else json.dumps(json.loads(note.read_text()) | damage).encode())
    ends_whole(source, out, whole, resumed=0, says="begins anew: the note .*partial.json is damaged")


def test_without_its_note_a_partial_begins_anew(source, out, whole):
    _, note = stop(source, out)
    note.unlink()
    ends_whole(source, out, whole, resumed=0, says="begins anew: the note .* is gone")


@pytest.mark.parametrize("change", ["input", "column", "model", "encoding", "added columns", "program"])
def test_an_earlier_run_of_another_job_is_left_alone(source, out, change, monkeypatch):
    partial, note = stop(source, out)
    options, kept = {}, (partial.read_bytes(), note.read_bytes())
    if change == "input":
        source.write_text(source.read_text().replace("0,word", "0,another"))
    elif change == "program":  # another machine, or another version of TensorFlow
        monkeypatch.setattr(Model, "predict", lambda self, texts: [0.1234567] * len(texts))
    elif change != "model":
        options = {"column": {"column": "id"}, "encoding": {"encoding": "latin-1"}}.get(change, {"prefix": "my_"})
    with pytest.raises(ValueError, match=f"delete it. Received: another {change}"):
        scoring.score_csv(Model(2.0 if change == "model" else 1.0), source, out, **options)
    assert (partial.read_bytes(), note.read_bytes()) == kept and not out.exists()


@pytest.fixture
def long_source(tmp_path):
    """More than two MiB, of which a stopped run has read half."""
    (tmp_path / "in.csv").write_text("text\n" + "".join(f"row {k} {'word ' * 2000}\n" for k in range(210)))
    return tmp_path / "in.csv"


def test_an_input_changed_after_its_first_mebibyte_is_noticed(long_source, out):
    """Only the first was compared, so old and new rows were mixed."""
    stop(long_source, out, after=120)
    text = long_source.read_text()
    long_source.write_text(text.replace("row 110 ", "now 110 "))
    with pytest.raises(ValueError, match="Received: another input"):
        scoring.score_csv(Model(), long_source, out)
    long_source.write_text(text)
    with pytest.warns(UserWarning, match="goes on"):  # the file's time alone is another
        assert scoring.score_csv(Model(), long_source, out)["resumed"] == 120


def test_an_input_mended_after_what_was_read_goes_on_and_says_so(long_source, out, tmp_path):
    """So a bad line at the end of a long file costs no work."""
    text = long_source.read_text()
    long_source.write_text(text.replace("row 200 ", '"row" 200 '))
    with pytest.raises(ValueError, match="in the row that begins in line 202"):
        scoring.score_csv(Model(), long_source, out)
    long_source.write_text(text)
    with pytest.warns(UserWarning, match="in.csv was changed after the 198 rows that are done"):
        assert scoring.score_csv(Model(), long_source, out)["resumed"] == 198
    scoring.score_csv(Model(), long_source, tmp_path / "whole.csv")
    assert out.read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_an_input_that_grew_after_its_end_was_read_is_another(source, out):
    stop(source, out, after=18)
    with open(source, "a") as file:
        file.write("20,word\n")
    with pytest.raises(ValueError, match="Received: another input"):
        scoring.score_csv(Model(), source, out)


def test_what_ends_before_the_first_rows_leaves_nothing(source, out):
    stop(source, out, after=0)
    assert [path.name for path in out.parent.iterdir()] == ["in.csv"]


def test_what_a_killed_run_was_noting_is_swept_away(source, out, whole):
    stop(source, out)
    out.with_name(".out.csv.partial.json.0123456789ab.partial").write_text("{")
    ends_whole(source, out, whole, resumed=6)


def test_progress_begins_where_the_earlier_run_ended(source, out):
    stop(source, out)
    seen = []
    scoring.score_csv(Model(), source, out, progress=lambda *args: seen.append(args))
    assert [rows for rows, _ in seen] == [6, 9, 12, 15, 18, 20] and seen[-1][1] == 1


def test_a_target_made_meanwhile_is_not_replaced(source, out, monkeypatch):
    monkeypatch.setattr(files.Job, "_write", lambda *_: out.write_text("mine"))
    with pytest.raises(FileExistsError):
        scoring.score_csv(Model(), source, out)
    assert out.read_text() == "mine"
