"""Add phone files to a zoo model's folder and card.

`python -m recipes.publishing.add_tflite imdb-lstm --data-dir DIR`

Each file is exported, run on the test split (one for micro on the first 2,500 reviews) and listed, with its
size, latency and figures, in card.json, from which README.md is made again. Scales of int8 come from reviews of
the training split, or from days of the validation part. A file that is not as right as the model is left out, and
the card's limits say why.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from seqzoo.quiet import import_tensorflow

from ..shared.command import run
from .changed_folder import changed_folder

MICRO_EXAMPLES = 2500  # a micro file goes over all its steps for every text: 33 ms on a desktop
WORSE = 0.005  # share of QLIKE or pinball loss that a file may lose


def parse(argv=None):
    parser = argparse.ArgumentParser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("model", help="the model's name, or its folder")
    parser.add_argument(
        "--file",
        action="append",
        metavar="TARGET:QUANTIZATION",
        help="such as micro:int8; repeatable; when left out, those that are right for the model",
    )
    parser.add_argument("--data-dir", help="where tensorflow-datasets prepared IMDB; for stocks the CSV files")
    parser.add_argument("--calibration", type=int, default=100, help="examples, not of the test split, that decide the scales")
    parser.add_argument("--source", help="data set of reviews to measure a text classifier on; default: its card's")
    parser.add_argument("--limit", type=int, help="test reviews to score, the first ones")
    return parser.parse_args(argv)


def default_files(config):
    """Pairs TARGET:QUANTIZATION that are right for a model with this architecture."""
    files = ["interpreter:dynamic"]
    if config["cell"] == "lstm":  # no runtime has 8-bit arithmetic for a fused RNN
        files.append("interpreter:int8")
        # A forecaster has no text for micro, and micro no search for pairs.
        if not config.get("bidirectional", True) and not config.get("bigrams"):
            files.append("micro:int8")
    return files


def of_reviews(model, arguments):
    """(calibration samples, function of a file and its target that gives its row on the card)."""
    from seqzoo.data.reviews import Split, load_reviews
    from seqzoo.export import TFLiteRunner
    from seqzoo.tasks.text_classification.parts import data_set_of
    from seqzoo.tasks.text_classification.phone import measure_file

    reviews = load_reviews(arguments.source or data_set_of(model.card), arguments.data_dir)

    def measure(path, target):
        limit = arguments.limit or (MICRO_EXAMPLES if target == "micro" else None)
        return measure_file(TFLiteRunner(path), *Split(*(part[:limit] for part in reviews.test)))

    return reviews.validation.texts[: arguments.calibration], measure


def of_stocks(model, arguments):
    """As `of_reviews`; the function raises ValueError for a file that is worse than the model by over `WORSE`."""
    from seqzoo.data.stock_examples import CalendarSplit, make_examples
    from seqzoo.data.stocks import load_stocks
    from seqzoo.export import TFLiteRunner
    from seqzoo.tasks.stock_forecasting.phone import measure_stock_file

    from ..stocks.forecast import beside_of

    data, test = model.card["data"], model.card["metrics"]["test"]
    source = "sample" if data["name"] == "stocks-sample" else "files"
    series = load_stocks(source, arguments.data_dir, data["tickers"])
    split = CalendarSplit(**data["calendar"])
    parts = make_examples(series, split, beside_of({**model.card.get("market", {}), "data_dir": arguments.data_dir}))
    days = np.linspace(0, len(parts["validation"]) - 1, arguments.calibration).astype(int)
    loss = "qlike" if model.task == "stock-volatility" else "pinball"

    def measure(path, target):
        row = measure_stock_file(TFLiteRunner(path), np.asarray(model.golden["inputs"]), series, split, parts["test"])
        if row["figures"][loss] > (1 + WORSE) * test[loss]:
            raise ValueError(
                f"its {loss} on the test part is {row['figures'][loss]:g}, over {100 * WORSE:g} % worse than the "
                f"model's {test[loss]:g}"
            )
        return row

    return [{"sequence": sequence} for sequence in parts["validation"].sequence[days]], measure


def add_files(arguments):
    """Export, measure and list; the model's folder is replaced as a whole, and only at the end."""
    from seqzoo import load_pretrained
    from seqzoo.export import ExportError, export_tflite
    from seqzoo.export.tflite.targets import TOLERANCES
    from seqzoo.zoo.registry import find_model

    folder = Path(find_model(arguments.model))
    model = load_pretrained(folder)
    stocks = model.card["task"].startswith("stock-")
    samples, measure = (of_stocks if stocks else of_reviews)(model, arguments)
    with changed_folder(folder) as (made, card):
        card.setdefault("phone", {})
        for pair in arguments.file or default_files(model.config):
            target, _, quantization = pair.partition(":")
            quantization = None if quantization in ("", "none") else quantization
            path = made / f"{target}-{quantization or 'float32'}.tflite"
            try:
                limit = TOLERANCES.get(quantization)  # of the zoo's files none is further off
                export_tflite(model, path, target, quantization, calibration=samples, overwrite=True, tolerance=limit)
                card["phone"][path.name] = measure(path, target)
                print(f"{path.name}: {card['phone'][path.name]}", flush=True)
            except ValueError as error:
                if not (isinstance(error, ExportError) or stocks):
                    raise
                leave_out(path, card, f"There is no {path.name}: {error}")


def leave_out(path, card, reason):
    """Take a file that is not right off the folder and the card, and say why there."""
    for part in (path, path.with_suffix(".json")):
        part.unlink(missing_ok=True)
    card["phone"].pop(path.name, None)
    start = reason.partition(":")[0]
    card["limits"] = [line for line in card.get("limits", []) if not line.startswith(start)] + [reason]
    print(reason, flush=True)


def main(argv=None):
    arguments = parse(argv)
    import_tensorflow()
    add_files(arguments)


if __name__ == "__main__":
    sys.exit(run(main))
