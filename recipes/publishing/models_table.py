"""Write the tables of models, in README.md and docs/, saved_models/models.csv and seqzoo/zoo/pins.json from the cards.

With `--measure` the latencies are measured anew (a minute or two, on a machine with nothing else to do).
"""

import argparse
import csv
import io
import re
import sys
from pathlib import Path

from seqzoo.files import write_atomically
from seqzoo.tasks.stock_forecasting.readme import HEADLINES, NAMES, T_VALUES
from seqzoo.zoo import list_pretrained, read_card
from seqzoo.zoo.readme import headline
from seqzoo.zoo.registry import find_model, models_folder

from ..shared.command import run
from .latency import measure_latency, phone_file, read_latency
from .phone_table import HEADS, phone_rows
from .pins import write_pins
from .short_table import HEADS as SHORT_HEADS
from .short_table import short_rows

ROOT = Path(__file__).resolve().parents[2]
# Which tables stand where; `MAKERS`, at the end, makes them.
PAGES = {
    "README.md": ("models in short",),
    "docs/models.md": ("all models", "models"),
    "docs/stocks.md": ("stock models", "refitted baselines"),
    "docs/phone.md": ("phone files",),
}
MARKS = {
    kind: (f"<!-- {kind}: written by `python -m recipes.publishing.models_table` from the cards -->\n", f"<!-- /{kind} -->")
    for kinds in PAGES.values()
    for kind in kinds
}
COLUMNS = (
    *("name", "task", "figure", "value", "parameters", "weights_bytes"),
    *("phone_file", "phone_bytes", "cpu_milliseconds", "mobile_milliseconds"),
)


def rows():
    """A dict with `COLUMNS` for each pretrained model; None where there is nothing, or it was not measured.

    `value` is the figure of the test split (a language model's of the held-out texts) that `figure` names. `phone_bytes`
    are those of `phone_file` and the vocabulary that it needs.
    """
    latency, found = read_latency()["models"], []
    for name in list_pretrained():
        card = read_card(find_model(name))
        test = card["metrics"].get("test") or card["metrics"].get("held_out", {})
        figure = HEADLINES[card["task"]][0] if card["task"] in HEADLINES else next(iter(test), None)
        file, files = phone_file(card), card["files"]
        needed = [part for part in (file, "vocabulary.txt") if file and part in files]
        measured = latency.get(name, {})
        if measured.get("weights") != files["weights.safetensors"]["sha256"]:  # of an earlier model of that name
            measured = {}
        values = (
            *(name, card["task"], figure, test.get(figure), card["parameters"]),
            *(files["weights.safetensors"]["bytes"], file, sum(files[part]["bytes"] for part in needed) or None),
            measured.get("cpu_milliseconds"),
            measured.get("mobile_milliseconds") if measured.get("file") == file else None,
        )
        found.append(dict(zip(COLUMNS, values, strict=True)))
    return found


