import configparser
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import seqzoo
from seqzoo.cli import recipe
from seqzoo.zoo import list_pretrained, read_card
from tests.recipes.small_run import ARGUMENTS, QUIET

ROOT = Path(__file__).resolve().parents[1]
SETUP = configparser.ConfigParser()
SETUP.read(ROOT / "setup.cfg", encoding="utf-8")
SMALLER = "--cell rnn --units 4 --max-tokens 32 --epochs 1 --batch-size 64".split()
MODELS = [folder.parent for folder in sorted((ROOT / "saved_models").glob("*/card.json"))]


def lines_of(section, key):
    return [line for line in SETUP[section][key].split("\n") if line]


def requirements():
    """Extra, or None for what everybody needs -> [(name, floor or "floor,<bound")], references to other extras left out."""
    found = {None: lines_of("options", "install_requires")}
    found |= {extra: lines_of("options.extras_require", extra) for extra in SETUP["options.extras_require"]}
    return {
        extra: [tuple(line.split(">=")) for line in lines if not line.startswith("seqzoo[")] for extra, lines in found.items()
    }


def test_every_package_folder_is_listed():
    folders = {path.parent.relative_to(ROOT) for top in ("seqzoo", "recipes") for path in (ROOT / top).rglob("*.py")}
    packages = {".".join(folder.parts) for folder in folders}
    packages = {f"seqzoo.{name}" if name.split(".")[0] == "recipes" else name for name in packages}
    assert set(lines_of("options", "packages")) == packages | {"seqzoo.saved_models"}
    for folder in folders:
        assert (ROOT / folder / "__init__.py").is_file(), folder


def test_every_requirement_has_a_floor_and_its_reason_in_the_readme():
    readme = "".join((ROOT / page).read_text(encoding="utf-8") for page in ("README.md", "docs/house.md"))
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in readme.split("\n") if line.startswith("| ")]
    for name, floor in requirements()[None]:
        (row,) = [row for row in rows if row[0] == name]
        least, _, below = floor.partition(",<")
        assert row[1:3] == [least, below] and len(row[3]) > 10, row
    for extra, needed in requirements().items():
        if extra is not None:
            (row,) = [row for row in rows if row[0] == f"`seqzoo[{extra}]`"]
            assert row[2], f"what seqzoo[{extra}] is for"
            for name, _ in needed:
                assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", row[1]), f"{name} of seqzoo[{extra}]"


def test_all_brings_every_extra_that_recipes_need():
    extras = set(SETUP["options.extras_require"]) - {"all", "beam", "dev", "docs", "test", "yfinance"}
    (line,) = lines_of("options.extras_require", "all")
    assert set(line.removeprefix("seqzoo[").removesuffix("]").split(",")) == extras


def test_pyproject_names_the_build_backend_and_ruff_and_nothing_else():
    found = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert found.keys() == {"build-system", "tool"} and found["tool"].keys() == {"ruff"}


def test_every_commit_is_checked_by_the_ruff_that_the_extra_brings():
    ((_, floor),) = [needed for needed in requirements()["dev"] if needed[0] == "ruff"]
    assert re.search(r"rev: v(\S+)", (ROOT / ".pre-commit-config.yaml").read_text()).group(1) == floor


def test_the_version_is_the_one_that_changelog_and_citation_name():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[(\d\S*)\] - (\d{4}-\d\d-\d\d)$", changelog, re.M)
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    cited = [re.search(rf'^{field}: "?([^"\n]*)', citation, re.M).group(1) for field in ("version", "date-released")]
    assert "## [Unreleased]" in changelog and [*released[0]] == cited and cited[0] == seqzoo.__version__


