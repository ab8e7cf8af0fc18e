"""`seqzoo recipe`: the list, and every name under which a recipe is started."""

import ast
import functools
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from seqzoo import cli
from seqzoo.cli import recipe

ROOT = Path(__file__).resolve().parents[1]
# Old names: published cards, and what their README.md is made of, state them.
STATED = {
    name
    for path in (ROOT / "saved_models").glob("*/*")
    if path.suffix in (".json", ".md")
    for name in re.findall(r"python -m recipes\.([a-z_.]*[a-z_])", path.read_text(encoding="utf-8"))
}
ONE = """\"\"\"What it does.

More of it.
\"\"\"
import sys


def main():
    print(__name__, __spec__.name, *sys.argv[1:])
    if sys.argv[1:2] == ["--fail"]:
        raise KeyError("units")
    return {"--status": 7, "--text": "why not"}.get(sys.argv[1] if sys.argv[1:] else None)


if __name__ == "__main__":
    sys.exit(main())
"""


@pytest.fixture
def run(capsys):
    def run(*arguments):
        status = cli.main(["recipe", *arguments])
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def own(tmp_path, monkeypatch, run):
    """`run`, with recipes of our own: imdb.one, stocks.one, stocks.two and a helper, and an old name."""
    files = {
        "__init__.py": '"""Recipes."""',
        "once.py": '"""An old name."""\nif __name__ == "__main__":\n    print("old")\n',
        **{f"{folder}/__init__.py": f'"""About {folder}."""' for folder in ("imdb", "stocks")},
        **dict.fromkeys(("imdb/one.py", "stocks/one.py", "stocks/two.py"), ONE),
        "stocks/helper.py": "def main():\n    pass\n",
        "stocks/part.py": 'if __name__ == "__main__":\n    print("started by two")\n',
    }
    for name, text in files.items():
        (tmp_path / "seqzoo" / "recipes" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "seqzoo" / "recipes" / name).write_text(text)
    monkeypatch.setattr(recipe, "PACKAGE", tmp_path / "seqzoo")
    import seqzoo

    monkeypatch.setattr(seqzoo, "__path__", [*seqzoo.__path__, str(tmp_path / "seqzoo")])
    before = set(sys.modules)
    yield run
    for name in set(sys.modules) - before:
        if name.startswith("seqzoo.recipes"):
            del sys.modules[name]
    vars(seqzoo).pop("recipes", None)


def test_the_list(own):
    status, output, errors = own()
    lines = output.split("\n")
    assert (status, errors) == (0, "")
    assert lines[:5] == ["", "About imdb.", "  imdb.one    What it does.", "", "About stocks."]
    assert "helper" not in output and "part" not in output and "once" not in output and "More" not in output
    assert json.loads(own("--json")[1]) == [
        {"name": name, "subject": name.split(".")[0], "summary": "What it does."}
        for name in ("imdb.one", "stocks.one", "stocks.two")
    ]


@pytest.mark.parametrize("name", ["stocks.two", "stocks/two", "two"])
def test_names_of_one(own, name):
    assert own(name, "--help", "--json", "--", "x") == (0, "__main__ seqzoo.recipes.stocks.two --help --json -- x\n", "")


def test_an_old_name_runs_what_it_named(own):
    assert own("once") == (0, "old\n", "")


@pytest.mark.parametrize("name", ["one", "three", "helper", "part", "stocks.helper", "stocks", "../stocks/two", "", "__init__"])
def test_another_name_is_answered_with_those_there_are(own, name):
    expected = f"seqzoo: error: A recipe is one of imdb.one, stocks.one, stocks.two. Received: {name!r}\n"
    assert own(name, "--help") == (2, "", expected)


def test_json_before_a_name_is_refused(own):
    status, output, errors = own("--json", "two")
    assert (status, output) == (2, "") and errors.endswith("Received: two\n")


def test_status_and_arguments_go_through(own):
    before = list(sys.argv)
    assert own("two", "--status")[0] == 7
    status, _, errors = own("two", "--text")
    assert (status, errors) == (1, "why not\n")
    status, _, errors = own("two", "--fail")
    assert status == 1 and errors.startswith("Traceback") and errors.endswith("KeyError: 'units'\n")
    assert sys.argv == before


def test_a_clones_recipes_are_listed_without_tensorflow():
    code = "import sys; from seqzoo.cli import main; main(['recipe']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"tensorflow", "keras", "numpy"} & set(done.stderr.split())
    for name, summary in recipe.programs().items():
        assert f"  {name} " in done.stdout and summary in done.stdout
        assert summary.endswith(".") and "`" not in summary, f"{name}: a sentence for the list"


def test_a_clones_recipes_run_from_anywhere(tmp_path):
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    command = [sys.executable, "-m", "seqzoo", "recipe", "stocks/publish", "--help"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.startswith("usage: python -m recipes.stocks.publish "), done.stderr


def test_names_that_published_cards_state_go_on_working(monkeypatch):
    monkeypatch.setattr(recipe, "programs", functools.cache(recipe.programs))  # it parses every recipe
    assert {"imdb_sentiment", "publish", "stock_forecast", "finetune_text"} <= STATED
    for name in STATED:
        assert recipe.find(name)
        if "." not in name:
            tree = ast.parse((ROOT / "recipes" / f"{name}.py").read_text(encoding="utf-8"))
            (new,) = re.findall(r"`recipes\.([a-z_.]+)`", ast.get_docstring(tree))
            assert new in recipe.programs() and f".{new}" in ast.unparse(tree.body[-1])


@pytest.mark.parametrize("name", sorted(name for name in STATED if "." not in name))
def test_an_old_name_starts_the_new_one(name):
    done = subprocess.run([sys.executable, "-m", f"recipes.{name}", "--help"], cwd=ROOT, capture_output=True, text=True)
    new = re.search(r"`recipes\.[a-z_.]+`", (ROOT / "recipes" / f"{name}.py").read_text())[0].strip("`")
    assert done.returncode == 0 and done.stdout.startswith(f"usage: python -m {new} "), done.stderr
