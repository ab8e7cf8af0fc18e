"""Measure a pretrained forecaster beside its baselines again, those fitted anew week by week among them, for its card.

`python -m recipes.stocks.measure_again stock-volatility-lstm --data-dir DIR`

The model and its files stay byte for byte; card.json and README.md get the baselines' figures, Diebold and Mariano's t of the
model against each, and the figures of the yearly refit that `recipes.stocks.walk_forward` made for it. It stops where the model's
own figures on the test part are not those of the card.
"""

import sys
from pathlib import Path

from seqzoo.quiet import import_tensorflow
from seqzoo.tasks.stock_forecasting.walk_forward import FILE

from ..publishing.changed_folder import changed_folder
from ..shared.command import Parser, command_of
from ..shared.command import run as run_command

PROGRAM = "stocks.measure_again"


def measure_again(name, data_dir, run=None):
    """Measure, and change the folder as a whole; `run` holds `FILE`. Gives back the new baselines' rows."""
    from seqzoo.data.stock_examples import CalendarSplit, make_examples
    from seqzoo.data.stocks import load_stocks
    from seqzoo.zoo import load_pretrained
    from seqzoo.zoo.checks import check_figure
    from seqzoo.zoo.registry import find_model

    from .forecast import beside_of
    from .report import baseline_rows, judge, yearly_refit

    folder = Path(find_model(name))
    model = load_pretrained(folder)
    if not hasattr(model, "forecast"):
        raise ValueError(f"A forecaster of stock series is measured here. Received: {name}, {model.task}")
    years = (Path(run) if run else folder) / FILE
    if run and not years.is_file():
        raise FileNotFoundError(f"--walk-forward takes a run for which stocks.walk_forward made {FILE}. Received: {run}")
    data, stated = model.card["data"], model.card["metrics"]
    series = load_stocks("sample" if data["name"] == "stocks-sample" else "files", data_dir, data["tickers"])
    split = CalendarSplit(**data["calendar"])
    beside = beside_of({**model.card.get("market", {}), "data_dir": data_dir})
    test = make_examples(series, split, beside)["test"]
    judged = judge(model, series, split, test, beside=beside)
    for figure, value in judged["figures"].items():
        check_figure(stated["test"][figure], value)
    baselines, metrics = baseline_rows(judged), {}
    if years.is_file():
        metrics["walk_forward"] = yearly_refit(years, model, series, split, test, judged, baselines)
    with changed_folder(folder) as (made, card):
        card["metrics"] |= metrics
        card["baselines"] = [row for row in card["baselines"] if row["split"] != "test"] + baselines
        card["command"] = _with_commands(card["command"], folder.name, run)
        if run:
            (made / FILE).write_bytes(years.read_bytes())
    return baselines


def _with_commands(lines, name, run):
    """A card's commands with this one at their end, and the one that made `run`'s yearly refit before it."""
    lines = [line for line in lines.splitlines() if f".{PROGRAM} " not in line]
    line = f"{command_of(PROGRAM)} {name} --data-dir DIR"
    if run:
        lines.append(f"{command_of('stocks.walk_forward')} {Path(run).as_posix()} --data-dir DIR")
        line += f" --walk-forward {Path(run).as_posix()}"
    return "\n".join([*lines, line])


def main(argv=None):
    parser = Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("model", metavar="NAME", help="of the zoo, or a model folder's path")
    parser.add_argument("--data-dir", help="CSV files, one a ticker; not needed for a model of the sample")
    parser.add_argument("--walk-forward", metavar="RUN", help=f"run folder with {FILE}, which is added to the model's")
    arguments = parser.parse_args(argv)
    import_tensorflow()
    for row in measure_again(arguments.model, arguments.data_dir, arguments.walk_forward):
        t = ", ".join(f"{key} {row[key]:.2f}" for key in ("t", "t_walk_forward") if key in row)
        print(f"{row['name']}: {t}")
    print(f"{arguments.model} is measured; now: {command_of('publishing.models_table')}")


if __name__ == "__main__":
    sys.exit(run_command(main))
