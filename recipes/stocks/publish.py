"""Make a zoo model of stock prices from finished runs.

`python -m recipes.stocks.publish stock-volatility-lstm RUN RUN RUN --data-dir DIR`

Each RUN is the folder of one task, such as runs/stocks-lstm-0/volatility. The first run's model is the one
that is kept; the others, made with other seeds, give the spread. Only here do the zoo's stock models meet
the test part.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from seqzoo.quiet import import_tensorflow
from seqzoo.tasks.stock_forecasting.walk_forward import FILE

from ..publishing.chain import read_arguments
from ..publishing.changed_folder import changed_folder
from ..publishing.publish import check_seeds
from ..shared import command
from .card import recipe_command


def parse(argv=None):
    parser = argparse.ArgumentParser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("name", help="the model's name in the zoo")
    parser.add_argument("runs", nargs="+", type=Path, help="run folders that differ in their seed only")
    parser.add_argument("--search", nargs="*", default=[], type=Path, help="run folders of what else was tried")
    parser.add_argument("--tried", action="append", default=[], type=json.loads, help="a row of the search, as JSON")
    parser.add_argument("--limit", action="append", default=[], help="a sentence for the card's limits")
    parser.add_argument(
        "--aside",
        action="append",
        default=[],
        metavar="SOURCE:TICKER:FIRST:LAST",
        help="also judge on a series that training did not see, such as files:GSPC:2021-01-27:2023-12-28",
    )
    parser.add_argument("--data-dir", help="the CSV files")
    parser.add_argument("--output", type=Path, default=Path("saved_models"))
    parser.add_argument("--overwrite", action="store_true", help="replace the model of this name")
    parser.add_argument("--no-garch", dest="garch", action="store_false", help="leave out the GARCH baselines")
    return parser.parse_args(argv)


def search_rows(folders):
    """One dict for each run: what makes it different, and its best figure on validation data.

    Runs fitted to the validation data are left out.
    """
    tried = [(read_arguments(folder), json.loads((folder / "metrics.json").read_text())) for folder in folders]
    tried = [(of, found) for of, found in tried if of.get("fit") != "all"]
    keys = [key for key in (tried[0][0] if tried else ()) if len({str(of.get(key)) for of, _ in tried}) > 1]
    rows = [
        {
            **{key: of.get(key) for key in keys},
            "validation_loss": round(found["history"][-1]["validation_loss"], 5),
        }
        for of, found in tried
    ]
    return sorted(rows, key=lambda row: row["validation_loss"])


def commands(arguments):
    """The command lines that make the runs, and then this model from them."""
    first = arguments.runs[0]
    folders = [run.as_posix() for run in arguments.runs]
    lines = [f"{recipe_command(read_arguments(run))} --output {run.parent.as_posix()}" for run in arguments.runs]
    if (first / FILE).is_file():
        lines.append(f"{command.command_of('stocks.walk_forward')} {first.as_posix()} --data-dir DIR")
    aside = "".join(f" --aside {of}" for of in arguments.aside)
    lines.append(f"{command.command_of('stocks.publish')} {arguments.name} {' '.join(folders)} --data-dir DIR{aside}")
    return "\n".join(lines)


def aside_row(place, model, split, arguments, beside=None):
    """A row of the card's `aside`, with the ratio to GARCH-t of a quantile forecaster."""
    from seqzoo.tasks.stock_forecasting.aside import aside_figures, load_aside
    from seqzoo.tasks.stock_forecasting.figures import quantile_figures

    from .baselines import quantile_baselines

    keys = ("source", "ticker", "first", "last")
    if len(place.split(":")) != len(keys):
        raise ValueError(f"`--aside` is SOURCE:TICKER:FIRST:LAST. Received: {place!r}")
    row = dict(zip(keys, place.split(":"), strict=True))
    data_dir = arguments.data_dir if row["source"] == "files" else None
    aside = load_aside(**row, train_end=split.train_end, data_dir=data_dir, beside=beside)
    figures = aside_figures(model, aside)
    if model.task == "stock-quantiles" and arguments.garch:
        garch = quantile_figures(quantile_baselines(*aside)["GARCH(1,1)-t"], aside[2])
        figures["pinball_to_garch"] = round(figures["pinball"] / garch["pinball"], 5)
    return {**row, "figures": figures}


