"""What the site needs beside the pages: the models' cards, which lie outside of docs/. mkdocs calls these functions."""

import re
from pathlib import Path

from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parents[1]


def on_files(files, config):
    """Every model's README.md becomes a page of the site."""
    for card in sorted(ROOT.glob("saved_models/*/README.md")):
        content = card.read_text(encoding="utf-8")
        files.append(File.generated(config, f"cards/{card.parent.name}.md", content=content))
    return files


def on_page_markdown(markdown, page, config, files):
    """Links to cards, which on GitHub lead to the models' folders, lead to those pages."""
    return re.sub(r"\]\(\.\./saved_models/([\w.-]+)/README\.md\)", r"](cards/\1.md)", markdown)
