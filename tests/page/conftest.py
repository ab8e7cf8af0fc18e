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


@pytest.fixture(scope="session")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="the page is driven with playwright: pip install '.[test]'")
    found = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("the page is tested in chromium: install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def opened(browser, made_page):
    """Opens the page; at the end there was no error, and nothing was asked for but the page's own files.

    `first`: a script that runs before the page's. `url`: of a server that has the page's folder.
    """
    trouble, contexts = [], []

    def open_page(path=made_page, width=1440, height=900, url=None, first="", **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: message.type in ("error", "warning") and trouble.append(message.text))
        page.on("pageerror", lambda error: trouble.append(f"page error: {error}"))
        folder = url or path.parent.as_uri()
        page.on("request", lambda asked: asked.url.startswith((folder, "blob:", "data:")) or trouble.append(asked.url))
        page.add_init_script(first)
        page.goto(url or path.as_uri())
        return page

    open_page.trouble = trouble
    yield open_page
    for context in contexts:
        context.close()
    assert not trouble
