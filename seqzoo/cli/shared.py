"""What the commands share."""

import json
import re

# Which command asks a model whose task begins so.
COMMANDS = {"text-classification": "predict", "text-generation": "generate", "stock-": "forecast"}


def add_model(command):
    """The argument of a command about one model."""
    command.add_argument("model", metavar="NAME", help="one of `seqzoo list`, or a model folder's path")


def check_task(name, kind):
    """Raises ValueError unless the model's task begins with `kind`, one of `COMMANDS`."""
    from seqzoo.zoo import find_model, read_card

    card = read_card(find_model(name))
    if not card["task"].startswith(kind):
        right = next((of for start, of in COMMANDS.items() if card["task"].startswith(start)), "info")
        raise ValueError(
            f"`seqzoo {COMMANDS[kind]}` takes a {kind.rstrip('-')} model; for this one use `seqzoo {right}`. "
            f"Received: {card['name']}, {card['task']}"
        )


def start_tensorflow(*names):
    """Imports TensorFlow for the models of those names. A mistyped one is answered before those seconds."""
    from seqzoo.quiet import import_tensorflow
    from seqzoo.zoo import find_model

    for name in names:
        find_model(name)
    import_tensorflow()


def load(name, kind=None):
    """The pretrained model, which must be of a task that begins with `kind`."""
    if kind:
        check_task(name, kind)
    start_tensorflow(name)
    from seqzoo.zoo import load_pretrained

    return load_pretrained(name)


def one_line(text):
    """`text` without line breaks, colours and control characters, which could disturb the terminal."""
    text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def shorten(text, width=80):
    """The beginning of `text` on one line."""
    line = one_line(text)
    return line if len(line) <= width else line[: width - 3] + "..."


def print_json(value):
    """Prints `value`, the answer of a command; returns its exit status."""
    print(json.dumps(value, indent=2))
    return 0
