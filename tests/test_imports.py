"""Imports run one way only, lazy ones among them, and nobody pays for what they do not use."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LEAVES = {"files", "forked", "interruptible", "lazy", "progress", "quiet", "scratch"}
# What each part of seqzoo may import beside itself.
MAY_IMPORT = {
    "files": {"scratch"},
    "forked": set(),
    "interruptible": set(),
    "lazy": set(),
    "progress": set(),
    "quiet": set(),
    "scratch": set(),
    "cells": set(),
    "kernels": set(),
    "layers": {"cells", "kernels"},
    "data": LEAVES,
    "tasks": {"cells", "layers", "data"} | LEAVES,
    "registration": {"cells", "layers", "tasks", "training"},
    "training": {"layers", "tasks"} | LEAVES,
    "export": {"cells", "kernels", "layers", "tasks", "data"} | LEAVES,
    "insight": {"cells", "kernels", "layers", "tasks", "data"} | LEAVES,
    "zoo": {"layers", "tasks", "data", "training", "export"} | LEAVES,
    "scoring": {"tasks", "data", "zoo"} | LEAVES,  # a pipeline's worker loads its model by name
    "page": {"cells", "tasks", "insight", "zoo", "export"} | LEAVES,
    "cli": {"tasks", "data", "zoo", "export", "insight", "scoring", "page"} | LEAVES,
    "__main__": {"cli"},
    "__init__": {"cells", "data", "export", "insight", "layers", "page", "registration", "scoring", "tasks", "training", "zoo"},
}
OPTIONAL = {"tensorflow_datasets", "matplotlib", "sklearn", "scipy", "pandas", "arch", "yfinance"}  # see setup.cfg's extras
FILES = sorted((ROOT / "seqzoo").rglob("*.py"))


def imported(path):
    """(module, whether at the top of the file) of every import, and of every module that is named in a string."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(tree):
        top = node in tree.body
        if isinstance(node, ast.Import):
            yield from ((alias.name, top) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *filter(None, [node.module])])
            # `from seqzoo import files` imports seqzoo.files; `from seqzoo.files import x` at most that.
            yield from ((f"{module}.{alias.name}" if module == "seqzoo" else module, top) for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if re.fullmatch(r"seqzoo(\.[a-z_]+)+", node.value):
                yield node.value, False


def part_of(path):
    return path.relative_to(ROOT / "seqzoo").with_suffix("").parts[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path):
    part = part_of(path)
    assert part in MAY_IMPORT, f"say in MAY_IMPORT what seqzoo.{part} may import"
    for module, _ in imported(path):
        names = module.split(".")
        assert names[0] not in ("recipes", "tests"), module
        if names[0] == "seqzoo" and len(names) > 1 and names[1] != "__version__":
            assert names[1] == part or names[1] in MAY_IMPORT[part], f"seqzoo.{part} must not import {module}"


def test_the_rule_itself_has_no_circle():
    order = []
    while len(order) < len(MAY_IMPORT):
        ready = [part for part, others in MAY_IMPORT.items() if part not in order and others <= set(order)]
        assert ready, f"a circle among {set(MAY_IMPORT) - set(order)}"
        order += ready


def test_a_circle_would_be_seen():
    found = {module for path in FILES for module, _ in imported(path)}
    assert {"seqzoo.files", "seqzoo.layers.lstm", "seqzoo.tasks.text_classification.model", "seqzoo.cli"} <= found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_an_extra_brings_is_imported_where_it_is_used(path):
    assert not {module for module, top in imported(path) if top and module.split(".")[0] in OPTIONAL}


def test_cells_know_no_backend():
    for path in FILES:
        if part_of(path) == "cells":
            assert not {module.split(".")[0] for module, _ in imported(path)} & {"tensorflow", "jax", "torch"}


def test_import_and_list_cost_neither_tensorflow_nor_what_an_extra_brings():
    code = "import sys, seqzoo; dir(seqzoo); seqzoo.list_pretrained(); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "seqzoo" in modules.split()
    heavy = OPTIONAL | {"tensorflow", "keras", "numpy", "jinja2", "tqdm", "apache_beam", "pyarrow"}
    assert not {name.split(".")[0] for name in modules.split()} & heavy


def test_templates_and_bars_are_imported_when_one_is_made():
    code = "import sys, seqzoo.progress, seqzoo.insight.pages, seqzoo.scoring, seqzoo.training.progress; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "seqzoo.insight.pages" in modules.split()
    assert not {name.split(".")[0] for name in modules.split()} & {"jinja2", "markupsafe", "tqdm"}


def test_the_rooms_above_know_tasks_only_through_their_contract():
    """No task's name, no module of a task, and no question that begins with a part of a name."""
    from seqzoo.tasks import TASKS

    modules = {target.partition(":")[0].rpartition(".")[0] for target in TASKS.values()}
    words = [re.escape(name) for name in (*TASKS, *modules)] + [
        r"startswith\(.(text|stock)",
        r"task\W{0,2}\s*[!=]=",
        r"\btask\W{0,2}\s+(not )?in\s+[(\[{A-Z]",
    ]
    for path in FILES:
        if part_of(path) in ("zoo", "export", "insight", "page", "scoring", "cli", "training"):
            lines = path.read_text(encoding="utf-8").splitlines()
            found = [line for line in lines if any(re.search(word, line) for word in words)]
            assert not found, f"{path.relative_to(ROOT)}: {found}"
