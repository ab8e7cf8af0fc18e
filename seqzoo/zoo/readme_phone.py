"""What a model's README says of its .tflite files."""

import shlex

from seqzoo.zoo.readme_stocks import NAMES


def section(card, table):
    """A list with the section, or none for a model without .tflite files; `table(head, rows)` makes a table."""
    if not card.get("phone"):
        return []
    stocks = card["task"].startswith("stock-")
    names = list(next(iter(card["phone"].values()))["figures"]) if stocks else []
    figures = [NAMES[name] for name in names] if stocks else ["accuracy"]
    what = "forecast" if stocks else "text"
    rows = [
        (
            f"`{name}`",
            of["target"],
            of["quantization"] or "float32",
            of["bytes"],
            of["milliseconds"],
            *([of["figures"][figure] for figure in names] if stocks else [f"{100 * of['accuracy']:.2f} %"]),
            of["examples"],
        )
        for name, of in sorted(card["phone"].items())
    ]
    head = ("file", "target", "quantization", "bytes", f"median ms a {what}", *figures, "examples")
    told = "Figures of the test part" if stocks else "Accuracy on that many examples of the test split, the first ones"
    return [
        f"## On a phone\n\n{table(head, rows)}\n\n{told}; one thread of the machine that made the card. The JSON "
        "beside each file says how to feed it; `seqzoo.export.TFLiteRunner` does so. Measured by "
        f"`python -m recipes.add_tflite {shlex.quote(card['name'])} --data-dir DIR`."
    ]
