"""`seqzoo list`."""

import sys

from seqzoo.cli.shared import print_json

NAME = "list"
HELP = "List the pretrained models."


def add_arguments(command):
    command.add_argument("pattern", metavar="PATTERN", nargs="?", default="*", help='such as "imdb-*"')


def run(arguments):
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
        return print_json(rows)
    if not rows:
        print("no models match", file=sys.stderr)
    width = max((len(row["name"]) for row in rows), default=0)
    for row in rows:
        if "error" in row:
            print(f"{row['name']:{width}}  cannot be read: {row['error']}")
            continue
        print(f"{row['name']:{width}}  {row['headline']:>13}  {row['parameters']:>12,} parameters  {row['summary']}")
    return 0
