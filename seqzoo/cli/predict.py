"""`seqzoo predict`: texts, a CSV file of any length, or files of any number through a pipeline."""

import itertools
import sys
import warnings

from seqzoo.cli import predict_beam
from seqzoo.cli.shared import add_model, check_command, load, load_for_few, print_json, shorten

NAME = "predict"
HELP = "Score texts: the probability that each is positive; of more than two classes, the most probable."
OPTIONS = {
    "usage": "seqzoo predict NAME (TEXT [TEXT ...] | --input CSV --output CSV [--column NAME] [--encoding NAME] [--prefix P] "
    "[--overwrite] [--runner RUNNER [--format KIND] [BEAM OPTIONS]]) [--json]",
    "epilog": "A file is written as OUTPUT.partial, with a note in OUTPUT.partial.json, and renamed when it is whole. "
    "However it was stopped, the same command goes on after the last rows written, and ends with the same bytes.",
}
STDIN_BATCH = 256  # lines scored at a time when nobody is typing them
NOTHING_KNOWN = "(unknown words)"  # in the place of the label
FEW = 200  # texts that the model in NumPy has answered before TensorFlow has started
# Of a file alone. An option that is not given leaves the default to `score_csv`.
FILE_OPTIONS = ("column", "encoding", "prefix", "overwrite")


def add_arguments(command):
    add_model(command)
    command.add_argument("texts", metavar="TEXT", nargs="*", help="a text; - reads one a line from stdin")
    command.add_argument("--input", metavar="CSV", help="instead of texts, a CSV file of any length, with a header")
    command.add_argument(
        "--output", metavar="CSV", help="where to write its rows, with the columns probability, label and error added"
    )
    command.add_argument("--column", metavar="NAME", help="the column with the texts (text)")
    command.add_argument("--encoding", metavar="NAME", help="of the input (utf-8)")
    command.add_argument(
        "--prefix",
        metavar="P",
        help="put before the names of the added columns; without it a name that the input has already, such as label, "
        "becomes predicted_label",
    )
    command.add_argument("--overwrite", action="store_true", default=None, help="replace the output")
    predict_beam.add_arguments(command)


def run(arguments):
    options = {name: getattr(arguments, name) for name in FILE_OPTIONS if getattr(arguments, name) is not None}
    _check_usage(arguments, options)
    if arguments.runner:
        return predict_beam.run(arguments)
    if arguments.input:
        return _predict_file(arguments, options)
    model = load_for_few(arguments.model, NAME)
    from seqzoo.data.known import has_known_word, without_warning
    from seqzoo.scoring.rows import label_of, probabilities_of

    found, classes, quick = [], getattr(model, "classes", ("negative", "positive")), True
    for texts in _batches(arguments.texts):
        if quick and len(texts) > FEW:
            model, quick = load(arguments.model, NAME), False
        with without_warning():  # said of each text below
            answers = model.predict(texts).tolist()
        for text, answer, ids in zip(
            texts, answers, model.vocabulary.encode_list(texts, model.config["max_tokens"]), strict=True
        ):
            (probability, label), known = label_of(answer, classes), has_known_word(ids)
            if arguments.json:
                every = probabilities_of(answer, classes)
                found.append({"text": text, "probability": probability, "label": label, "probabilities": every, "known": known})
            else:
                print(f"{probability:.4f}  {label if known else NOTHING_KNOWN}  {shorten(text)}")
        sys.stdout.flush()
    return print_json({"model": model.name, "predictions": found}) if arguments.json else 0


def _check_usage(arguments, options):
    if bool(arguments.texts) == bool(arguments.input) or bool(arguments.input) != bool(arguments.output):
        given = [name for name in ("texts", "input", "output") if getattr(arguments, name)]
        raise ValueError(f"Give either TEXT ... or --input CSV with --output CSV. Received: {', '.join(given) or 'neither'}")
    if (arguments.runner or arguments.format) and not (arguments.runner and arguments.input):
        raise ValueError("--runner goes with --input and --output, --format with --runner. Received: --runner or --format alone")
    if options and not arguments.input:
        names = [f"--{name}" for name in options]
        raise ValueError(f"{', '.join(f'--{name}' for name in FILE_OPTIONS)} go with --input. Received: {' '.join(names)}")


def _predict_file(arguments, options):
    check_command(arguments.model, NAME)
    from seqzoo.interruptible import Interruptible
    from seqzoo.scoring import ProgressBar
    from seqzoo.scoring.files import prepared

    with Interruptible(lambda: _how_to_go_on(arguments)), warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = lambda message, *_, **__: print(f"seqzoo: note: {message}", file=sys.stderr)
        # The file is checked, and kept from others, before the seconds that TensorFlow takes.
        with prepared(arguments.input, arguments.output, **options) as job, ProgressBar(sys.stderr) as bar:
            model = load(arguments.model, NAME)
            found = job.run(model, bar)
    if arguments.json:
        return print_json({"model": model.name, "path": arguments.output, **found})
    before = f", {found['resumed']:,} of them by an earlier run" if found["resumed"] else ""
    names = found["columns"]
    print(
        f"{arguments.output}: {found['rows']:,} rows{before}, {found['failed']:,} not scored (column {names['error']} says "
        f"why). Columns added: {', '.join(names.values())}"
    )
    return 0


def _how_to_go_on(arguments):
    from seqzoo.scoring.partial import kept_rows
    from seqzoo.scoring.places import places_of

    places = places_of(arguments.input, arguments.output)
    if rows := kept_rows(places.partial, places.note):
        return f"Stopped. {rows:,} rows are kept in {places.partial}: the same command goes on after them."
    return f"Stopped before the first rows were written. The same command begins anew: nothing is kept beside {places.target}."


def _batches(texts):
    """Lists of texts; `-` stands for the lines of standard input, one by one while a person types them."""
    for is_line, group in itertools.groupby(texts, key=lambda text: text == "-"):
        if not is_line:
            yield list(group)
            continue
        lines = (line.decode("utf-8", "surrogateescape").rstrip("\r\n") for line in sys.stdin.buffer)
        while batch := list(itertools.islice(lines, 1 if sys.stdin.isatty() else STDIN_BATCH)):
            yield batch
