"""Every test of a public report also under the oldest and the newest Keras that setup.cfg allows.

See tests/zoo/test_keras_versions.py for what SEQZOO_KERAS_PATHS names. One process a release; the release that the tests
run under already needs none.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import keras
import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(path for path in (ROOT / "tests").rglob("test_reported_*.py") if path != Path(__file__))
FOLDERS = [Path(name).resolve() for name in os.environ.get("SEQZOO_KERAS_PATHS", "").split(os.pathsep) if name]
RUN = """
import sys
import keras
print("keras from", keras.__file__)
import pytest
import seqzoo.kernels.compiled as compiled
compiled._worth_compiling = lambda *_: False  # test_keras_versions.py has every model under that Keras as XLA compiles it
sys.exit(pytest.main(["-n", "0", "-p", "no:cacheprovider", *sys.argv[1:]]))
"""


def release(folder):
    (info,) = folder.glob("keras-*.dist-info")
    return info.name.removeprefix("keras-").removesuffix(".dist-info")


@pytest.mark.parametrize("folder", FOLDERS or [None], ids=lambda folder: folder.name if folder else "none")
def test_reports_are_answered_under_another_keras(folder):
    if folder is None:
        pytest.skip("SEQZOO_KERAS_PATHS names no folder with another Keras")
    if release(folder) == keras.__version__:
        pytest.skip(f"the tests themselves run under Keras {keras.__version__}")
    # First on the path also in the processes that an export starts.
    path = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SEQZOO_KERAS", "PYTEST_"))}
    command = [sys.executable, "-c", RUN, *map(str, FILES)]
    done = subprocess.run(command, cwd=ROOT, env=environment | {"PYTHONPATH": path}, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert f"keras from {folder}" in done.stdout, "that Keras was imported and no other"
    assert re.search(r"[1-9]\d* passed", done.stdout)


def test_there_are_reports_to_answer():
    """One test a report, its number in the name and, with the project, in the docstring."""
    names = [name for path in FILES for name in re.findall(r"^def test_(\w+)", path.read_text(encoding="utf-8"), re.M)]
    numbered = [name for name in names if re.search(r"_\d{2,6}_", name)]
    assert len(numbered) >= 20 and len(names) - len(numbered) <= 1  # pickle's own warning has no number
