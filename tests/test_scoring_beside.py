"""What lies beside the output: another run's files, the user's, links, the input itself. And the names of the columns."""

import csv
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from seqzoo import scoring
from seqzoo.scoring import rows as csv_rows
from seqzoo.scoring.lock import Lock
from tests.counting import Model

ROOT = Path(__file__).resolve().parents[1]
SUFFIXES = (".partial", ".partial.json", ".partial.lock")


@pytest.fixture
def source(tmp_path):
    (tmp_path / "in.csv").write_text("text\na b\nc\n")
    return tmp_path / "in.csv"


def listed(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("content", ["my own notes\n", "text,my\nown,rows\n", '{"my": "settings"}', ""])
def test_a_file_of_the_users_is_left_alone(source, tmp_path, suffix, content):
    own = tmp_path / f"out.csv{suffix}"
    own.write_text(content)
    if suffix == ".partial.lock" and not content:
        return  # what a run that was killed as it began may leave
    with pytest.raises(FileExistsError, match=f"Received: .*out.csv{suffix}"):
        scoring.score_csv(Model(), source, tmp_path / "out.csv")
    assert own.read_text() == content and listed(tmp_path) == ["in.csv", own.name]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("kind", ["link", "dangling", "folder", "pipe", "hard link"])
def test_only_plain_files_are_written(source, tmp_path, suffix, kind):
    precious, own = tmp_path / "precious.txt", tmp_path / f"out.csv{suffix}"
    precious.write_text("precious")
    if kind in ("link", "dangling"):
        own.symlink_to(precious if kind == "link" else tmp_path / "nothing")
    elif kind == "hard link":
        os.link(precious, own)
    else:
        own.mkdir() if kind == "folder" else os.mkfifo(own)
    with pytest.raises(FileExistsError, match=f"Received: .*out.csv{suffix}"):
        scoring.score_csv(Model(), source, tmp_path / "out.csv")
    assert precious.read_text() == "precious" and listed(tmp_path) == sorted(["in.csv", own.name, "precious.txt"])


@pytest.mark.parametrize("suffix", ["", *SUFFIXES])
def test_the_input_is_never_written(tmp_path, suffix):
    source = tmp_path / f"y.csv{suffix}"
    source.write_text("text\na b\n")
    with pytest.raises(ValueError, match="another file than the input"):
        scoring.score_csv(Model(), source, tmp_path / "y.csv", overwrite=True)
    (tmp_path / "link.csv").symlink_to(source)
    with pytest.raises(ValueError, match="another file than the input"):
        scoring.score_csv(Model(), tmp_path / "link.csv", tmp_path / "y.csv", overwrite=True)
    assert source.read_text() == "text\na b\n"


def test_an_input_that_cannot_be_read_again_is_refused(tmp_path):
    """Of a pipe, the first MiB was lost."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(ValueError, match="The input must be a file"):
            scoring.score_csv(Model(), path, tmp_path / "out.csv")
    with pytest.raises(FileNotFoundError, match="--input.*nowhere"):
        scoring.score_csv(Model(), tmp_path / "nowhere.csv", tmp_path / "out.csv")


def test_an_output_that_is_no_file_is_refused(source, tmp_path):
    with pytest.raises(FileExistsError, match="must be a file"):
        scoring.score_csv(Model(), source, tmp_path, overwrite=True)
    with pytest.raises(FileExistsError, match="must be a file"):
        scoring.score_csv(Model(), source, "/dev/null", overwrite=True)
    with pytest.raises(FileNotFoundError, match="folder must exist .--output.*nowhere"):
        scoring.score_csv(Model(), source, tmp_path / "nowhere" / "out.csv")


def test_what_a_link_points_to_is_written(source, tmp_path):
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    scoring.score_csv(Model(), source, tmp_path / "link.csv")
    assert (tmp_path / "link.csv").is_symlink() and (tmp_path / "real.csv").read_text().startswith("text,probability")


def test_two_runs_do_not_write_one_output(source, tmp_path):
    """The first said that all was well, with the second's scores in the file."""
    begun, go_on, found = threading.Event(), threading.Event(), []

    class Slow(Model):
        def predict(self, texts):
            begun.set()
            go_on.wait(20)
            return super().predict(texts)

    first = threading.Thread(target=lambda: found.append(scoring.score_csv(Slow(0.5), source, tmp_path / "out.csv")))
    first.start()
    assert begun.wait(20)
    (tmp_path / "link.csv").symlink_to(tmp_path / "out.csv")  # the same by another name
    for name in ("out.csv", "link.csv"):
        with pytest.raises(BlockingIOError, match=rf"Only one .*out.csv; .*Received: process {os.getpid()} on .* is writing"):
            scoring.score_csv(Model(), source, tmp_path / name, overwrite=True)
    go_on.set()
    first.join()
    assert found[0]["rows"] == 2 and "0.100000" in (tmp_path / "out.csv").read_text()
    assert listed(tmp_path) == ["in.csv", "link.csv", "out.csv"]


def test_a_lock_is_free_once_its_process_is_killed(tmp_path):
    code = (
        "import os, signal; from pathlib import Path; from seqzoo.scoring.lock import Lock\n"
        f"Lock(Path({str(tmp_path / 'lock')!r}), 'it').__enter__(); print('held', flush=True); signal.pause()"
    )
    other = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(BlockingIOError, match=f"process {other.pid} on "):
            Lock(tmp_path / "lock", "it").__enter__()
    finally:
        other.kill()
        other.communicate()
    with Lock(tmp_path / "lock", "it"):
        assert (tmp_path / "lock").read_text().startswith(f"process {os.getpid()} on ")
    assert not listed(tmp_path)


def test_a_folder_without_locks_says_so(source, tmp_path, monkeypatch):
    import fcntl

    def unknown(*_):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", unknown)
    with pytest.warns(UserWarning, match="has no locks .*see to it that nothing else writes .*out.csv"):
        assert scoring.score_csv(Model(), source, tmp_path / "out.csv")["rows"] == 2


@pytest.mark.parametrize(
    "header, prefix, added",
    [
        ("text,label", None, ["probability", "predicted_label", "error"]),
        ("error,text,probability", None, ["predicted_probability", "label", "predicted_error"]),
        ("label,text,predicted_label", None, ["probability", "predicted_label_2", "error"]),
        ("text,label", "my ", ["my probability", "my label", "my error"]),
        ("text,Label", "", ["probability", "label", "error"]),
    ],
)
def test_columns_of_the_file_keep_their_names(tmp_path, header, prefix, added):
    """The very file that a model was fine-tuned on has a column label."""
    cells = [f"the {name}" for name in header.split(",")]
    (tmp_path / "in.csv").write_text(header + "\n" + ",".join(cells) + "\n")
    found = scoring.score_csv(Model(), tmp_path / "in.csv", tmp_path / "out.csv", prefix=prefix)
    assert found["columns"] == dict(zip(("probability", "label", "error"), added, strict=True))
    head, row = csv.reader((tmp_path / "out.csv").read_text().splitlines())
    assert head == [*header.split(","), *added] and row == [*cells, "0.200000", "negative", ""]


def test_a_prefix_that_gives_a_name_which_is_taken_is_refused(tmp_path):
    (tmp_path / "in.csv").write_text("text,my_label\na,b\n")
    with pytest.raises(ValueError, match="--prefix predicted_ may. Received: 'my_', which gives my_label"):
        scoring.score_csv(Model(), tmp_path / "in.csv", tmp_path / "out.csv", prefix="my_")
    with pytest.raises(TypeError, match="must be a str.* Received: 3"):
        scoring.score_csv(Model(), tmp_path / "in.csv", tmp_path / "out.csv", prefix=3)
    assert listed(tmp_path) == ["in.csv"]


def test_names_are_found_whatever_is_taken():
    header = ["label", "predicted_label", "predicted_label_2", "predicted_label_3"]
    assert csv_rows.added_columns(header)["label"] == "predicted_label_4"
