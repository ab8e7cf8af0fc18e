"""What a model's README says of its .tflite files."""

from seqzoo.tasks import get_task
from seqzoo.tasks.parts import place_of


def section(card, table):
    """A list with the section, or none for a model without .tflite files; `table(head, rows)` makes a table."""
    if not card.get("phone"):
        return []
    columns = get_task(card["task"]).phone_columns(card)
    rows = [
        (
            f"`{name}`",
            of["target"],
            of.get("quantization") or "float32",
            of["bytes"],
            of["milliseconds"],
            *columns.cells(of),
            of["examples"],
        )
        for name, of in sorted(card["phone"].items())
    ]
    _, _, word = place_of(card)
    measured = f"python -m recipes.{columns.recipe}" + (f" {word} --data-dir DIR" if columns.recipe == "add_tflite" else "")
    head = ("file", "target", "quantization", "bytes", f"median ms {columns.unit}", *columns.titles, "examples")
    return [
        f"## On a phone\n\n{table(head, rows)}\n\n{columns.told}; one thread of the machine that made the card. The JSON "
        "beside each file says how to feed it; `seqzoo.export.TFLiteRunner` does so. Measured by "
        f"`{measured}`."
    ]
