import shutil
import subprocess
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parents[2] / "seqzoo/page/static/js"
PROGRAMS = Path(__file__).parent / "node"


@pytest.fixture(scope="session")
def node():
    """Runs a program of tests/page/node with the page's own modules; skips where Node is not there."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("the page's JavaScript is tested with Node 18 or later: install node")

    def run(program, *arguments):
        words = [found, str(PROGRAMS / program), SOURCES.as_uri(), *map(str, arguments)]
        done = subprocess.run(words, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def made_page(tmp_path_factory):
    """`index.html` of the page that `seqzoo page` makes."""
    from seqzoo.page import make_page

    return make_page(tmp_path_factory.mktemp("made") / "page")
