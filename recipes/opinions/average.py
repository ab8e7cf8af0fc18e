"""Make one model of runs of which each began with the one before, by averaging their weights.

`python -m recipes.opinions.average RUN RUN ... --texts DIR --data-dir DIR --output RUN`

The middle of the way between two runs of one valley errs less than its ends (see `recipes.imdb.average_weights`). What comes
out is a run folder for `recipes.opinions.publish`, measured on the validation parts; no test split is read.
"""

import sys
from pathlib import Path

from seqzoo.quiet import import_tensorflow

from ..shared.command import Parser, run


def parse(argv=None):
    parser = Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument(
        "runs",
        nargs="+",
        type=Path,
        help="finished runs of recipes.opinions.train, the last one last, or, before it, the folder of the model they began with",
    )
    parser.add_argument("--texts", required=True, help="as for recipes.opinions.train")
    parser.add_argument("--data-dir", help="where tensorflow-datasets prepared IMDB")
    parser.add_argument("--output", type=Path, required=True, help="run folder")
    arguments = parser.parse_args(argv)
    if len(set(arguments.runs)) < max(2, len(arguments.runs)):
        parser.error(f"two different runs or more are needed. Received: {' '.join(map(str, arguments.runs))}")
    return arguments


def model_of(path):
    """The folder of a run's model, or of a model itself."""
    return path if (path / "card.json").is_file() else path / "model"


def make(arguments):
    import seqzoo
    from seqzoo.training.run_folder import RunFolder

    from ..imdb.average_weights import average
    from .commands import read_run
    from .data import load_for
    from .train import keep

    made_with, _ = read_run(arguments.runs[-1])
    # The last one first: what the weights don't decide, as how many words are read, is the last run's.
    models = [seqzoo.load_pretrained(model_of(path)) for path in reversed(arguments.runs)]
    data = load_for(made_with, arguments.texts, arguments.data_dir)
    folder = RunFolder(arguments.output, {**made_with, "averaged": ",".join(map(str, arguments.runs))})
    keep(folder, average(models), data, [])


def main(argv=None):
    arguments = parse(argv)
    import_tensorflow()
    return run(make, arguments, name="opinions.average")


if __name__ == "__main__":
    sys.exit(run(main))
