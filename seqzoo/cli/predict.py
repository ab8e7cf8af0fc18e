"""`seqzoo predict`: texts, or a CSV file of any length."""

import itertools
import sys

from seqzoo.cli.shared import add_model, load, print_json, shorten

NAME = "predict"
HELP = "Score texts: the probability that each is positive; of more than two classes, the most probable."
STDIN_BATCH = 256  # lines scored at a time when nobody is typing them


def add_arguments(command):
    add_model(command)
    command.add_argument("texts", metavar="TEXT", nargs="*", help="a text; - reads one a line from stdin")
    command.add_argument("--input", metavar="CSV", help="instead of texts, a CSV file of any length")
    command.add_argument("--output", metavar="CSV", help="where to write its rows with their scores")
    command.add_argument("--column", metavar="NAME", default="text", help="the column with the texts (text)")
    command.add_argument("--encoding", default="utf-8", help="of the input (utf-8)")
    command.add_argument("--overwrite", action="store_true", help="replace the output")


def run(arguments):
    if bool(arguments.texts) == bool(arguments.input) or bool(arguments.input) != bool(arguments.output):
        given = [name for name in ("texts", "input", "output") if getattr(arguments, name)]
        raise ValueError(f"Give either TEXT ... or --input CSV with --output CSV. Received: {', '.join(given) or 'neither'}")
    model = load(arguments.model, NAME)
    if arguments.input:
        return _predict_file(model, arguments)
    from seqzoo.scoring.rows import label_of

    found, classes = [], getattr(model, "classes", ("negative", "positive"))
    for texts in _batches(arguments.texts):
        for text, probabilities in zip(texts, model.predict(texts).tolist(), strict=True):
            probability, label = label_of(probabilities, classes)
            if arguments.json:
                found.append({"text": text, "probability": probability, "label": label})
            else:
                print(f"{probability:.4f}  {label}  {shorten(text)}")
        sys.stdout.flush()
    return print_json({"model": model.name, "predictions": found}) if arguments.json else 0


def _predict_file(model, arguments):
    from seqzoo.scoring import ProgressBar, score_csv

    options = {name: getattr(arguments, name) for name in ("column", "encoding", "overwrite")}
    with ProgressBar(sys.stderr) as bar:
        found = score_csv(model, arguments.input, arguments.output, **options, progress=bar)
    if arguments.json:
        return print_json({"model": model.name, "path": arguments.output, **found})
    before = f", {found['resumed']:,} of them by an earlier run" if found["resumed"] else ""
    print(f"{arguments.output}: {found['rows']:,} rows{before}, {found['failed']:,} not scored (column error says why)")
    return 0


def _batches(texts):
    """Lists of texts; `-` stands for the lines of standard input, one by one while a person types them."""
    for is_line, group in itertools.groupby(texts, key=lambda text: text == "-"):
        if not is_line:
            yield list(group)
            continue
        lines = (line.decode("utf-8", "surrogateescape").rstrip("\r\n") for line in sys.stdin.buffer)
        while batch := list(itertools.islice(lines, 1 if sys.stdin.isatty() else STDIN_BATCH)):
            yield batch
