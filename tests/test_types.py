"""What type checkers are told of the lazily imported names is what Python finds."""

import ast
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = [f"seqzoo.tasks.{name}" for name in ("keyword_spotting", "stock_forecasting", "text_classification", "text_generation")]
LAZY = ["seqzoo", "seqzoo.data", "seqzoo.export", "seqzoo.insight", "seqzoo.page", "seqzoo.zoo", *ROOMS]


def declared(package):
    """Name -> module, from the imports under TYPE_CHECKING."""
    tree = ast.parse(ROOT.joinpath(*package.split("."), "__init__.py").read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"]
    # `import X as X` says that the name is meant for others (PEP 484).
    assert all(alias.asname == alias.name for node in block.body for alias in node.names)
    return {alias.name: node.module for node in block.body for alias in node.names}


@pytest.mark.parametrize("package", LAZY)
def test_type_checkers_see_the_names_that_there_are(package):
    module = importlib.import_module(package)
    found = declared(package)
    rooms = {name for name, home in found.items() if home == package}  # packages of it: seqzoo.export
    assert set(found) - rooms == set(module.__all__) - {"__version__"}
    for name, home in found.items():
        there = importlib.import_module(f"{home}.{name}") if name in rooms else getattr(importlib.import_module(home), name)
        assert getattr(module, name) is there


def test_every_lazy_package_is_among_them():
    lazy = {path.parent for path in (ROOT / "seqzoo").rglob("__init__.py") if "__getattr__" in path.read_text(encoding="utf-8")}
    assert {".".join(folder.relative_to(ROOT).parts) for folder in lazy} == set(LAZY)


def test_the_package_says_that_it_has_hints():
    assert (ROOT / "seqzoo" / "py.typed").is_file()
