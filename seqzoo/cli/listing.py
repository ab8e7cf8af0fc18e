"""`seqzoo list`."""

import sys
import textwrap

from seqzoo.cli.shared import one_line, print_json, shorten

NAME = "list"
HELP = "List the pretrained models."
WIDTH = 100  # columns
HEAD = ("model", "test figure", "parameters", "what it is")


def add_arguments(command):
    command.add_argument("pattern", metavar="PATTERN", nargs="?", default="*", help='such as "imdb-*"')


def run(arguments):
    from seqzoo.zoo import list_pretrained

    rows = [_row(name) for name in list_pretrained(arguments.pattern)]
    if arguments.json:
        return print_json(rows)
    if rows:
        print("\n".join(_table(rows)))
    else:
        near = list_pretrained(f"*{arguments.pattern}*")
        hint = f"; '*{arguments.pattern}*' matches {len(near)}" if near else ""
        print(f"no models match{hint}", file=sys.stderr)
    return 0


def _row(name):
    from seqzoo.zoo import open_card
    from seqzoo.zoo.card import reading_card
    from seqzoo.zoo.readme import headline

    try:
        _, card = open_card(name)
        with reading_card(card, "What `seqzoo list` shows"):
            accuracy = card["metrics"].get("test", {}).get("accuracy")
            row = {key: card[key] for key in ("task", "summary", "parameters")}
            return {"name": name, **row, "test_accuracy": accuracy, "headline": headline(card)}
    except (ValueError, OSError) as error:  # one damaged model must not hide the others
        return {"name": name, "error": f"{error!s:.2000}"}


def _table(rows):
    """Lines of at most `WIDTH` columns, unless a name is too long for that; what a model is goes on below its beginning."""
    read = [row for row in rows if "error" not in row]
    columns = [
        [one_line(row["name"]) for row in rows],
        [shorten(row["headline"], 24) for row in read],
        [f"{row['parameters']:,}" for row in read],
    ]
    name, figure, parameters = (max(map(len, (head, *cells))) for head, cells in zip(HEAD, columns, strict=False))
    yield f"{HEAD[0]:{name}}  {HEAD[1]:>{figure}}  {HEAD[2]:>{parameters}}  {HEAD[3]}"
    for row in rows:
        begin = f"{one_line(row['name']):{name}}  "
        text = "cannot be read: " + row["error"] if "error" in row else row["summary"]
        if "error" not in row:
            begin += f"{shorten(row['headline'], 24):>{figure}}  {row['parameters']:>{parameters},}  "
        for line in textwrap.wrap(shorten(text, 500), max(20, WIDTH - len(begin))):
            yield begin + line
            begin = " " * len(begin)
