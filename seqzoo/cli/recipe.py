"""`seqzoo recipe`: the programs that come with the package, which train, publish and measure."""

import ast
import runpy
import sys
from pathlib import Path

from seqzoo.cli.shared import print_json

NAME = "recipe"
HELP = "List the recipes, which train, publish and measure, or run one."
OPTIONS = {"usage": "seqzoo recipe [-h] [--json] | seqzoo recipe NAME [ARGUMENT ...]"}
PACKAGE = Path(__file__).resolve().parents[1]


def add_arguments(command):
    words = "one of the list, such as imdb.sentiment, and its own arguments, such as --help; without a NAME all are listed"
    # One argument for both: what stands after the name is the recipe's, --help and --json too.
    command.add_argument("words", metavar="NAME [ARGUMENT ...]", nargs="...", help=words)


def run(arguments):
    if not arguments.words:
        return _list(arguments.json)
    if arguments.json:
        raise ValueError(f"--json before a NAME goes with the list alone. Received: {' '.join(arguments.words)}")
    name, *rest = arguments.words
    return start(find(name), rest)


def folder():
    """Where the recipes lie: inside an installed package; in a clone, beside it."""
    inside = PACKAGE / "recipes"
    return inside if inside.is_dir() else PACKAGE.parent / "recipes"


def programs():
    """What `find` finds by its full name: `{"imdb.sentiment": first line of its docstring}`.

    A program is a module with a function `main` that runs when it is the main module. Helpers lack the one or the other.
    """
    found = {}
    for path in sorted(folder().rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if _runs(tree) and any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body):
            found[".".join(path.relative_to(folder()).with_suffix("").parts)] = _first_line(tree)
    return dict(sorted(found.items(), key=lambda item: (item[0].count("."), item[0])))


def find(name):
    """The module of a recipe inside the folder: "imdb.sentiment", also for "imdb/sentiment", "sentiment" or an old name.

    Raises:
        ValueError: for any other name, or the last part of several.
    """
    known, wanted = programs(), name.replace("/", ".").removeprefix("seqzoo.").removeprefix("recipes.")
    if wanted in known:
        return wanted
    short = [full for full in known if full.rpartition(".")[2] == wanted]
    if len(short) == 1:
        return short[0]
    # At the top of the folder stand old names, which run a program but are none.
    old = {path.stem for path in folder().glob("*.py") if _runs(ast.parse(path.read_text(encoding="utf-8")))}
    if wanted in old:
        return wanted
    raise ValueError(f"A recipe is one of {', '.join(known)}. Received: {name!r}")


def start(module, arguments):
    """Run a recipe in this process as `python -m` would; gives its exit status."""
    package = "recipes"
    if folder().parent == PACKAGE:
        package = f"{PACKAGE.name}.recipes"
    elif str(folder().parent) not in sys.path[:1]:
        sys.path.insert(0, str(folder().parent))
    before, sys.argv = sys.argv, [module, *arguments]
    try:
        runpy.run_module(f"{package}.{module}", run_name="__main__", alter_sys=True)
    except SystemExit as stop:
        if not isinstance(stop.code, str):
            return int(stop.code or 0)
        print(stop.code, file=sys.stderr)
        return 1
    except Exception:  # what users can mend, recipes say in one line themselves; the rest keeps its traceback
        import traceback

        traceback.print_exc()
        return 1
    finally:
        sys.argv = before
    return 0


def _list(as_json):
    found = programs()
    if as_json:
        return print_json([{"name": name, "subject": _subject(name), "summary": line} for name, line in found.items()])
    width, before = max(map(len, found), default=0), ""
    for name, line in found.items():
        if (subject := _subject(name)) != before:
            print(f"\n{_first_line(ast.parse((folder() / subject / '__init__.py').read_text(encoding='utf-8')))}")
            before = subject
        print(f"  {name:{width}}  {line}")
    print("\nseqzoo recipe NAME --help says what one does and takes.")
    return 0


def _subject(name):
    return name.rpartition(".")[0]


def _first_line(tree):
    return (ast.get_docstring(tree) or "").partition("\n")[0]


def _runs(tree):
    """Whether a module does something as the main module: whether `if __name__ == "__main__":` stands in it."""
    return any(isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'" for node in tree.body)
