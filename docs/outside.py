"""What the site needs from outside of docs/: the models' cards and the files at the project's top. mkdocs calls this."""

import atexit
import functools
import re
import shutil
import tempfile
from pathlib import Path

from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parents[1]
TOP = ("CONTRIBUTING", "CHANGELOG", "SECURITY")
PLAY = "play"  # where the page of `seqzoo page` lies on the site
LITERT = ROOT / ".venv" / "litert"  # `make page` puts it there


def on_files(files, config):
    """Every model's README.md and the files at the top become pages of the site."""
    pages = {f"{name.lower()}.md": ROOT / f"{name}.md" for name in TOP}
    pages |= {f"cards/{path.parent.name}.md": path for path in sorted(ROOT.glob("saved_models/*/README.md"))}
    for place, path in pages.items():
        files.append(File.generated(config, place, content=path.read_text(encoding="utf-8")))
    for path in sorted(_page().rglob("*")):
        if path.is_file():
            files.append(File.generated(config, f"{PLAY}/{path.relative_to(_page()).as_posix()}", abs_src_path=str(path)))
    return files


@functools.cache
def _page():
    """The folder that `seqzoo page` makes, once for all builds of this process."""
    from seqzoo.page import make_page

    folder = tempfile.mkdtemp(prefix="seqzoo-page-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return make_page(Path(folder) / PLAY, litert=LITERT if LITERT.is_dir() else None).parent


def on_page_markdown(markdown, page, config, files):
    """Links to those files and from them, which on GitHub lead out of docs/ or into it, lead to the pages."""
    markdown = markdown.replace("<!-- the page -->", f"[Open it.]({PLAY}/index.html)")
    markdown = re.sub(r"\]\(docs/([\w./-]+\.md)", r"](\1", markdown)
    markdown = re.sub(r"\]\(\.\./saved_models/([\w.-]+)/README\.md", r"](cards/\1.md", markdown)
    return re.sub(rf"\]\((?:\.\./)?({'|'.join(TOP)})\.md", lambda name: f"]({name[1].lower()}.md", markdown)
