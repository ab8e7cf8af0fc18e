"""Ctrl-C keeps the steps that are done, at any moment."""

import os
import signal

import pytest

from seqzoo.training.fit import fit
from seqzoo.training.interrupt import Interrupt
from seqzoo.training.run_folder import RunFolder
from tests.processes import forked
from tests.training.networks import Silent, assert_same_state, batches, network, state

NEVER = 10**6  # steps between checkpoints: what is kept, Ctrl-C has kept


def press():
    os.kill(os.getpid(), signal.SIGINT)


class Pressing(Silent):
    """Ctrl-C right after a step."""

    def __init__(self, at):
        super().__init__()
        self.at = at

    def step(self, *values):
        super().step(*values)
        if len(self.steps) == self.at:
            press()


@pytest.mark.parametrize("at", [2, 4, 5])
def test_the_step_at_hand_ends_and_is_kept(tmp_path, at):
    whole = network(seed=1)
    history = fit(whole, batches(), 2, progress=Silent())
    with pytest.raises(KeyboardInterrupt):
        fit(network(seed=1), batches(), 2, RunFolder(tmp_path, {}), None, NEVER, Pressing(at))
    newest = sorted(os.listdir(tmp_path / "checkpoints"))[-1]
    assert newest == f"step-{at:08d}.safetensors"
    model, progress = network(seed=2), Silent()
    assert fit(model, batches(), 2, RunFolder(tmp_path, {}), None, NEVER, progress) == history
    assert len(progress.steps) == 8 - at
    assert_same_state(state(model), state(whole))


def test_in_the_figures_of_an_epoch_its_steps_are_kept(tmp_path):
    def validate(model):
        press()
        pytest.fail("Ctrl-C must end the figures at once")

    with pytest.raises(KeyboardInterrupt):
        fit(network(seed=1), batches(), 2, RunFolder(tmp_path, {}), validate, NEVER, Silent())
    progress = Silent()
    history = fit(network(seed=2), batches(), 2, RunFolder(tmp_path, {}), lambda _: {"figure": 1.0}, NEVER, progress)
    assert len(progress.steps) == 4 and [figures["figure"] for figures in history] == [1.0, 1.0]


def test_a_second_one_is_at_once_and_the_signal_is_given_back():
    before = signal.getsignal(signal.SIGINT)
    with Interrupt() as interrupt:
        interrupt.safe = False
        press()
        assert interrupt.asked
        with pytest.raises(KeyboardInterrupt):
            press()
    with pytest.raises(KeyboardInterrupt), Interrupt():
        press()  # nothing would be lost
    assert signal.getsignal(signal.SIGINT) is before


def test_where_it_is_ignored_it_stays_so():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interrupt() as interrupt:
            press()
            assert not interrupt.asked
    finally:
        signal.signal(signal.SIGINT, before)


DEAF = """
import hashlib, os, pathlib, signal, sys, threading, time
from recipes.shared.command import run
from seqzoo.training.interrupt import Interrupt
CASE
def deaf(seconds):  # a call that holds the main thread, as XLA does, and knows no signals
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
    hashlib.pbkdf2_hmac("sha256", b"", b"", int(seconds / hashed))
begun = time.perf_counter()
hashlib.pbkdf2_hmac("sha256", b"", b"", 200_000)
hashed = (time.perf_counter() - begun) / 200_000
status = run(main, interrupted="The same command goes on.")
sys.stderr.flush()
os._exit(status)
"""
NO_STATE = "def main(argv):\n    deaf(600)"
KEPT = """
def main(argv):
    with Interrupt() as interrupt:
        interrupt.keep = lambda: pathlib.Path(FILE).write_text("kept")
        deaf(600)
"""
IN_A_STEP = """
def main(argv):
    with Interrupt() as interrupt:
        interrupt.safe = False
        deaf(2)
        assert interrupt.asked
        pathlib.Path(FILE).write_text("kept")
        raise KeyboardInterrupt
"""
IN_AN_IMPORT = """
def main(argv):
    pathlib.Path(FOLDER, "pressed.py").write_text('''
import os, pathlib, signal, time
os.kill(os.getpid(), signal.SIGINT)
pathlib.Path(FILE).write_text("went on")
time.sleep(600)
''')
    sys.path.insert(0, FOLDER)
    import pressed
"""


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT of one process")
def test_an_import_is_not_cut_but_ended_with_the_process(tmp_path):
    """A KeyboardInterrupt while a C module starts: signal 11, or an ImportError that a command takes for bad input."""
    folder, file = tmp_path / "modules", tmp_path / "imported"
    folder.mkdir()
    code = DEAF.replace("CASE", IN_AN_IMPORT).replace("FILE", repr(str(file))).replace("FOLDER", repr(str(folder)))
    ended = forked(code, begun="")
    assert ended.returncode == 130 and (ended.stdout + ended.stderr).strip() == "The same command goes on.", ended
    assert file.read_text() == "went on"


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT of one process")
def test_it_is_answered_while_python_cannot_hear(tmp_path):
    """XLA holds the main thread for as long as a first step compiles: a minute and more."""
    cases = {"none": NO_STATE, "figures": KEPT, "step": IN_A_STEP}
    codes = [DEAF.replace("CASE", code).replace("FILE", repr(str(tmp_path / name))) for name, code in cases.items()]
    for code in codes:
        ended = forked(code, begun="")  # a call that nothing ends takes 600 s
        assert ended.returncode == 130 and (ended.stdout + ended.stderr).strip() == "The same command goes on.", ended
    assert sorted(os.listdir(tmp_path)) == ["figures", "step"]
