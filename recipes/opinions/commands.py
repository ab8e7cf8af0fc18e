"""The commands that made a run of `recipes.opinions`, and all the runs that it came from."""

import json
import shlex
from pathlib import Path

from ..publishing.chain import is_finished, read_arguments
from ..shared import command


def read_run(run):
    """The arguments that made a finished run, and its figures."""
    return read_arguments(run), json.loads((run / "metrics.json").read_text())


def begun_with(made_with):
    """The run whose model a run began with; None when it began with a model of the zoo."""
    before = Path(made_with["encoder"] or "").parent  # None began with nothing
    return before if is_finished(before) else None


def first_of(made_with):
    """The arguments of the run at the head of a chain, of which these are the last."""
    while run := begun_with(made_with):
        made_with, _ = read_run(run)
    return made_with


def commands_of(run, earlier=None):
    """Commands, each once, the runs that another one needs before it.

    Args:
        run: folder of a finished run.
        earlier: `recipes.opinions.earlier.Earlier` of the published model that the first of them began with, or None.
    """
    lines = {}

    def add(run):
        if run in lines:
            return
        made_with, _ = read_run(run)
        if averaged := made_with.get("averaged"):
            runs = averaged.split(",")
            for of in filter(is_finished, map(Path, runs)):
                add(of)
            if earlier:
                runs = [earlier.run if Path(path).name == earlier.name else path for path in runs]
            line = f"{command.command_of('opinions.average')} {' '.join(runs)} --texts DIR --data-dir DIR --output {run}"
        else:
            if before := begun_with(made_with):
                add(before)
            line = _training(earlier.in_place(made_with) if earlier else made_with, run)
        lines[run] = line

    add(run)
    return [*(earlier.lines if earlier else ()), *lines.values()]


def _training(made_with, run):
    from ..imdb.review_card import recipe_command

    shares = [f"--share {shlex.quote(share)}" for share in made_with["share"]]
    line = recipe_command({key: value for key, value in made_with.items() if key != "share"}, "opinions.train")
    return " ".join([line, *shares, f"--texts DIR --data-dir DIR --output {run}"])
