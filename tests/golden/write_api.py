"""Write public_api.txt anew: `python tests/golden/write_api.py`, from the project's folder.

It holds every public name, what it takes and the defaults, without the type hints, which may become more exact at any
time; the methods of the cells, layers and pretrained models; the commands of `seqzoo` and their options. Programs that
other people wrote run as long as its lines stay: a line that goes or changes needs the deprecation that CONTRIBUTING.md
asks for, and every change a line in CHANGELOG.md.
"""

import argparse
import importlib
import inspect
from pathlib import Path

FILE = Path(__file__).with_name("public_api.txt")
PACKAGES = ("seqzoo", "seqzoo.data", "seqzoo.export", "seqzoo.insight", "seqzoo.page", "seqzoo.scoring", "seqzoo.zoo")


def public_api():
    """The whole of it as text."""
    lines = []
    for package in PACKAGES:
        module = importlib.import_module(package)
        for name in sorted(set(module.__all__) - {"__version__"}):
            lines += described(f"{package}.{name}", getattr(module, name))
    for task, model_class in sorted(_model_classes().items()):
        lines += _methods(f"model of {task}", model_class)
    return "\n".join([*lines, *_commands()]) + "\n"


def described(name, value):
    if not inspect.isclass(value):
        return [name, *_parameters(value)]
    if issubclass(value, Exception):
        return [f"{name}, {', '.join(base.__name__ for base in value.__bases__)}"]
    return [name, *_parameters(value), *_methods(name, value)]


def _methods(name, value):
    """Public methods and properties that seqzoo defines; what Keras or Python brings is not ours to keep."""
    own = {}
    for base in reversed(inspect.getmro(value)):
        if base.__module__.startswith("seqzoo."):
            own |= vars(base)
    lines = []
    for method in sorted(own):
        if method == "__call__" or not method.startswith("_"):
            called = inspect.isroutine(own[method])
            lines += [f"{name}.{method}", *(_parameters(getattr(value, method)) if called else [])]
    return lines


def _parameters(function):
    """One line for each, so that a difference is short."""
    found = inspect.signature(function).parameters.values()
    return [f"    {_plain(parameter)}" for parameter in found if parameter.name != "self"]


def _plain(parameter):
    """Without its hint; a module that it defaults to by name, as where it lies differs between machines."""
    if inspect.ismodule(parameter.default):
        return f"{parameter.name}={parameter.default.__name__}"
    return parameter.replace(annotation=parameter.empty)


def _model_classes():
    from seqzoo.zoo import find_model, list_pretrained, load_pretrained, read_card

    cards = sorted((read_card(find_model(name)) for name in list_pretrained()), key=lambda card: -card["parameters"])
    smallest = {card["task"]: card["name"] for card in cards}
    return {task: type(load_pretrained(name)) for task, name in smallest.items()}


def _commands():
    from seqzoo.cli import _parser

    (commands,) = [action for action in _parser()._actions if isinstance(action, argparse._SubParsersAction)]
    for name, parser in sorted(commands.choices.items()):
        yield f"$ seqzoo {name}"
        for action in parser._actions:
            if not isinstance(action, argparse._HelpAction):
                kind = "" if action.default in (None, False, argparse.SUPPRESS) else f", default {action.default!r}"
                choices = f", one of {' '.join(map(str, action.choices))}" if action.choices else ""
                count = "" if action.nargs in (None, 0) else f", {action.nargs}"
                required = ", required" if action.required and action.option_strings else ""
                yield f"    {' '.join(action.option_strings) or action.dest}{count}{choices}{kind}{required}"


def main():
    FILE.write_text(public_api(), encoding="utf-8")


if __name__ == "__main__":
    main()
