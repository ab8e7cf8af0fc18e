"""The commands that made a student, kept with its weights on the way; needs no JAX."""

import shlex

from ..shared.command import command_of

PLACES = ("texts", "data_dir")  # folders of this machine, on a card DIR


def command_with(recipe, arguments, *positional, left_out=()):
    """The command that gives a recipe of this folder these arguments, a dict; those that are None or empty left out."""
    words = [command_of(f"accelerator.{recipe}"), *(shlex.quote(str(of)) for of in positional)]
    for name, value in arguments.items():
        if value is None or value in ([], {}) or name in left_out:
            continue
        words.append(f"--{name.replace('_', '-')} {'DIR' if name in PLACES else shlex.quote(str(value))}")
    return " ".join(words)
