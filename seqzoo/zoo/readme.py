"""The card for people: README.md, made from card.json and from nothing else."""

import unicodedata

from seqzoo.tasks import get_task
from seqzoo.zoo import readme_phone
from seqzoo.zoo.card import reading_card

_TURNING = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


def render_readme(card: dict) -> str:
    """Markdown text of a validated card; the same card always gives the same text.

    Raises CardError for a card with a value that cannot be shown.
    """
    task = get_task(card["task"])
    with reading_card(card, "What README.md shows"):
        parts = [
            _head(card),
            task.use(card),
            task.figures(card, _table),
            *readme_phone.section(card, _table),
            _training(card),
            _data(card),
            _limits(card),
            _files(card),
        ]
    return plain("\n\n".join(parts)) + "\n"


def headline(card):
    """The one test figure for a list of models, "" where there is none."""
    with reading_card(card, "The headline"):
        return get_task(card["task"]).headline(card)


def plain(text):
    """`text` without what could move a terminal's cursor, colour it or turn the direction of writing; lines stay."""
    return "".join(" " if _moves(c) else c for c in text)


def _moves(character):
    if character in "\n\t":
        return False
    return unicodedata.category(character) in ("Cc", "Zl", "Zp") or unicodedata.bidirectional(character) in _TURNING


def _head(card):
    return f"""# {card["name"]}

{card["summary"]}

This file is made from card.json, which holds the same for programs."""


def _training(card):
    architecture = ", ".join(f"{key} {_plain(value)}" for key, value in card["architecture"].items())
    versions = ", ".join(f"{key} {value}" for key, value in card["versions"].items())
    text = f"""## How it was made

```
{card["command"]}
```

Seed {card["seed"]}. {card["parameters"]:,} parameters, kept as {card["weights_dtype"]}.
Architecture: {architecture}.
Made with {versions}."""
    if card["search"]:
        columns = list(dict.fromkeys(key for tried in card["search"] for key in tried))
        rows = [tuple(tried.get(column, "") for column in columns) for tried in card["search"]]
        text += "\n\nWhat was tried, judged on validation data only:\n\n" + _table(columns, rows)
    return text


def _data(card):
    data = card["data"]
    rows = [(name, split["examples"], f"`{split['fingerprint']}`") for name, split in data["splits"].items()]
    table = _table(("split", "examples", "fingerprint"), rows)
    return f"""## Data

{data["name"]}, version {data["version"]}. {data["rule"]}

{table}

Citation: {data["citation"]}

Terms: {data["terms"]}"""


def _limits(card):
    lines = ["The figures hold for data like that above; on any other it is right less often."]
    return "## Limits\n\n" + "\n".join(f"- {line}" for line in lines + card.get("limits", []))


def _files(card):
    rows = [
        (f"`{name}`", of["bytes"], f"`{of['sha256']}`")
        for name, of in sorted(card["files"].items())
        if name != "README.md"  # it cannot hold its own hash; card.json does
    ]
    return "## Files\n\n" + _table(("file", "bytes", "SHA-256"), rows)


def _table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(value) for value in line)} |" for line in lines)


def _cell(value):
    return " ".join(_plain(value).split()).replace("|", "\\|")


def _plain(value):
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
