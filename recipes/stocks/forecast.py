"""Train and judge forecasts of tomorrow's volatility and return.

Beside every figure stand the baselines that a quant would ask for, and what cannot be forecast (price and
direction) is shown not to be. Killed at any moment and started again with the same arguments, it continues
where it was. The test part of the calendar is read only with `--test`, once, at the end; without it the
figures are those of the validation part.
"""

import sys
from pathlib import Path

from ..shared.command import EXPECTED, Parser, add_distribute, not_negative, positive, share, whole
from ..shared.command import run as run_command
from ..shared.distribution import agreed, start

# Arguments that say where things lie and what is reported: a run may be continued with other values.
REPORTING = ("data_dir", "output", "checkpoint_every", "task", "test", "garch", "report", "saved_model", "distribute")
# Arguments that earlier runs did not have; where they are not given, a run is what it was.
LATER = ("market", "vix", "absent", "start", "fit", "members")
TASKS = ("volatility", "quantiles")
ENDS = {"sample": ("2010-12-31", "2014-12-31"), "files": ("2014-12-31", "2017-12-31")}


def parse(argv=None):
    parser = Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add(
        "--task",
        choices=[*TASKS, "both"],
        default="both",
        help="tomorrow's variance, its return's quantiles, or both",
    )
    data = parser.add_argument_group("data")
    data.add_argument("--data", choices=["sample", "files", "yfinance"], help="the S&P 500 of arch, --data-dir, or Yahoo!")
    data.add_argument("--data-dir", help="a CSV file of daily prices, or a folder of them, one for each ticker")
    data.add_argument("--tickers", nargs="+", help="those to use; all when left out")
    data.add_argument("--train-end", help="last day to train on")
    data.add_argument("--validation-end", help="last day of the validation part; the test part follows")
    data.add_argument("--test-end", help="last day of the test part")
    data.add_argument("--market", metavar="TICKER", help="show the network this index too, of a file in --data-dir, such as GSPC")
    data.add_argument("--vix", metavar="TICKER", help="show it the closes of this index of volatility too, such as VIX")
    add("--absent", type=share, help="with --market or --vix: share of the examples that lack one or both; default 0.4")
    add("--start", choices=["har"], help="begin with the head at a HAR model and the state left aside (volatility)")
    add("--fit", choices=["all"], help="weights from the validation part too, once all is chosen (volatility)")
    add("--members", type=whole(2), help="train so many networks, each with a seed of its own, and make one of them (volatility)")
    add("--cell", choices=["rnn", "lstm", "gru"], default="lstm")
    add("--units", type=whole(1), default=32)
    add("--layers", type=whole(1), default=1)
    add("--dropout", type=share, default=0.0, help="before the last layer")
    add("--epochs", type=whole(1), default=5)
    add_distribute(add)
    add("--batch-size", type=whole(1), default=512)
    add(
        "--learning-rate",
        type=positive,
        default=3e-3,
        help="peak; a tenth of the steps warm up, then a cosine to zero",
    )
    add("--weight-decay", type=not_negative, default=1e-3)
    add("--clip", type=positive, default=1.0, help="greatest norm of the whole gradient")
    add("--seed", type=whole(0), default=0)
    add("--test", action="store_true", help="judge on the test part (for the final card only)")
    add("--no-garch", dest="garch", action="store_false", help="leave out the GARCH baselines, the slowest")
    add("--no-report", dest="report", action="store_false", help="train only")
    add("--no-saved-model", dest="saved_model", action="store_false", help="keep weights only in each model/")
    add("--output", help="run folder; default runs/stocks-CELL-SEED")
    add("--checkpoint-every", type=whole(1), default=100, help="steps")
    arguments = parser.parse_args(argv)
    arguments.data = arguments.data or ("files" if arguments.data_dir else "sample")
    ends = ENDS.get(arguments.data, ENDS["files"])
    arguments.train_end = arguments.train_end or ends[0]
    arguments.validation_end = arguments.validation_end or ends[1]
    _check_later(parser, arguments)
    arguments.output = arguments.output or f"runs/stocks-{arguments.cell}-{arguments.seed}"
    return arguments


def _check_later(parser, arguments):
    wide = arguments.market is not None or arguments.vix is not None
    if wide and arguments.data != "files":
        parser.error(f"--market and --vix name files in --data-dir. Received: --data {arguments.data}")
    if arguments.absent is not None and not wide:
        parser.error("--absent goes with --market or --vix. Received: neither")
    if wide and arguments.absent is None:
        arguments.absent = 0.4
    if (arguments.start or arguments.fit or arguments.members) and arguments.task != "volatility":
        parser.error(f"--start, --fit and --members go with --task volatility. Received: --task {arguments.task}")


def decisive(arguments):
    """The arguments that decide a run's weights, as its folder keeps them: a dict."""
    given = {key: value for key, value in vars(arguments).items() if key not in REPORTING}
    return {key: value for key, value in given.items() if value is not None or key not in LATER}


def beside_of(arguments):
    """`seqzoo.data.market.Beside` that the arguments (a dict) name; None where they name none."""
    from seqzoo.data.market import load_market

    market, vix = arguments.get("market"), arguments.get("vix")
    return load_market(arguments["data_dir"], market, vix) if market or vix else None


def run(arguments, workers):
    from seqzoo.data.stock_examples import CalendarSplit, make_examples
    from seqzoo.data.stocks import load_stocks

    from .training import train

    if workers.chief:
        print("Reading the prices ...", flush=True)
    series = load_stocks(arguments.data, arguments.data_dir, arguments.tickers)
    split = CalendarSplit(arguments.train_end, arguments.validation_end, arguments.test_end)
    beside = beside_of(vars(arguments))
    parts = make_examples(series, split, beside)
    agreed(workers, arguments, _fingerprints(series, split, beside) if workers.several else {})
    trained = []
    for task in TASKS if arguments.task == "both" else [arguments.task]:
        folder = workers.run_folder(Path(arguments.output) / task, {"task": task, **decisive(arguments)})
        trained.append((*train(task, arguments, parts, folder, workers), folder))
        if arguments.report and not workers.several:
            report(*trained.pop(), arguments, series, split, parts, beside)
    return [(*one, arguments, series, split, parts, beside) for one in trained if arguments.report and workers.chief]


def report(model, history, folder, *rest):
    from .report import finish

    finish(model, folder, history, *rest)


def _fingerprints(series, split, beside):
    found = {part: series.fingerprint(*split.bounds(part)) for part in ("train", "validation")}
    return found | ({"market": beside.fingerprint(None, split.validation_end)} if beside else {})


def main(argv=None):
    """Run the recipe; gives the exit status: 0, 2 after an error, 3 when the results say leak, 130 after Ctrl-C."""
    arguments = parse(argv)
    try:
        workers = start(arguments.distribute)
    except EXPECTED as error:
        print(f"stocks.forecast: error: {error}", file=sys.stderr)
        return 2
    from .report import LeakWarning

    try:
        with workers:
            rest = run(arguments, workers)
        for one in rest:  # what the chief alone does, the others need not wait for
            report(*one)
    except LeakWarning as warning:
        print(f"stocks.forecast: WARNING: {warning}", file=sys.stderr)
        return 3
    except EXPECTED as error:
        print(f"stocks.forecast: error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nInterrupted; the same command goes on from the last checkpoint.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(run_command(main, interrupted="Interrupted; the same command goes on from the last checkpoint."))
