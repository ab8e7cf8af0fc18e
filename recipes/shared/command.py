"""What the recipes' command lines share: checked numbers, errors in one line, an interrupt that is no accident."""

import argparse
import contextlib
import importlib.util
import json
import sys

from seqzoo.interruptible import Command

# Modules that only some users need, and the extra that brings each.
EXTRAS = {"matplotlib": "plot", "sklearn": "baseline"}
PACKAGE = __package__.rpartition(".")[0]  # `recipes` in a clone, `seqzoo.recipes` where seqzoo is installed
EXPECTED = (ValueError, OSError, ImportError, ArithmeticError)


def run(main, argv=None, interrupted="Interrupted.", name=None):
    """Run a recipe's `main`; gives the exit status: its own or 0, 2 after an error that a user can mend, 130 after Ctrl-C.

    `name`, if given, stands before the error.
    """
    try:
        with Command(lambda: interrupted):
            return main(argv) or 0
    except EXPECTED as error:
        _say(f"{f'{name}: ' if name else ''}error: {str(error) or type(error).__name__}")
        return 2
    except KeyboardInterrupt:
        _say(f"\n{interrupted}")
        return 130


def _say(line):
    """On standard error, after all that was printed: a log that takes both streams has them in the order of time."""
    with contextlib.suppress(OSError):  # nobody reads on
        sys.stdout.flush()
    print(line, file=sys.stderr)


def command_of(recipe):
    """The command that starts a recipe, here and now: `python -m recipes.imdb.sentiment` for "imdb.sentiment"."""
    return f"python -m {PACKAGE}.{recipe}"


def read_made(file):
    """What an .npz of `recipes.accelerator`, opened, says of how it was made: a dict, empty if it says nothing."""
    return json.loads(str(file["made"])) if "made" in file else {}


class Parser(argparse.ArgumentParser):
    """Says what is wrong with an argument, without the page of usage before it."""

    def error(self, message):
        self.exit(2, f"{self.prog}: error: {message} (see --help)\n")


def _number(kind, valid, description):
    def parse(text):
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not valid(value):
            raise argparse.ArgumentTypeError(f"must be {description}. Received: {text!r}")
        return value

    return parse


def whole(least):
    """An argument's type: a whole number of at least `least`."""
    return _number(int, lambda value: value >= least, f"a whole number of at least {least}")


share = _number(float, lambda value: 0 <= value < 1, "a number from 0 to below 1")
positive = _number(float, lambda value: 0 < value < float("inf"), "a finite number above 0")
at_least_one = _number(float, lambda value: 1 <= value < float("inf"), "a finite number of at least 1")
not_negative = _number(float, lambda value: 0 <= value < float("inf"), "a finite number of at least 0")


def add_distribute(add):
    """The option `--distribute`, to a parser's `add_argument`."""
    add(
        "--distribute",
        choices=["multiworker", "mirrored"],
        help="train on the processes that TF_CONFIG names, or on all devices of this machine; --batch-size rows are shared out",
    )


def check_installed(*modules):
    """Raises ImportError, naming the extra to install, now rather than after hours of training."""
    for module in modules:
        if importlib.util.find_spec(module) is None:
            raise ImportError(f"This needs {module}: pip install 'seqzoo[{EXTRAS[module]}]'")