def test_models_stay_small():
    """A model under 30 MB, all together under 120 MB."""
    sizes = [sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) for folder in MODELS]
    assert all(size < 30e6 for size in sizes) and sum(sizes) < 120e6


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel built from a copy of the project, so that nothing is left in the project."""
    setuptools = pytest.importorskip("setuptools", reason="building the wheel needs setuptools: pip install '.[test]'")
    if int(setuptools.__version__.split(".")[0]) < 77:
        pytest.skip(f"building the wheel needs setuptools 77 (pip install '.[test]'), there is {setuptools.__version__}")
    copy, built = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("wheel")
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    for name in ("seqzoo", "saved_models", "recipes", "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    # As pip does it, without the network that it would use to fetch setuptools.
    build = f"from setuptools import build_meta; build_meta.build_wheel({str(built)!r})"
    done = subprocess.run([sys.executable, "-c", build], cwd=copy, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (path,) = built.glob("seqzoo-*.whl")
    return path


def test_the_wheel_holds_the_package_and_its_models_but_no_saved_model(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    kinds = (".py", ".css", ".js", ".typed", ".html")
    code = {str(path.relative_to(ROOT)) for path in (ROOT / "seqzoo").rglob("*") if path.suffix in kinds}
    recipes = {path.relative_to(ROOT) for path in (ROOT / "recipes").rglob("*") if path.is_file()}
    code |= {
        str(path.relative_to(ROOT)) for folder in ("static", "networks") for path in (ROOT / "seqzoo/page" / folder).glob("*.*")
    }
    code |= {f"seqzoo/{path}" for path in recipes if "__pycache__" not in path.parts}
    models = {
        f"seqzoo/saved_models/{folder.name}/{name}"
        for folder in MODELS
        for name in {"card.json", *read_card(folder)["files"]}
        if not name.startswith("saved_model/")
    }
    assert names == code | models
    for folder in MODELS:
        own = ["vocabulary.txt"] if folder.name.startswith("imdb-") else []
        for name in ("card.json", "README.md", "weights.safetensors", "golden.json", *own):
            assert f"seqzoo/saved_models/{folder.name}/{name}" in names
    assert wheel.stat().st_size < 60e6


def test_the_wheel_says_what_it_needs(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (info,) = {name.split("/")[0] for name in archive.namelist() if ".dist-info/" in name}
        metadata = archive.read(f"{info}/METADATA").decode()
        entry_points = archive.read(f"{info}/entry_points.txt").decode()
        assert any(name.endswith("LICENSE") for name in archive.namelist())
    assert "Requires-Python: <3.14,>=3.11" in metadata or "Requires-Python: >=3.11,<3.14" in metadata
    for name, floor in requirements()[None]:
        assert f"Requires-Dist: {name}>={floor}\n" in metadata
    assert "seqzoo = seqzoo.cli:main" in entry_points


@pytest.fixture(scope="module")
def elsewhere(wheel, tmp_path_factory):
    """Runs Python where the unpacked wheel is all there is of the project."""
    folder = tmp_path_factory.mktemp("elsewhere")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    hidden = {"PYTHONPATH", "SEQZOO_MODELS"}
    environment = {k: v for k, v in os.environ.items() if k not in hidden} | {"PYTHONPATH": str(folder / "site")}

    def python(*arguments):
        return subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True)

    def ask(*arguments):
        code = "import sys, seqzoo; sys.stderr.write(seqzoo.__file__); from seqzoo.cli import main; sys.exit(main())"
        done = python("-c", code, *arguments, "--json")
        assert done.returncode == 0, done.stderr
        assert done.stderr == str(folder / "site" / "seqzoo" / "__init__.py"), "this one, and no chatter"
        return json.loads(done.stdout)

    ask.python = python
    return ask


def test_an_installed_wheel_runs_recipes(elsewhere):
    assert [row["name"] for row in elsewhere("recipe")] == list(recipe.programs())
    by_command = elsewhere.python("-m", "seqzoo", "recipe", "imdb.sentiment", "--help")
    by_module = elsewhere.python("-m", "seqzoo.recipes.imdb.sentiment", "--help")
    by_old_name = elsewhere.python("-m", "seqzoo.recipes.imdb_sentiment", "--help")
    for done in (by_command, by_module, by_old_name):
        assert done.returncode == 0 and not done.stderr, done.stderr
        assert done.stdout.startswith("usage: python -m seqzoo.recipes.imdb.sentiment ")
    assert by_command.stdout == by_module.stdout == by_old_name.stdout
    refused = elsewhere.python("-m", "seqzoo", "recipe", "models_table")
    assert refused.returncode == 2 and "of a clone of the project. Received: " in refused.stderr


@pytest.mark.parametrize("module", list(recipe.programs()))
def test_every_recipe_is_found_in_an_installed_wheel(elsewhere, module):
    done = elsewhere.python("-m", f"seqzoo.recipes.{module}", "--help")
    assert done.returncode == 0 and done.stdout.startswith(f"usage: python -m seqzoo.recipes.{module} "), done.stderr


def test_an_installed_wheel_trains_and_the_card_says_how(elsewhere, tmp_path):
    done = elsewhere.python(
        "-m", "seqzoo", "recipe", "sentiment", *ARGUMENTS, *QUIET, *SMALLER, "--output", str(tmp_path / "run")
    )
    assert done.returncode == 0, done.stderr
    command = json.loads((tmp_path / "run" / "model" / "card.json").read_text())["command"]
    assert command.startswith("python -m seqzoo.recipes.imdb.sentiment --data sample ")


def test_an_installed_wheel_lists_the_models(elsewhere):
    assert [row["name"] for row in elsewhere("list")] == [folder.name for folder in MODELS] == list_pretrained()


@pytest.mark.skipif(not MODELS, reason="saved_models/ holds no model")
def test_an_installed_wheel_answers(elsewhere):
    golden = json.loads((ROOT / "saved_models" / "imdb-lstm" / "golden.json").read_text(encoding="utf-8"))
    answer = elsewhere("predict", "imdb-lstm", *golden["inputs"][:2])
    received = [prediction["probability"] for prediction in answer["predictions"]]
    assert received == pytest.approx(golden["outputs"][:2], abs=1e-5)