def publish(arguments):
    """Measure the runs' models on the test part and write the first one, with its card, into the zoo."""
    import seqzoo
    from seqzoo.data.market_windows import without
    from seqzoo.data.stock_examples import CalendarSplit, make_examples
    from seqzoo.data.stocks import load_stocks
    from seqzoo.tasks.stock_forecasting.figures import (
        har_variance,
        measure_forecaster,
        quantile_figures,
        rounded,
        volatility_figures,
    )
    from seqzoo.tasks.stock_forecasting.readme import ABSENT
    from seqzoo.zoo.folder import save_folder

    from .card import golden_windows, stock_card
    from .forecast import beside_of
    from .report import baseline_rows, judge, yearly_refit

    if len(arguments.runs) > 1:
        check_seeds(arguments.runs)
    made_with = read_arguments(arguments.runs[0])
    series = load_stocks(made_with["data"], arguments.data_dir, made_with["tickers"])
    split = CalendarSplit(made_with["train_end"], made_with["validation_end"], made_with["test_end"])
    beside = beside_of({**made_with, "data_dir": arguments.data_dir})
    parts = make_examples(series, split, beside)
    test = parts["test"]
    models = [seqzoo.load_pretrained(run / "model") for run in arguments.runs]
    judged = judge(models[0], series, split, test, arguments.garch, beside)
    forecasts = [model.predict_features(test.sequence, test.anchor) for model in models]
    if models[0].task == "stock-volatility":
        key, reference = "qlike_to_har", har_variance(series, split, test.ticker, test.asof)
        found = [volatility_figures(forecast[:, 0], test, reference) for forecast in forecasts]
        mean = volatility_figures(np.mean(forecasts, axis=0)[:, 0], test, reference)
    else:
        key, found = "pinball", [quantile_figures(forecast, test) for forecast in forecasts]
        mean = quantile_figures(np.mean(forecasts, axis=0), test)
    metrics = {
        "test": rounded(found[0]),
        "seeds": {str(model.config["seed"]): round(of[key], 5) for model, of in zip(models, found, strict=True)},
    }
    if len(models) > 1:
        metrics["mean_of_seeds"] = rounded(mean)
    if made_with.get("fit") != "all":
        validation = rounded(measure_forecaster(models[0], series, split, parts["validation"]))
        metrics = {"validation": validation, **metrics}
    if beside is not None:
        for key, absent in ABSENT.items():
            less = type(test)(without(test.sequence, **absent), *test[1:])
            metrics[key] = rounded(measure_forecaster(models[0], series, split, less))
    baselines, years = baseline_rows(judged), arguments.runs[0] / FILE
    if years.is_file():
        metrics["walk_forward"] = yearly_refit(years, models[0], series, split, test, judged, baselines)
    print(json.dumps({**metrics, "baselines": baselines}, indent=1))
    search = search_rows([*arguments.runs, *arguments.search]) + arguments.tried
    card = stock_card(arguments.name, made_with, series, split, parts, metrics, baselines, search, beside)
    card["command"] = commands(arguments)
    card["limits"] += arguments.limit
    card["published"] = True
    card["aside"] = [aside_row(of, models[0], split, arguments, beside) for of in arguments.aside]
    if len(models) < 3:
        card["limits"].append(f"The spread is that of {'one seed' if len(models) == 1 else 'two seeds'} only.")
    folder, golden = arguments.output / arguments.name, golden_windows(wide=models[0].takes_market)
    save_folder(models[0], folder, card, golden, overwrite=arguments.overwrite)
    if years.is_file():
        with changed_folder(folder) as (made, _):
            (made / FILE).write_bytes(years.read_bytes())
    print(f"{arguments.output / arguments.name} is made; now: {command.command_of('publishing.models_table')}")


def main(argv=None):
    arguments = parse(argv)
    import_tensorflow()
    return command.run(publish, arguments, name="stocks.publish")


if __name__ == "__main__":
    sys.exit(command.run(main))
