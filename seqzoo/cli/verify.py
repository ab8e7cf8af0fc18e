"""`seqzoo verify`."""

import sys

from seqzoo.cli.shared import one_line, print_json, start_tensorflow

NAME = "verify"
CLEAR = "\r\x1b[K"  # back to the beginning of an empty line, on a terminal
HELP = "Check models' files, answers and, given the data, figures. Exit status 1 if something is wrong."
OPTIONS = {
    "usage": "seqzoo verify (NAME [NAME ...] | --all) [--data-dir DIR] [--json]",
    "epilog": "saved_model/ is a TensorFlow program and is run: verify models from sources that you trust.",
}


def add_arguments(command):
    command.add_argument("models", metavar="NAME", nargs="*", help="as in `seqzoo list`, or a model folder's path")
    command.add_argument("--all", action="store_true", help="every model of `seqzoo list`")
    command.add_argument(
        "--data-dir",
        metavar="DIR",
        help="compute the figures again from the data in DIR: imdb_reviews, as tensorflow-datasets prepares it, in "
        "it or in DIR/tfds; CSV files of daily prices in it or in DIR/stocks; fsdd and commands_8k in it or in DIR/speech",
    )


def run(arguments):
    names = _names(arguments)
    start_tensorflow(*names)
    several = arguments.all or len(names) > 1
    folders = dict.fromkeys(names, arguments.data_dir)
    if arguments.data_dir is not None:
        folders = _with_data(names, arguments.data_dir)
    found = {name: _verify(name, folders[name], several, arguments.json) for name in names}
    ok = all(check.ok for checks in found.values() for check in checks)
    if arguments.json:
        models = [
            {"model": name, "ok": all(check.ok for check in checks), "checks": [c._asdict() for c in checks]}
            for name, checks in found.items()
        ]
        print_json({"ok": ok, "models": models} if several else models[0])
    elif several:
        print("\n" + "\n".join(_summary(name, checks) for name, checks in found.items()))
    return 0 if ok else 1


def _names(arguments):
    if bool(arguments.models) == arguments.all:
        given = f"{' '.join(arguments.models)} and --all" if arguments.all else "neither"
        raise ValueError(f"Give either NAME ... or --all. Received: {given}")
    if arguments.models:
        return list(dict.fromkeys(arguments.models))
    from seqzoo.zoo import list_pretrained
    from seqzoo.zoo.registry import models_folder

    if names := list_pretrained():
        return names
    raise ValueError(f"--all needs a model to verify. Received: {models_folder()}, which holds none")


def _with_data(names, data_dir):
    """Data folder of each model, None where it holds nothing of the kind that the model's figures come from."""
    from seqzoo.data.places import forms
    from seqzoo.zoo.verify import has_data

    def has(name):
        try:
            return has_data(name, data_dir)
        except ValueError:  # no valid card: its own check says so
            return None

    found = {name: has(name) for name in names}
    if False in found.values() and True not in found.values():
        raise FileNotFoundError(f"The data folder must hold {forms()}. Received: {data_dir}")
    return {name: data_dir if has else None for name, has in found.items()}


def _verify(name, data_dir, several, quiet):
    from seqzoo.zoo import verify_model

    if not quiet and several:
        print(f"\n{one_line(name)}")
    try:
        checks = verify_model(name, data_dir, None if quiet else _report)
    except Exception as error:
        if not several:
            raise
        from seqzoo.zoo.checks import Checks  # one model that cannot be verified hides no other

        checks = Checks(None if quiet else _report)
        checks.note("verification", False, str(error) or type(error).__name__)
    if not quiet:
        print(_summary(name, checks))
    return checks


def _report(name, check):
    """A line for a check at once; on a terminal the name of one under way, as some take minutes."""
    screen = sys.stdout.isatty()
    if check is None:
        if screen:
            print(f"...     {one_line(name)}", end="", flush=True)
        return
    sign = ("ok    " if check.ok else "FAILED") if check.made else "--    "
    # A card's names and texts may hold control characters.
    print(f"{CLEAR * screen}{sign}  {one_line(name)}: {one_line(check.detail)}", flush=True)


def _summary(name, checks):
    made, wrong = [check for check in checks if check.made], [check.name for check in checks if not check.ok]
    text = f"{one_line(name)}: {len(made) - len(wrong)} of {len(made)} checks passed"
    if len(made) < len(checks):
        text += f"; not made: {', '.join(one_line(check.name) for check in checks if not check.made)}"
    return text + (f"; FAILED: {', '.join(map(one_line, wrong))}" if wrong else "")
