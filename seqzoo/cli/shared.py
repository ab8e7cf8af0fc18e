"""What the commands share."""

import contextlib
import json
import re


def add_model(command):
    """The argument of a command about one model."""
    command.add_argument("model", metavar="NAME", help="one of `seqzoo list`, or a model folder's path")


def task_named(name):
    """The `Task` of the model of that name."""
    from seqzoo.tasks import get_task
    from seqzoo.zoo import open_card

    _, card = open_card(name)
    return get_task(card["task"])


def add_beside(command):
    """The options for files that stand beside a raw input, of whichever task has such."""
    for name, what in _every_beside().items():
        command.add_argument(f"--{name}", metavar="FILE", help=f"CSV file: {what}, for a model that takes them")


def beside_of(arguments, names):
    """Paths by the options of `add_beside`, None where not given.

    Raises ValueError where one is given and none of the models of these names takes it.
    """
    given = {name: getattr(arguments, name) for name in _every_beside()}
    options = [f"--{name}" for name, path in given.items() if path is not None]
    if options and not any(_takes_beside(name) for name in names):
        raise ValueError(f"{' and '.join(options)} must go with a model that takes them. Received: {', '.join(names)}")
    return given


def _every_beside():
    from seqzoo.tasks import TASKS, TaskError, get_task

    found = {}
    for kind in TASKS:
        with contextlib.suppress(TaskError):  # that of a task of one's own is told where it is asked for
            found |= get_task(kind).beside
    return found


def _takes_beside(name):
    from seqzoo.tasks import get_task
    from seqzoo.zoo import open_card

    _, card = open_card(name)
    return get_task(card["task"]).takes_beside(card)


def check_command(name, command):
    """The `Task` of a model. Raises ValueError unless it is one that `seqzoo COMMAND` asks."""
    from seqzoo.tasks import TASKS, get_task

    task = task_named(name)
    if task.command != command:
        if task.command == "info":
            raise ValueError(
                f"This model answers in Python: seqzoo.load_pretrained({name!r}).predict(...); `seqzoo info` shows its card. "
                f"Received: {name}, {task.name}, for `seqzoo {command}`"
            )
        takes = " or ".join(kind for kind in TASKS if get_task(kind).command == command)
        raise ValueError(
            f"`seqzoo {command}` takes a {takes} model; for this one use `seqzoo {task.command}`. Received: {name}, {task.name}"
        )
    return task


def start_tensorflow(*names):
    """Imports TensorFlow for the models of those names. A mistyped one is answered before those seconds."""
    from seqzoo.quiet import import_tensorflow
    from seqzoo.zoo import find_model

    for name in names:
        find_model(name)
    import_tensorflow()


def load(name, command=None):
    """The pretrained model, which must be one that `seqzoo COMMAND` asks, where a command is named."""
    if command:
        check_command(name, command)
    start_tensorflow(name)
    from seqzoo.zoo import load_pretrained

    return load_pretrained(name)


def load_for_few(name, command=None):
    """The model for a handful of inputs: in NumPy, at once, where its task has that; else as `load` gives it."""
    if command:
        check_command(name, command)
    from seqzoo.zoo.quick import load_quick

    return load_quick(name) or load(name)


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
