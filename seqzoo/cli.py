"""The command `seqzoo`: every sub-command is one call into the package. Only a model needs TensorFlow."""

import argparse
import itertools
import json
import os
import re
import sys

from seqzoo import __version__

FORMATS = ("saved_model", "tflite")
TARGETS = ("interpreter", "compiled", "stream", "micro")
QUANTIZATIONS = ("none", "float16", "dynamic", "int8")
STDIN_BATCH = 256  # lines scored at a time when nobody is typing them


def main(argv=None) -> int:
    """Run one command. Returns the exit status: 0, 1 if `verify` found something wrong, 2 after an error."""
    # Text that the terminal cannot show, or that is no valid Unicode, is escaped rather than fatal.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = _run(argv)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # `seqzoo list | head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains at exit
        return 141  # 128 + SIGPIPE, as a shell reports it
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # TensorFlow's errors have no common base of use here
        expected = isinstance(error, (ValueError, TypeError, OSError, ImportError))
        kind = "" if expected and str(error) else f"{type(error).__name__}: "
        print(f"seqzoo: error: {kind}{_one_line(str(error))}", file=sys.stderr)
        return 2


def _run(argv):
    try:
        arguments = _parser().parse_args(argv)
    except SystemExit as stop:  # after --help, --version or a usage error
        return stop.code
    return arguments.run(arguments)


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        print(f"seqzoo: error: {message} (see {self.prog} --help)", file=sys.stderr)
        self.exit(2)


