"""`seqzoo forecast`."""

import contextlib
import csv
import io
import signal
import sys
import warnings
from pathlib import Path

from seqzoo.cli.forecast_words import in_words, rows_of, unit_of, without_words
from seqzoo.cli.shared import add_beside, add_model, beside_of, check_command, load, load_for_few, one_line, print_json

NAME = "forecast"
FEW = 1000  # windows, up to which NumPy is done before TensorFlow would have been imported
HELP = "Forecast the next trading day from CSV files of daily prices."


def add_arguments(command):
    add_model(command)
    command.add_argument("prices", metavar="CSV", nargs="+", help="daily Open, High, Low, Close, Volume of one ticker each")
    command.add_argument("--start", metavar="DATE", help="forecast from every day on from DATE; else from the last")
    add_beside(command)
    command.add_argument("--keep-jumps", action="store_true", help="take nights that look like splits as real")
    command.add_argument("--output", metavar="FILE", help="write the forecasts to a .csv or .json file")
    command.add_argument("--overwrite", action="store_true", help="replace the output")


def run(arguments):
    _check_output(arguments)
    task = check_command(arguments.model, NAME)
    beside = {name: path for name, path in beside_of(arguments, [arguments.model]).items() if name in task.beside}
    # All before TensorFlow: a bad file is answered at once.
    try:
        read = task.forecast_reader(arguments.start, "keep" if arguments.keep_jumps else "error", beside)
    except ValueError as error:
        raise _with_options(error) from None
    files = [_read(path, read) for path in arguments.prices]
    _refuse_bad(files)
    for message in dict.fromkeys(message for file in files for message in file["warnings"]):
        print(f"seqzoo: warning: {one_line(message)}", file=sys.stderr)
    windows = sum(len(file["prices"].ends) for file in files)
    with _quick_interrupt():
        model = load_for_few(arguments.model) if windows <= FEW else load(arguments.model)
    for file in files:
        file["rows"] = rows_of(file["path"], task.forecasts(model, file["prices"]), file["prices"].frame)
    missing = task.missing(model.card, files[0]["prices"])
    answer = {
        "model": model.name,
        "forecasts": [row for file in files for row in file["rows"]],
        "unit": unit_of(model.outputs),
        "files": [{key: file[key] for key in ("path", "assumed", "warnings")} for file in files],
    }
    if task.takes_beside(model.card):
        answer["beside"] = beside
    if arguments.output:
        _write(arguments.output, answer)
    if arguments.json:
        return print_json(answer)
    if arguments.output:
        print(f"{arguments.output}: {len(answer['forecasts']):,} forecasts from {len(files)} file{'s' * (len(files) > 1)}")
    else:
        print(in_words(answer))
        if missing:
            print(without_words(task, missing))
    return 0


def _with_options(error):
    """The error, in the words of the command line."""
    return type(error)(str(error).replace('pass jumps="keep"', "pass --keep-jumps").replace("`start`", "--start"))


def _check_output(arguments):
    """Whatever is wrong with --output, said before anything is computed."""
    if not arguments.output:
        if arguments.overwrite:
            raise ValueError("--overwrite goes with --output FILE. Received: no --output")
        return
    path = Path(arguments.output)
    if path.suffix.lower() not in (".csv", ".json"):
        raise ValueError(f"--output must name a .csv or .json file. Received: {path}")
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise ValueError(f"--output must name a file in a folder that is there. Received: {path}")
    if any(path.absolute().resolve() == Path(given).absolute().resolve() for given in arguments.prices):
        raise ValueError(f"--output must be another file than the prices. Received: {path}")
    if path.exists() and not arguments.overwrite:
        raise FileExistsError(f"--output is there already; pass --overwrite to replace it. Received: {path}")


def _read(path, read):
    """A file as a dict: its `prices` as `read` gives them or the `error`; what was assumed and warned of, in words."""
    from seqzoo.data.prices import PriceDataError, PriceDataWarning

    found = {"path": path, "assumed": [], "warnings": []}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found["prices"] = read(path)
        except PriceDataError as error:
            return found | {"error": _with_options(error)}
        except OSError as error:
            return found | {"error": error}
    found["assumed"] = found["prices"].frame.attrs["assumed"]
    messages = [str(warning.message) for warning in caught if issubclass(warning.category, PriceDataWarning)]
    return found | {"warnings": list(dict.fromkeys(messages))}


def _refuse_bad(files):
    errors = [file["error"] for file in files if "error" in file]
    if not errors:
        return
    for error in errors[1:]:
        print(f"seqzoo: error: {one_line(str(error))}", file=sys.stderr)
    raise errors[0]


@contextlib.contextmanager
def _quick_interrupt():
    """While TensorFlow is loaded, for seconds and deaf to Ctrl-C, let the system end the process. Nothing is written then."""
    try:
        before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    except ValueError:  # not the main thread, which alone has a say in it
        before = None
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)


def _write(path, answer):
    from seqzoo.files import write_atomically

    if Path(path).suffix.lower() == ".json":
        import json

        write_atomically(path, json.dumps(answer, indent=2) + "\n")
        return
    text = io.StringIO()
    rows = [{**row, **{f"price_{name}": value for name, value in row.get("prices", {}).items()}} for row in answer["forecasts"]]
    names = [name for name in rows[0] if name != "prices"]
    writer = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_atomically(path, text.getvalue())
