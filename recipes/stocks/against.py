"""Hold a forecaster of the zoo against every baseline, those fitted anew week by week among them.

`python -m recipes.stocks.against stock-volatility-lstm --data-dir DIR`
"""

import json
import sys

from seqzoo.quiet import import_tensorflow

from ..shared.command import Parser, run


def measure(name, data_dir, garch=True):
    """{"figures", "baselines", "against"} of a forecaster on the test part that its card names; see `judge`."""
    from seqzoo.data.stock_examples import CalendarSplit, make_examples
    from seqzoo.data.stocks import load_stocks
    from seqzoo.zoo import load_pretrained

    from .forecast import beside_of
    from .report import baseline_rows, judge, rounded

    model = load_pretrained(name)
    if not hasattr(model, "forecast"):
        raise ValueError(f"A forecaster of stock series is judged here. Received: {name}, {model.task}")
    data = model.card["data"]
    series = load_stocks("sample" if data["name"] == "stocks-sample" else "files", data_dir, data["tickers"])
    split = CalendarSplit(**data["calendar"])
    beside = beside_of({**model.card.get("market", {}), "data_dir": data_dir})
    judged = judge(model, series, split, make_examples(series, split, beside)["test"], garch, beside)
    found = {"figures": rounded(judged["figures"]), "baselines": baseline_rows(judged), "against": judged["against"]}
    return model.task, found


def main(argv=None):
    parser = Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("model", metavar="NAME", help="of the zoo, or a model folder's path")
    parser.add_argument("--data-dir", help="CSV files, one a ticker; not needed for a model of the sample")
    parser.add_argument("--no-garch", dest="garch", action="store_false", help="leave out the GARCH baselines, the slowest")
    parser.add_argument("--json", action="store_true", help="write JSON, for programs")
    arguments = parser.parse_args(argv)
    import_tensorflow()
    from .report import against_text, table_of

    task, found = measure(arguments.model, arguments.data_dir, arguments.garch)
    if arguments.json:
        print(json.dumps(found, indent=1))
        return
    (figure, *_), rows = table_of(task, found["figures"], found["baselines"])
    print(f"{'':70}{figure:>12}{'t of this model against it':>30}")
    for name, of in rows:
        t = found["against"].get(name)
        print(f"{name:70}{of[figure]:>12.4g}{'' if t is None else f'{t:.2f}':>30}")
    print(against_text(found["against"], found["baselines"], figure))


if __name__ == "__main__":
    sys.exit(run(main))
