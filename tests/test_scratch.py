"""What a killed process leaves is removed by the next one, and nothing else is."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from seqzoo import scratch
from seqzoo.files import atomic_folder
from seqzoo.scratch import PREFIX, scratch_folder, sweep
from tests.processes import forked

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no flock")
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(scratch, "YOUNG", 0.0)
    return tmp_path


def in_another_process(code, folder):
    """A process that runs `code`, prints a line and waits."""
    code += "\n    print('ready', flush=True); time.sleep(60)"
    environment = os.environ | {"TMPDIR": str(folder)}
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


SCRATCH = "import time; from seqzoo.scratch import scratch_folder\nwith scratch_folder() as folder:\n    (folder / 'big').touch()"


def test_a_scratch_folder_goes_with_its_block(temporary):
    with scratch_folder() as folder:
        (folder / "inside").mkdir()
        assert folder.parent == temporary and os.listdir(folder) == ["inside"]
        with scratch_folder() as other:
            assert folder.is_dir() and other != folder, "one in use stays"
    assert os.listdir(temporary) == []
    with pytest.raises(KeyError), scratch_folder():
        raise KeyError
    assert os.listdir(temporary) == []


def test_that_of_a_killed_process_is_swept_and_that_of_a_living_one_stays(temporary):
    living, killed = (in_another_process(SCRATCH, temporary) for _ in range(2))
    try:
        assert len(os.listdir(temporary)) == 2
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert len(os.listdir(temporary)) == 2, "SIGKILL leaves it"
        with scratch_folder():
            assert len(os.listdir(temporary)) == 2
        (left,) = os.listdir(temporary)
        assert (temporary / left / "big").exists()
    finally:
        for process in (living, killed):
            process.kill()
            process.wait()
    with scratch_folder():
        pass
    assert os.listdir(temporary) == []


def test_only_ours_are_swept(temporary, monkeypatch):
    for name in ("seqzoo-tiny-x", "other", f"x{PREFIX}a", f"{PREFIX}a.b"):
        (temporary / name).mkdir()
    (temporary / f"{PREFIX}file").write_text("a file")
    (temporary / f"{PREFIX}link").symlink_to(temporary / "other")
    (temporary / f"{PREFIX}old").mkdir()
    monkeypatch.setattr(os, "getuid", lambda: 12345)  # another user's
    assert sweep(temporary, f"{PREFIX}.*") == []
    monkeypatch.undo()
    monkeypatch.setattr(scratch, "YOUNG", 60.0)
    assert sweep(temporary, f"{PREFIX}.*") == [], "its process may be about to lock it"
    monkeypatch.setattr(time, "time", lambda: os.stat(temporary).st_ctime + 90)
    before = sorted(os.listdir(temporary))
    assert sweep(temporary, PREFIX + r"\w+") == [f"{PREFIX}old"]
    assert sorted(os.listdir(temporary)) == [name for name in before if name != f"{PREFIX}old"]


def test_a_killed_save_leaves_nothing_for_long(temporary):
    code = f"""import time; from seqzoo.files import atomic_folder
with atomic_folder({str(temporary / "model")!r}) as folder:
    (folder / 'weights').touch()"""
    process = in_another_process(code, temporary)
    with atomic_folder(temporary / "model") as folder:
        assert len(os.listdir(temporary)) == 2, "the other is at work"
        (folder / "weights").write_text("mine")
    process.kill()
    process.wait()
    (temporary / ".model.keep.partial").mkdir()
    with atomic_folder(temporary / "model", overwrite=True) as folder:
        (folder / "weights").write_text("again")
    assert sorted(os.listdir(temporary)) == [".model.keep.partial", "model"]


def test_a_model_says_what_to_do_after_a_fork():
    code = """
import os, seqzoo
model = seqzoo.load_pretrained("stock-volatility-rnn")
windows = model.golden["inputs"][:1]
model.predict(windows)
child = os.fork()
if not child:
    for use in (lambda: model.predict(windows), lambda: seqzoo.load_pretrained("imdb-rnn")):
        try:
            use()
        except RuntimeError as error:
            print(error, flush=True)
    os._exit(0)
os.waitpid(child, 0)
print("parent", model.predict(windows).shape)
"""
    found = forked(code)
    first, second, last = found.stdout.splitlines()
    assert 'multiprocessing.get_context("spawn")' in first and "forked from process" in first and second == first
    assert last == "parent (1, 2)"
