"""Fit a finished run again for every later year of the test part, to all days before that year.

`python -m recipes.stocks.walk_forward RUN --data-dir DIR`

RUN is the folder of one task made with `--fit all`, whose own weights serve the test part's first year. The weights of the
other years are written to RUN/walk_forward.safetensors, from which `recipes.stocks.publish` and `seqzoo verify` compute the
figures of a yearly refit; this program reads no figure of the test part.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from seqzoo.quiet import import_tensorflow

from ..publishing.chain import read_arguments
from ..shared.command import Parser
from ..shared.command import run as run_command
from .forecast import LATER, beside_of


def fit_years(run, data_dir, checkpoint_every=100):
    """Train for each year of the test part but the first; gives back the path of the file with their weights."""
    from seqzoo.data.stock_examples import CalendarSplit, make_examples
    from seqzoo.data.stocks import load_stocks
    from seqzoo.files import write_atomically
    from seqzoo.tasks.stock_forecasting.walk_forward import FILE, dump_years
    from seqzoo.training.run_folder import RunFolder

    from .training import train

    given = read_arguments(run)
    if given.get("fit") != "all":
        raise ValueError(f"A run made with --fit all serves the test part's first year. Received: {run}, made without")
    arguments = argparse.Namespace(**dict.fromkeys(LATER), **{"checkpoint_every": checkpoint_every, "data_dir": data_dir})
    vars(arguments).update(given)
    series = load_stocks(given["data"], data_dir, given["tickers"])
    split = CalendarSplit(given["train_end"], given["validation_end"], given["test_end"])
    parts = make_examples(series, split, beside_of(vars(arguments)))
    every = type(parts["test"])(*map(np.concatenate, zip(*parts.values(), strict=True)))
    years = np.unique(parts["test"].day.astype("datetime64[Y]"))[1:]
    weights = {}
    for year in years:
        day = str(year.astype("datetime64[D]"))
        before = every.where(every.day < year)
        print(f"To all days before {day}:", flush=True)
        folder = RunFolder(Path(run).parent / f"before-{day}", {**given, "before": day})
        model, _ = train(given["task"], arguments, {"train": before, "validation": before.where(slice(0))}, folder)
        weights[day] = model.tensors()
    write_atomically(Path(run) / FILE, dump_years(weights))
    return Path(run) / FILE


def main(argv=None):
    parser = Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("run", metavar="RUN", type=Path, help="the run's folder, such as runs/stocks-lstm-0/volatility")
    parser.add_argument("--data-dir", required=True, help="the CSV files")
    arguments = parser.parse_args(argv)
    import_tensorflow()
    print(f"{fit_years(arguments.run, arguments.data_dir)} is made")


if __name__ == "__main__":
    sys.exit(run_command(main))
