"""The recipes' folders: the same files are `recipes` in a clone and `seqzoo.recipes` where seqzoo is installed."""

import ast
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "recipes"
FILES = sorted(FOLDER.rglob("*.py"))


def relative_imports(path):
    """The files that a recipe imports, lazy ones among them."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            yield from (base / f"{alias.name}.py" if base.is_dir() else base.with_suffix(".py") for alias in node.names)
        else:
            names = (
                [node.module]
                if isinstance(node, ast.ImportFrom)
                else [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else []
            )
            assert not {"recipes"} & {str(name).split(".")[0] for name in names}, f"{path}: imports of recipes are relative"
            if isinstance(node, ast.ImportFrom | ast.Import):
                assert not any(str(name).startswith("seqzoo.recipes") for name in names), path


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_what_a_recipe_imports_of_another_is_there(path):
    for found in relative_imports(path):
        assert found.is_file() and FOLDER in found.parents, found
        if path.parent.name == "shared":
            assert found.parent == path.parent, "what several subjects share knows none of them"


def test_the_imports_are_seen():
    assert FOLDER / "imdb" / "encoders.py" in relative_imports(FOLDER / "texts" / "finetune.py")
    assert FOLDER / "benchmarks" / "fit_epoch.py" in relative_imports(FOLDER / "benchmarks" / "layers.py")
    assert FOLDER / "imdb" / "sentiment.py" in relative_imports(FOLDER / "demo.py")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/__init__.py")), ids=lambda path: path.parent.name)
def test_a_folder_says_in_a_line_what_it_is_about(path):
    assert len(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))).split("\n")) == 1
