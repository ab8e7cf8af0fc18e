"""What the README and docs/ show, taken apart and run: Python blocks, command lines, and the output printed below them.

A block ```python is run, after those above it on the same page. In a block ```sh every `seqzoo ...` is run; recipes, `make`
and `pip` are checked against their parsers, the Makefile and setup.cfg. A block ```text right below either is what it prints.
`<!-- parsed only: REASON -->` above a block says that it is not run: it needs data, hours or a phone.
"""

import configparser
import contextlib
import importlib
import io
import re
import shlex
from pathlib import Path
from unittest import mock

from sybil import Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown import CodeBlockParser

from seqzoo import cli

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
RUN, PARSED_ONLY = ("python", "sh", "text"), re.compile(r"<!-- parsed only: \S[^>]* -->\s*\Z")
SHELL_ONLY = {"git", "cd", "source", "npm"}  # no programs of ours
NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?")


class Parsed(BaseException):
    """An argument parser was content; what it parsed for does not begin."""


def _python(example):
    if parsed_only(example):
        compile(example.parsed, example.path, "exec")
    else:
        keep_print(example, lambda: PythonEvaluator()(example))


def _sh(example):
    lines = [line for line in example.parsed.replace("\\\n", " ").splitlines() if line.strip()]
    keep_print(example, lambda: [command(line, run=not parsed_only(example)) for line in lines])


def _text(example):
    """Printed output, if it stands right below a block that was run."""
    end, printed = example.document.__dict__.get("printed", (None, ""))
    if end is not None and not example.document.text[end : example.start].strip():
        expected = example.parsed.strip("\n")
        assert same_print(expected, printed), f"The page shows\n{expected}\nand the program printed\n{printed}"


_PARSER = Sybil([CodeBlockParser(language, evaluator) for language, evaluator in zip(RUN, (_python, _sh, _text), strict=True)])


def run_page(path):
    """Run a page's blocks in order, in the working directory. Raises whatever is wrong, its file and line with it."""
    for example in _PARSER.parse(Path(path)).examples():
        try:
            example.evaluate()
        except (Exception, SystemExit) as error:
            error.add_note(f"in the block at {path}:{example.line}")
            raise


def parsed_only(example):
    return PARSED_ONLY.search(example.document.text[: example.start]) is not None


def keep_print(example, run):
    """Run something and remember for the block below what it printed."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        run()
    shown = None if parsed_only(example) else example.end
    example.document.printed = (shown, printed.getvalue().strip("\n"))


def same_print(expected, printed):
    """Whether two printed texts are the same, up to spaces and the last digits of numbers, which processors differ in."""
    ours, theirs = ([NUMBER.sub("#", line).split() for line in text.splitlines()] for text in (expected, printed))
    pairs = zip(NUMBER.findall(expected), NUMBER.findall(printed), strict=False)
    return ours == theirs and all(_close(*pair) for pair in pairs)


def _close(one, other):
    a, b = (float(number.replace(",", "")) for number in (one, other))
    decimals = len(one.partition("e")[0].partition(".")[2])
    return a == b or (("." in one or "e" in one) and abs(a - b) <= max(2 * 10**-decimals, 1e-3 * abs(a)))


def command(line, run=False):
    """Check one line for a shell; with `run`, a `seqzoo ...` that is no recipe is carried out. Raises for a wrong one."""
    words = shlex.split(line, comments=True)
    while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
        words.pop(0)
    if not words:
        return
    program, *rest = words
    if program == "seqzoo" and {"--help", "--version"} & set(rest):
        with contextlib.redirect_stdout(io.StringIO()):
            assert cli.main(rest) == 0, line
    elif program == "seqzoo":
        if rest[0] == "recipe" and len(rest) > 1:
            _parse(lambda: cli.main(rest), line)
        elif run:
            with mock.patch("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a film worth seeing\n"))):
                assert cli.main(rest) == 0, f"{line} failed"
        else:
            cli._parser().parse_args(rest)
    elif words[:2] == ["python", "-m"] and rest[1].startswith("recipes."):
        _parse(lambda: importlib.import_module(rest[1]).main(rest[2:]), line)
    elif program == "make":
        assert re.search(rf"^{re.escape(rest[0])}:", (ROOT / "Makefile").read_text(), re.M), f"no target {rest[0]}"
    elif program == "pip":
        assert rest[0] == "install", line
        unknown = {extra for extra in re.findall(r"[\w.]+\[([\w,-]+)\]", line) if not set(extra.split(",")) <= extras()}
        assert not unknown, f"no extra {unknown}"
    elif words[:2] == ["python", "-m"] or program == "python3":
        assert rest[1] in ("venv", "pip"), line
    else:
        assert program in SHELL_ONLY, f"Of {', '.join(sorted(SHELL_ONLY))}, seqzoo, python -m, make, pip. Received: {line}"


def _parse(start, line):
    """Start a recipe up to where its arguments are parsed."""
    import argparse

    parse_args = argparse.ArgumentParser.parse_args

    def stop(parser, *arguments, **options):
        found = parse_args(parser, *arguments, **options)
        if parser.prog == "seqzoo":
            return found
        raise Parsed

    with mock.patch.object(argparse.ArgumentParser, "parse_args", stop), contextlib.redirect_stderr(io.StringIO()) as said:
        try:
            start()
        except Parsed:
            return
        except SystemExit:
            pass
    raise AssertionError(f"{line}: {said.getvalue().strip() or 'it parses nothing'}")


def extras():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    return set(setup["options.extras_require"])
