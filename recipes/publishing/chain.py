"""The commands that made a model of reviews, from the first run to the last."""

import json
import re
import shlex
from pathlib import Path

import numpy as np

from ..imdb.review_card import recipe_command, steps_in
from ..shared.command import read_made


def is_finished(run):
    """Whether a folder is a run's that came to its end, and not a model's of the zoo."""
    return (run / "metrics.json").is_file()


def read_arguments(run):
    """The arguments that made a finished run."""
    if not is_finished(run):
        raise FileNotFoundError(f"A finished run holds config.json, metrics.json and model/. Received: {run}")
    return json.loads((run / "config.json").read_text())["arguments"]


def commands(runs, earlier=()):
    """The commands that make these runs, each once, those of the runs that another one needs before it.

    Args:
        runs: folders of finished runs.
        earlier: folders of published models that the first of them began with or were taught by: the commands of their
            cards go before, and what these name is, in all commands, the run that the model was published from. Of a card
            that led to more than is needed here, the commands end with the last that is.
    """
    before = dict.fromkeys(other for run in runs for other in needed(run))
    own = [line for run in [*(run for run in before if run not in runs), *runs] for line in run_commands(run)]
    named = {word for line in own for word in re.split(r"[\s,]|/model", line)}
    published, lines = {}, []
    for folder in earlier:
        card = json.loads((Path(folder) / "card.json").read_text(encoding="utf-8"))
        *made, last = card["command"].splitlines()
        published[card["name"]] = shlex.split(last)[4]  # python -m RECIPE NAME RUN
        lines += made
    while lines and _output_of(lines[-1]) not in named:
        lines.pop()
    made = set(map(_output_of, lines))  # what a card tells of already goes by the names of that card
    lines += [line for line in own if _output_of(line) not in made]
    return [_with_runs(line, published) for line in dict.fromkeys(lines)]


def _output_of(line):
    return line.rpartition(" --output ")[2]


def needed(run):
    """The run folders that a run is made from, those that it began with, was taught by or averages, oldest first.

    Those of `recipes.opinions`, which have no `data`, are left out: the card of the model that they led to has their commands.
    """
    made_with = read_arguments(run)
    several = [made_with.get(name) or "" for name in ("averaged", "joined", "teachers")]
    single = [Path(made_with.get(name) or "").parent for name in ("encoder", "backward_encoder")]
    before = [*single, *(Path(name) for names in several for name in names.split(","))]
    # A teacher may be given by its model folder too.
    before = [path.parent if path.name == "model" else path for path in before]
    finished = [path for path in before if is_finished(path) and "data" in read_arguments(path)]
    return list(dict.fromkeys(other for path in finished for other in (*needed(path), path)))


def run_commands(run):
    """The commands that make a run, before them those of opinions that taught it; a language model is told by the steps that it
    is trained on at a time."""
    made_with = read_arguments(run)
    recipe = "imdb.language_model" if "time_steps" in made_with else "imdb.sentiment"
    before = [line for name in opinions_of(made_with) for line in commands_in(name)]
    return [*before, *f"{recipe_command(made_with, recipe)} --output {run}".splitlines()]


def opinions_of(made_with):
    """The .npz files among the teachers of a run."""
    return [name for name in (made_with.get("teachers") or "").split(",") if name.endswith(".npz")]


def commands_in(opinions):
    """The commands that made an .npz of opinions."""
    with np.load(opinions) as file:
        return steps_in(read_made(file))


def _with_runs(line, published):
    """A command with the run in the place of a published model that is no more what it was."""
    for name, run in published.items():
        line = re.sub(rf"(--(?:encoder|begin) ){re.escape(name)}(?=\s|$)", rf"\g<1>{run}/model", line)
        line = re.sub(rf"(--teachers (?:\S*,)?){re.escape(name)}(?=[\s,]|$)", rf"\g<1>{run}", line)
    return line
