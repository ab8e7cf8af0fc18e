"""`seqzoo explain`."""

import sys

from seqzoo.cli.shared import add_beside, beside_of, load, print_json, task_named

NAME = "explain"
HELP = "Show step by step what models do with a text or prices: running answer, gates, states."
OPTIONS = {"usage": "seqzoo explain NAME [NAME ...] (TEXT | PRICES.csv) --output FILE.html [--json]"}


def add_arguments(command):
    command.add_argument("models", metavar="NAME", nargs="+", help="as for predict; several are shown side by side")
    command.add_argument("text", metavar="TEXT", help="a text, - for standard input; for stock models a CSV")
    add_beside(command)
    command.add_argument("--output", metavar="FILE.html", required=True, help="the page to write (replaced if there)")


def run(arguments):
    from seqzoo.insight.paths import check_report_path

    path = check_report_path(arguments.output)  # before seconds of importing
    given = _given(arguments)
    models = [load(name) for name in arguments.models]
    from seqzoo.insight import explain

    report = explain(models, given)
    report.save(path)
    for panel in report.panels:
        if panel["cut"]:
            print(f"{panel['name']}: {panel['cut']}", file=sys.stderr)
    found = []
    for panel in report.panels:
        key = "probability" if panel["quantity"]["probability"] else panel["quantity"]["name"]
        found.append({"model": panel["name"], key: panel["answer"], "label": panel["label"], "cut": panel["cut"]})
    if arguments.json:
        return print_json({"path": str(path), "models": found})
    for row in found:
        if "probability" in row:
            print(f"{row['probability']:.4f}  {row['label']}  {row['model']}")
    print(f"The page is {path}")
    return 0


def _given(arguments):
    """What `explain` looks at, as the first model's task reads it; `explain` sees to it that all read the same."""
    beside = beside_of(arguments, arguments.models)
    task = task_named(arguments.models[0])
    return task.read_argument(arguments.text, {name: beside[name] for name in task.beside})
