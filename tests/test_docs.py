"""The README and docs/: what they show runs, what they print is printed, where their links lead is something."""

import json
import re
import shutil

import numpy as np
import pytest

from tests.docs_blocks import PAGES, ROOT, command, run_page, same_print
from tests.wave_files import write_wave

LANGUAGES = {"python", "sh", "text", "kotlin", "swift", "cpp", "js", "yaml"}
FENCE, LINK = re.compile(r"^```(.*)$", re.M), re.compile(r"\]\(([^)\s]+)\)")
INLINE = re.compile(r"(?<!`)`((?:seqzoo |make |python -m recipes)[^`\n]+)`(?!`)")


def names(paths):
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.fixture(scope="module")
def example_files(tmp_path_factory):
    """The files that the pages' blocks speak of, from the sample data of the package."""
    folder = tmp_path_factory.mktemp("files")
    pandas = pytest.importorskip("pandas", reason="needs seqzoo[stocks]")
    pytest.importorskip("arch", reason="needs seqzoo[stocks]")
    from seqzoo.data import load_reviews, load_stocks
    from seqzoo.zoo import find_model

    load_stocks("sample").frames["SP500"].to_csv(folder / "prices.csv")
    pandas.DataFrame({"text": load_reviews("sample").train.texts[:40]}).to_csv(folder / "reviews.csv")
    said = json.loads((find_model("digits-gru") / "golden.json").read_text())["inputs"][0]
    write_wave(folder / "recording.wav", 32767 * np.asarray(said))
    return folder


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_blocks_run_and_print_what_the_page_shows(page, example_files, tmp_path, monkeypatch):
    for needed in ("ai_edge_litert", "matplotlib"):
        pytest.importorskip(needed, reason="needs seqzoo[all]")
    if "apache_beam" in page.read_text(encoding="utf-8"):
        pytest.importorskip("apache_beam", reason="needs seqzoo[beam]")
    if "onnx" in page.read_text(encoding="utf-8"):
        for needed in ("tf2onnx", "onnxruntime"):
            pytest.importorskip(needed, reason="needs seqzoo[onnx]")
    for file in example_files.iterdir():
        shutil.copy(file, tmp_path)
    (tmp_path / "saved_models").symlink_to(ROOT / "saved_models")
    monkeypatch.chdir(tmp_path)
    run_page(page)


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_commands_in_a_sentence_are_known(page):
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for line in INLINE.findall(text):
        alone = line.startswith("seqzoo ") and len(line.split()) == 2  # the command's name, in a sentence about it
        command(f"{line} --help" if alone else line)


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_no_block_is_forgotten(page):
    """A language that nobody runs, like `bash`, would never be looked at."""
    fences = FENCE.findall(page.read_text(encoding="utf-8"))
    assert len(fences) % 2 == 0 and set(fences[::2]) <= LANGUAGES and set(fences[1::2]) <= {""}, fences


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_links_lead_somewhere(page):
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        path, _, place = link.partition("#")
        if not re.match(r"\w+:", link):
            target = (page.parent / path).resolve() if path else page
            assert target.exists() and ROOT in (target, *target.parents), link
            titles = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.M) if place else []
            assert not place or place in {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}, link


def test_the_readme_is_a_door():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 180
    assert (ROOT / "docs/images/page.png").stat().st_size < 250_000 and "docs/images/page.png" in text


def test_every_page_is_in_the_sites_menu():
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    for page in PAGES[1:]:
        assert f": {page.relative_to(ROOT / 'docs')}\n" in menu, page


def test_the_page_of_models_links_to_every_card():
    text = (ROOT / "docs/models.md").read_text(encoding="utf-8")
    for card in ROOT.glob("saved_models/*/card.json"):
        assert f"](../saved_models/{card.parent.name}/README.md)" in text


@pytest.mark.parametrize(
    "broken",
    [
        "```python\nimport seqzoo\nseqzoo.load_pretrianed('imdb-lstm')\n```",
        "```python\nprint(0.25)\n```\n\n```text\n0.75\n```",
        "```python\nprint('great')\n```\n\n```text\ngood\n```",
        "<!-- parsed only: hours -->\n```python\nfor\n```",
        "```sh\nseqzoo info imdb-lstn\n```",
        "```sh\nseqzoo list | head\n```",
        "<!-- parsed only: hours -->\n```sh\nseqzoo list --jsn\n```",
        "```sh\npython -m recipes.imdb.sentiments\n```",
        "```sh\npython -m recipes.imdb.sentiment --cel lstm --data sample --epochz 3\n```",
        "```sh\nseqzoo recipe imdb.sentiment --epochz 3\n```",
        "```sh\nseqzoo recipe imdb.sentiments\n```",
        "```sh\nmake demos\n```",
        "```sh\npip install 'seqzoo[mobil]'\n```",
        "```sh\nsqzoo list\n```",
    ],
)
def test_what_is_broken_is_found(tmp_path, broken):
    page = tmp_path / "page.md"
    page.write_text(f"# A page\n\n{broken}\n")
    with pytest.raises((Exception, SystemExit)) as found:
        run_page(page)
    assert f"{page}:" in found.value.__notes__[-1]


def test_what_is_right_is_not(tmp_path):
    page = tmp_path / "page.md"
    blocks = (
        ("python", "x = 1 / 3\nprint(round(x, 6), 'and', 17)"),
        ("text", "0.33334   and 17"),
        ("sh", "seqzoo recipe imdb.sentiment --cell lstm  # a comment\nmake test\npip install 'seqzoo[mobile]'"),
        ("sh", "KERAS_BACKEND=jax python -m recipes.imdb.language_model --data \\\n    sample"),
    )
    shown = "".join(f"```{language}\n{lines}\n```\n\n" for language, lines in blocks)
    page.write_text(f"{shown}<!-- parsed only: nobody has it -->\n```python\nimport nothing_of_that_name\n```\n")
    run_page(page)


def test_numbers_may_differ_in_their_last_digits_only():
    assert same_print("p 0.2736", "p   0.2737") and not same_print("p 0.2736", "p 0.2796")
    assert not same_print("p 0.7", "p 0.6612") and same_print("1.0e-5", "1.0e-05")
    assert same_print("18 words", "18 words") and not same_print("18 words", "19 words")
    assert not same_print("1.0 2.0", "1.0") and not same_print("a", "b") and same_print("", "")
