"""The command `seqzoo`: every sub-command is one call into the package. Only a model needs TensorFlow."""

import argparse
import os
import sys

from seqzoo import __version__
from seqzoo.cli import explain, export, forecast, generate, hear, info, listing, page, predict, recipe, verify
from seqzoo.cli.shared import one_line
from seqzoo.interruptible import Command

COMMANDS = (listing, info, predict, generate, forecast, hear, explain, page, export, verify, recipe)


def main(argv=None) -> int:
    """Run one command. Returns the exit status: 0, 1 if `verify` found something wrong, 2 after an error."""
    # Text that the terminal cannot show, or that is no valid Unicode, is escaped rather than fatal.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        with Command(lambda: "Interrupted."):
            status = _run(argv)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # `seqzoo list | head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains at exit
        return 141  # 128 + SIGPIPE, as a shell reports it
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # TensorFlow's errors have no common base of use here
        expected = isinstance(error, (ValueError, TypeError, OSError, ImportError))
        kind = "" if expected and str(error) else f"{type(error).__name__}: "
        print(f"seqzoo: error: {kind}{one_line(str(error))}", file=sys.stderr)
        return 2


def _run(argv):
    try:
        arguments = _parser().parse_args(argv)
    except SystemExit as stop:  # after --help, --version or a usage error
        return stop.code
    return arguments.run(arguments)


class _Parser(argparse.ArgumentParser):
    """Takes options before, between and after the other arguments, and says what is wrong in one line."""

    _inside = False

    def parse_known_args(self, args=None, namespace=None):
        if self.get_default("passed_on") is not None and args and not self._inside:
            args, passed_on = self._pass_on(args)
            self.set_defaults(passed_on=passed_on)
        # argparse's own way fills all other arguments before the first option that stands between them: of
        # `predict NAME --json TEXT` it would not know TEXT.
        words = [action for action in self._actions if not action.option_strings]
        if self._inside or any(action.nargs in (argparse.PARSER, argparse.REMAINDER) for action in words):
            return super().parse_known_args(args, namespace)
        self._inside = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._inside = False

    def _pass_on(self, args):
        """With --runner, options that are none of ours are the runner's, with the word behind them: two lists."""
        own, passed_on, taken = [], [], False
        if not any(arg.split("=")[0] == "--runner" for arg in args):
            return args, passed_on
        for arg in args:
            name = arg.split("=")[0]
            if taken and not arg.startswith("-"):
                passed_on[-1] += f"={arg}"
                taken = False
                continue
            known = any(option.startswith(name) for option in self._option_string_actions)
            taken = arg.startswith("--") and arg != "--" and not known
            (passed_on if taken else own).append(arg)
            taken = taken and "=" not in arg
        return own, passed_on

    def error(self, message):
        print(f"seqzoo: error: {message} (see {self.prog} --help)", file=sys.stderr)
        self.exit(2)


def _parser():
    parser = _Parser(prog="seqzoo", description="Pretrained recurrent networks: list, ask, export, verify.")
    parser.add_argument("--version", action="version", version=f"seqzoo {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in COMMANDS:
        options = getattr(module, "OPTIONS", {})
        command = commands.add_parser(module.NAME, help=module.HELP, description=module.HELP, **options)
        command.add_argument("--json", action="store_true", help="write JSON, for programs")
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return parser