def models_csv():
    """The text of models.csv."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows())
    return text.getvalue()


def all_table():
    """Markdown table of every pretrained model, with the columns of models.csv."""

    def cells(row):
        card = read_card(find_model(row["name"]))
        yield f"[`{row['name']}`](../saved_models/{row['name']}/README.md)"
        yield row["task"]
        yield headline(card)
        yield f"{row['parameters']:,}"
        for key in ("weights_bytes", "phone_bytes"):
            yield "" if row[key] is None else f"{row[key] / 1e6:.2f} MB"
        for key in ("cpu_milliseconds", "mobile_milliseconds"):
            yield "" if row[key] is None else f"{row[key]:.1f}"

    heads = ("model", "task", "test figure", "parameters", "weights", "on a phone", "ms, CPU", "ms, mobile runtime")
    return _table(heads, map(cells, rows()))


def models_table():
    """Markdown table, one row per text classifier, with its spread over seeds, baseline and size."""
    lines = []
    for name, card in _cards("text-classification"):
        seeds = card["metrics"].get("seeds", {}).values()
        baseline = next((b for b in card["baselines"] if b["split"] == "test"), None)
        lines.append(
            (
                f"[`{name}`](../saved_models/{name}/README.md)",
                card["summary"],
                f"{100 * card['metrics']['test']['accuracy']:.2f} %",
                f"{100 * min(seeds):.2f} to {100 * max(seeds):.2f} %, {len(seeds)} seeds" if len(seeds) > 1 else "one seed",
                f"{100 * baseline['accuracy']:.2f} %, {baseline['parameters']:,} parameters" if baseline else "",
                f"{card['parameters']:,}",
                f"{card['files']['weights.safetensors']['bytes'] / 1e6:.1f} MB",
            )
        )
    heads = ("model", "what it is", "test accuracy", "over seeds", "bag of bigrams", "parameters", "weights")
    return _table(heads, lines)


def stocks_table():
    """Markdown table, one row per forecaster, with its test figure, its spread and its baselines."""
    lines = []
    for name, card in _cards("stock-"):
        key = HEADLINES[card["task"]][0]
        seeds = card["metrics"].get("seeds", {}).values()
        baselines = [f"{b['name']} {b['figures'][key]:.3f}" for b in card["baselines"] if b["split"] == "test"]
        lines.append(
            (
                f"[`{name}`](../saved_models/{name}/README.md)",
                f"{card['parameters']:,}",
                NAMES[key],
                f"{card['metrics']['test'][key]:.3f}",
                f"{min(seeds):.3f} to {max(seeds):.3f}, {len(seeds)} seeds" if len(seeds) > 1 else "one seed",
                ", ".join(baselines),
            )
        )
    heads = ("model", "parameters", "figure on the test part", "this model", "over seeds", "baselines")
    return _table(heads, lines)


def refitted_table():
    """Markdown table, one row per forecaster and baseline that is fitted anew each week, with the t values against it."""
    lines, cards = [], _cards("stock-")
    yearly = any("walk_forward" in card["metrics"] for _, card in cards)
    for name, card in cards:
        key, metrics = HEADLINES[card["task"]][0], card["metrics"]
        for row in card["baselines"]:
            if row["split"] == "test" and "refitted" in row["name"]:
                line = [f"`{name}`", f"{metrics['test'][key]:.3f}", row["name"], f"{row['figures'][key]:.3f}", f"{row['t']:.2f}"]
                if yearly:
                    refit = metrics.get("walk_forward", {}).get(key)
                    line += ["" if refit is None else f"{refit:.3f}", f"{row['t_walk_forward']:.2f}" if refit is not None else ""]
                lines.append(line)
    heads = ("model", "its figure", "baseline", "its figure", T_VALUES["t"])
    if yearly:
        heads += ("the model fitted again each year", T_VALUES["t_walk_forward"])
    return _table(heads, lines)


def phone_table():
    """Markdown table, one row per phone file."""
    return _table(HEADS, phone_rows(_cards("")))


def short_table():
    """Markdown table of every pretrained model for the README."""
    return _table(SHORT_HEADS, short_rows(rows(), [card for _, card in _cards("")]))


def with_tables(page, text):
    """The text of one of `PAGES` with its tables made anew."""
    for kind in PAGES[page]:
        end = MARKS[kind][1]
        marks = re.findall(f"<!-- {kind}: .*-->\n", text)  # an older mark may call this program otherwise
        if len(marks) != 1 or end not in text:
            raise ValueError(f"{page} needs the marks {MARKS[kind]} once. Received: {len(marks)} of the first")
        before, begin, rest = text.partition(marks[0])
        text = before + begin + MAKERS[kind]() + end + rest.split(end, 1)[1]
    return text


def _cards(kind):
    """Names and cards of the pretrained models whose task begins with `kind`."""
    cards = ((name, read_card(find_model(name))) for name in list_pretrained())
    return [(name, card) for name, card in cards if card["task"].startswith(kind)]


def _table(heads, lines):
    first, *others = [f"| {' | '.join(cells)} |\n" for cells in (heads, *lines)]
    return "".join([first, "|" + "---|" * len(heads) + "\n", *others])


def main(argv=None):
    parser = argparse.ArgumentParser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("--measure", action="store_true", help="measure the latencies first")
    parser.add_argument("names", metavar="NAME", nargs="*", help="with --measure: only of these, the others stay")
    arguments = parser.parse_args(argv)
    if arguments.names and not arguments.measure:
        parser.error(f"NAME goes with --measure. Received: {' '.join(arguments.names)}")
    if missing := [page for page in PAGES if not (ROOT / page).is_file()]:
        parser.error(f"the tables stand in {', '.join(PAGES)} of a clone. Received: {ROOT} without {', '.join(missing)}")
    if (ROOT / "seqzoo" / "zoo").is_dir():
        write_pins(ROOT)  # first: only a model with its pin is loaded by name
    if arguments.measure:
        from seqzoo.quiet import import_tensorflow

        import_tensorflow()
        measure_latency(arguments.names)
    made = {ROOT / page: with_tables(page, (ROOT / page).read_text(encoding="utf-8")) for page in PAGES}
    for path, text in {models_folder() / "models.csv": models_csv(), **made}.items():  # all could be made: now write
        write_atomically(path, text)


MAKERS = {
    "models in short": short_table,
    "all models": all_table,
    "models": models_table,
    "stock models": stocks_table,
    "refitted baselines": refitted_table,
    "phone files": phone_table,
}

if __name__ == "__main__":
    sys.exit(run(main))
