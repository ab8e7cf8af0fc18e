"""Make a zoo model of reviews from finished runs.

`python -m recipes.publishing.publish imdb-lstm RUN RUN RUN --search 'runs/search/*'`

The first run's model is the one that is kept; the others, made with other seeds, give the spread. This is the only
place where the zoo's models meet the test split.
"""

import argparse
import glob
import json
import shlex
import sys
from pathlib import Path

from seqzoo.quiet import import_tensorflow

from ..imdb.review_card import GOLDEN_TEXTS, STEPS, review_card
from ..shared import command
from .chain import commands, read_arguments


def parse(argv=None):
    parser = argparse.ArgumentParser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("name", help="the model's name in the zoo")
    parser.add_argument("runs", nargs="+", type=Path, help="run folders that differ in their seed only")
    parser.add_argument("--search", action="append", default=[], help="pattern of run folders: what was tried before")
    parser.add_argument(
        "--note", action="append", default=[], help="a sentence for the card's limits, such as what else was read on test"
    )
    parser.add_argument(
        "--earlier",
        action="append",
        type=Path,
        default=[],
        help="folder of a published model that the runs began with or were taught by: the commands of its card go before",
    )
    parser.add_argument("--data-dir", help="where tensorflow-datasets prepared IMDB")
    parser.add_argument("--output", type=Path, default=Path("saved_models"))
    parser.add_argument("--overwrite", action="store_true", help="replace the model of this name")
    return parser.parse_args(argv)


def check_seeds(runs):
    """Raises ValueError unless the runs differ in `seed`, and in nothing else."""
    without = dict.fromkeys(("seed", *STEPS))
    first = {**read_arguments(runs[0]), **without}
    seeds = [read_arguments(run)["seed"] for run in runs]
    for run in runs:
        if {**read_arguments(run), **without} != first or len(set(seeds)) < len(seeds):
            raise ValueError(f"The runs must differ in their seed and in nothing else. Received: {', '.join(map(str, runs))}")


def search_rows(patterns):
    """One dict per run that was tried: the arguments in which the runs differ, and the validation accuracy."""
    folders = sorted(Path(path) for pattern in patterns for path in glob.glob(pattern))
    tried = [(read_arguments(folder), json.loads((folder / "metrics.json").read_text())) for folder in folders]
    keys = dict.fromkeys(key for arguments, _ in tried for key in arguments if key not in STEPS)
    keys = [key for key in keys if len({str(arguments.get(key)) for arguments, _ in tried}) > 1]
    rows = [
        {
            **{key: arguments[key] for key in keys if arguments.get(key) is not None},
            "validation_accuracy": round(metrics["validation"]["accuracy"], 4),
        }
        for arguments, metrics in tried
    ]
    return sorted(rows, key=lambda row: -row["validation_accuracy"])


def publish_command(arguments):
    """The commands that make the model: those of the runs, and of what goes before them, then this one."""
    words = [command.command_of("publishing.publish"), arguments.name, *map(str, arguments.runs)]
    words += [f"--search '{pattern}'" for pattern in arguments.search]
    words += [f"--note {shlex.quote(note)}" for note in arguments.note]
    return "\n".join([*commands(arguments.runs, arguments.earlier), " ".join(words)])


def publish(arguments):
    """Measure the runs' models on the test split and write the first one, with its card, into the zoo."""
    import seqzoo
    from seqzoo.data.reviews import load_reviews
    from seqzoo.tasks.text_classification.figures import measure
    from seqzoo.zoo.folder import save_folder

    from ..imdb.sentiment import baseline_figures

    check_seeds(arguments.runs)
    search = search_rows(arguments.search)
    made_with = read_arguments(arguments.runs[0])
    reviews = load_reviews(made_with["data"], arguments.data_dir, made_with["validation"])
    models = [seqzoo.load_pretrained(run / "model") for run in arguments.runs]
    figures = [measure(model, *reviews.test) for model in models]
    metrics = {
        "test": figures[0],
        "seeds": {str(model.config["seed"]): of["accuracy"] for model, of in zip(models, figures, strict=True)},
        "baselines": [baseline_figures(reviews, "test")],
    }
    for seed, accuracy in metrics["seeds"].items():
        print(f"seed {seed}: test accuracy {accuracy:.4f}")
    print(f"baseline: test accuracy {metrics['baselines'][0]['accuracy']:.4f}")
    card = review_card(arguments.name, made_with, reviews, metrics, search, publish_command(arguments), models[0].config)
    card["limits"] += arguments.note
    card["published"] = True
    save_folder(models[0], arguments.output / arguments.name, card, GOLDEN_TEXTS, overwrite=arguments.overwrite)
    print(f"{arguments.output / arguments.name} is made; now: {command.command_of('publishing.models_table')}")


def main(argv=None):
    arguments = parse(argv)
    import_tensorflow()
    return command.run(publish, arguments, name="publishing.publish")


if __name__ == "__main__":
    sys.exit(command.run(main))