def _parser():
    parser = _Parser(prog="seqzoo", description="Pretrained recurrent networks: list, ask, export, verify.")
    parser.add_argument("--version", action="version", version=f"seqzoo {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(run, name, help, **options):
        command = commands.add_parser(name, help=help, description=help, **options)
        command.add_argument("--json", action="store_true", help="write JSON, for programs")
        command.set_defaults(run=run)
        return command

    def add_model(command):
        command.add_argument("model", metavar="NAME", help="one of `seqzoo list`, or a model folder's path")

    command = add(_list, "list", "List the pretrained models.")
    command.add_argument("pattern", metavar="PATTERN", nargs="?", default="*", help='such as "imdb-*"')
    command = add(_info, "info", "Show a model's card: figures, baselines, training, data, limits.")
    add_model(command)
    command = add(_predict, "predict", "Score texts: the probability that each is positive.")
    add_model(command)
    command.add_argument("texts", metavar="TEXT", nargs="*", help="a text; - reads one a line from stdin")
    command.add_argument("--input", metavar="CSV", help="instead of texts, a CSV file of any length")
    command.add_argument("--output", metavar="CSV", help="where to write its rows with their scores")
    command.add_argument("--column", metavar="NAME", default="text", help="the column with the texts (text)")
    command.add_argument("--encoding", default="utf-8", help="of the input (utf-8)")
    command.add_argument("--overwrite", action="store_true", help="replace the output")
    command = add(_forecast, "forecast", "Forecast the next trading day from a CSV file of daily prices.")
    add_model(command)
    command.add_argument(
        "prices", metavar="CSV", help="Date, Open, High, Low, Close, Volume of one ticker, daily"
    )
    command.add_argument(
        "--start", metavar="DATE", help="forecast from every day on from DATE; else from the last"
    )
    command.add_argument(
        "--keep-jumps", action="store_true", help="take nights that look like splits as real"
    )
    command = add(
        _explain,
        "explain",
        "Show step by step what models do with a text or prices: running answer, gates, states.",
        usage="seqzoo explain NAME [NAME ...] (TEXT | PRICES.csv) --output FILE.html [--json]",
    )
    command.add_argument("models", metavar="NAME", nargs="+", help="as for predict; several are shown side by side")
    command.add_argument("text", metavar="TEXT", help="a text, - for standard input; for stock models a CSV")
    command.add_argument("--output", metavar="FILE.html", required=True, help="the page to write (replaced if there)")
    command = add(_export, "export", "Write a model in a form that runs without seqzoo.")
    add_model(command)
    command.add_argument("--format", choices=FORMATS, required=True, help="saved_model: for TensorFlow")
    command.add_argument("--output", metavar="DIR", required=True, help="the folder to make")
    command.add_argument("--overwrite", action="store_true", help="replace an earlier export there")
    phone = command.add_argument_group("tflite", "a file of built-in operators, checked against the model")
    phone.add_argument("--target", choices=TARGETS, default="interpreter", help="where it will run")
    phone.add_argument(
        "--quantization", choices=QUANTIZATIONS, default="none", help="smaller weights, or 8-bit arithmetic"
    )
    phone.add_argument("--time-steps", type=int, metavar="N", help="a fixed length; otherwise any")
    phone.add_argument("--batch-size", type=int, metavar="N", default=1, help="texts a call")
    phone.add_argument(
        "--calibration", metavar="FILE", help="texts, one a line, that decide the scales of int8"
    )
    command = add(
        _verify,
        "verify",
        "Check a model's files, answers and, given the data, figures. Exit status 1 if something is wrong.",
        epilog="saved_model/ is a TensorFlow program and is run: verify models from sources that you trust.",
    )
    add_model(command)
    command.add_argument("--data-dir", metavar="DIR", help="prepared data set, to recompute the test figures")
    return parser


def _list(arguments):
    from seqzoo.zoo import find_model, list_pretrained, read_card
    from seqzoo.zoo.readme import headline

    rows = []
    for name in list_pretrained(arguments.pattern):
        try:
            card = read_card(find_model(name))
            accuracy = card["metrics"].get("test", {}).get("accuracy")
            row = {key: card[key] for key in ("task", "summary", "parameters")}
            row |= {"test_accuracy": accuracy, "headline": headline(card)}
        except (ValueError, OSError) as error:  # one damaged model must not hide the others
            row = {"error": str(error)}
        rows.append({"name": name, **row})
    if arguments.json:
        return _print_json(rows)
    if not rows:
        print("no models match", file=sys.stderr)
    width = max((len(row["name"]) for row in rows), default=0)
    for row in rows:
        if "error" in row:
            print(f"{row['name']:{width}}  cannot be read: {row['error']}")
            continue
        print(
            f"{row['name']:{width}}  {row['headline']:>13}  {row['parameters']:>12,} parameters  "
            f"{row['summary']}"
        )
    return 0


def _info(arguments):
    from seqzoo.zoo import find_model, read_card, render_readme

    card = read_card(find_model(arguments.model))
    if arguments.json:
        return _print_json(card)
    print(render_readme(card), end="")
    return 0


def _predict(arguments):
    if bool(arguments.texts) == bool(arguments.input) or bool(arguments.input) != bool(arguments.output):
        given = [name for name in ("texts", "input", "output") if getattr(arguments, name)]
        raise ValueError(
            f"Give either TEXT ... or --input CSV with --output CSV. Received: {', '.join(given) or 'neither'}"
        )
    model = _load(arguments.model, "text-")
    if arguments.input:
        return _predict_file(model, arguments)
    found = []
    for texts in _batches(arguments.texts):
        for text, probability in zip(texts, model.predict(texts).tolist(), strict=True):
            label = "positive" if probability > 0.5 else "negative"
            if arguments.json:
                found.append({"text": text, "probability": probability, "label": label})
            else:
                print(f"{probability:.4f}  {label}  {_shorten(text)}")
        sys.stdout.flush()
    return _print_json({"model": model.name, "predictions": found}) if arguments.json else 0


def _predict_file(model, arguments):
    from seqzoo.scoring import ProgressBar, score_csv

    options = {name: getattr(arguments, name) for name in ("column", "encoding", "overwrite")}
    with ProgressBar(sys.stderr) as bar:
        found = score_csv(model, arguments.input, arguments.output, **options, progress=bar)
    if arguments.json:
        return _print_json({"model": model.name, "path": arguments.output, **found})
    before = f", {found['resumed']:,} of them by an earlier run" if found["resumed"] else ""
    print(f"{arguments.output}: {found['rows']:,} rows{before}, {found['failed']:,} not scored (column error says why)")
    return 0


def _forecast(arguments):
    from seqzoo.data.prices import read_prices

    _check_task(arguments.model, "stock-")
    jumps = "keep" if arguments.keep_jumps else "error"
    prices = read_prices(arguments.prices, jumps)  # before TensorFlow: a bad file is answered at once
    model = _load(arguments.model)
    found = model.forecast(prices, arguments.start, jumps)
    rows = [{"asof": f"{day:%Y-%m-%d}", **row} for day, row in zip(found.index, found.to_dict("records"))]
    if arguments.json:
        return _print_json({"model": model.name, "forecasts": rows})
    print("  ".join(["asof      ", *(f"{column:>12}" for column in found.columns)]))
    for row in rows:
        print("  ".join([row["asof"], *(f"{row[column]:12.6g}" for column in found.columns)]))
    return 0


def _given(arguments):
    """What `explain` looks at: prices, for stock models, or a text."""
    from seqzoo.zoo import find_model, read_card

    if all(read_card(find_model(name))["task"].startswith("stock-") for name in arguments.models):
        from seqzoo.data.prices import read_prices

        return read_prices(arguments.text)
    if arguments.text == "-":
        return sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    return arguments.text


def _explain(arguments):
    from seqzoo.insight.paths import check_report_path

    path = check_report_path(arguments.output)  # before seconds of importing
    given = _given(arguments)
    models = [_load(name) for name in arguments.models]
    from seqzoo.insight import explain

    report = explain(models, given)
    report.save(path)
    for panel in report.panels:
        if panel["cut"]:
            print(f"{panel['name']}: {panel['cut']}", file=sys.stderr)
    found = []
    for panel in report.panels:
        key = "probability" if panel["quantity"]["probability"] else panel["quantity"]["name"]
        found.append({"model": panel["name"], key: panel["verdicts"][-1], "cut": panel["cut"]})
    if arguments.json:
        return _print_json({"path": str(path), "models": found})
    for row in found:
        if "probability" in row:
            print(f"{row['probability']:.4f}  {'positive' if row['probability'] > 0.5 else 'negative'}  {row['model']}")
    print(f"The page is {path}")
    return 0


def _export(arguments):
    if arguments.format == "tflite":
        return _export_tflite(arguments)
    model = _load(arguments.model)
    from seqzoo.export import export_saved_model

    path = export_saved_model(model, arguments.output, overwrite=arguments.overwrite)
    if arguments.json:
        return _print_json({"model": model.name, "format": arguments.format, "path": str(path)})
    stocks = model.task.startswith("stock-")
    given = "prices (float64 [n, 250, 5])" if stocks else "text (string [n])"
    answer = f"{', '.join(model.outputs)} (float64 [n])" if stocks else "probability (float32 [n])"
    print(f"{model.name} is in {path}: signature serving_default, {given} -> {answer}")
    return 0


def _export_tflite(arguments):
    calibration = None
    if arguments.calibration:
        with open(arguments.calibration, encoding="utf-8") as file:
            calibration = file.read().splitlines()
    model = _load(arguments.model)
    from seqzoo.export import export_tflite
    from seqzoo.export.tflite.sidecar import read_sidecar

    options = {name: getattr(arguments, name) for name in ("target", "time_steps", "batch_size", "overwrite")}
    quantization = None if arguments.quantization == "none" else arguments.quantization
    path = export_tflite(
        model, arguments.output, quantization=quantization, calibration=calibration, **options
    )
    sidecar = read_sidecar(path)
    if arguments.json:
        return _print_json(
            {"model": model.name, "format": arguments.format, "path": str(path), "sidecar": sidecar}
        )
    print(
        f"{model.name} is in {path}: {sidecar['bytes']:,} bytes for {sidecar['runs_on']}; differs from "
        "the model by at "
        f"most {sidecar['measured_error']:.1e} on its checks"
    )
    return 0


def _verify(arguments):
    _import_tensorflow(arguments.model)
    from seqzoo.zoo import verify_model

    checks = verify_model(arguments.model, arguments.data_dir)
    ok = all(check.ok for check in checks)
    if arguments.json:
        _print_json({"model": arguments.model, "ok": ok, "checks": [check._asdict() for check in checks]})
    else:
        for check in checks:
            print(f"{'ok    ' if check.ok else 'FAILED'}  {check.name}: {check.detail}")
        print(f"{arguments.model}: {sum(check.ok for check in checks)} of {len(checks)} checks passed")
    return 0 if ok else 1


def _check_task(name, kind):
    """Raises ValueError unless the model's task begins with `kind`."""
    from seqzoo.zoo import find_model, read_card

    command = {"text-": "predict", "stock-": "forecast"}
    card = read_card(find_model(name))
    if not card["task"].startswith(kind):
        right = next((of for start, of in command.items() if card["task"].startswith(start)), "info")
        raise ValueError(
            f"`seqzoo {command[kind]}` takes a {kind.rstrip('-')} model; for this one use `seqzoo {right}`. "
            f"Received: {card['name']}, {card['task']}"
        )


def _load(name, kind=None):
    if kind:
        _check_task(name, kind)
    _import_tensorflow(name)
    from seqzoo.zoo import load_pretrained

    return load_pretrained(name)


def _import_tensorflow(name):
    from seqzoo.quiet import import_tensorflow
    from seqzoo.zoo import find_model

    find_model(name)  # a mistyped name is answered at once, not after seconds of importing
    import_tensorflow()


def _batches(texts):
    """Lists of texts; `-` stands for the lines of standard input, one by one while a person types them."""
    for is_line, group in itertools.groupby(texts, key=lambda text: text == "-"):
        if not is_line:
            yield list(group)
            continue
        lines = (line.decode("utf-8", "surrogateescape").rstrip("\r\n") for line in sys.stdin.buffer)
        while batch := list(itertools.islice(lines, 1 if sys.stdin.isatty() else STDIN_BATCH)):
            yield batch


def _one_line(text):
    """`text` without line breaks, colours and control characters, which could disturb the terminal."""
    text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _shorten(text, width=80):
    line = _one_line(text)
    return line if len(line) <= width else line[: width - 3] + "..."


def _print_json(value):
    print(json.dumps(value, indent=2))
    return 0
