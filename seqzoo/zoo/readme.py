"""The card for people: README.md, made from card.json and from nothing else."""

import shlex

from seqzoo.zoo import readme_language, readme_phone, readme_stocks


def render_readme(card: dict) -> str:
    """Markdown text of a validated card; the same card always gives the same text."""
    use, figures = _use, _figures
    if other := _other(card):
        use, figures = other.use, lambda card: other.figures(card, _table)
    parts = [
        _head(card),
        use(card),
        figures(card),
        *readme_phone.section(card, _table),
        _training(card),
        _data(card),
        _limits(card),
        _files(card),
    ]
    return "\n\n".join(parts) + "\n"


def headline(card):
    """The one test figure for a list of models, "" where there is none."""
    if other := _other(card):
        return other.headline(card)
    accuracy = card["metrics"].get("test", {}).get("accuracy")
    return "" if accuracy is None else f"{100 * accuracy:.2f} %"


def _other(card):
    """The module with what is said otherwise of models that are no text classifiers."""
    if card["task"] == "text-generation":
        return readme_language
    return readme_stocks if card["task"].startswith("stock-") else None


def _head(card):
    return f"""# {card["name"]}

{card["summary"]}

This file is made from card.json, which holds the same for programs."""


def _use(card):
    name = shlex.quote(card["name"])
    return f"""## Use

```python
import seqzoo

model = seqzoo.load_pretrained("{card["name"]}")  # or the path of this folder
model.predict(["what a film"])  # probability of positive, one per text
```

On the command line: `seqzoo predict {name} "what a film"`. To check every file and figure here, with a
prepared copy of the data in DIR: `seqzoo verify {name} --data-dir DIR`."""


def _figures(card):
    metrics = card["metrics"]
    rows = [
        (f"**{card['name']}**", split, _percent(of["accuracy"]), card["parameters"])
        for split, of in metrics.items()
        if isinstance(of, dict) and "accuracy" in of
    ]
    rows += [(b["name"], b["split"], _percent(b["accuracy"]), b["parameters"]) for b in card["baselines"]]
    lines = ["## Figures", "", _table(("model", "split", "accuracy", "parameters"), rows)]
    for split in ("validation", "test"):
        if of := metrics.get(split):
            lines += [
                "",
                f"The {split} split has {of['examples']:,} examples; mean cross-entropy {of['loss']:.4f}.",
                *(_against(b, of["accuracy"]) for b in card["baselines"] if b["split"] == split),
            ]
    if seeds := metrics.get("seeds"):
        values = list(seeds.values())
        each = ", ".join(f"{_percent(value)} (seed {seed})" for seed, value in seeds.items())
        lines += [
            "",
            f"Test accuracy by seed: {each}; spread {100 * (max(values) - min(values)):.2f} points.",
        ]
    if not rows:
        lines[2] = "None were measured."
    return "\n".join(lines)


def _against(baseline, accuracy):
    points = 100 * (accuracy - baseline["accuracy"])
    verdict = "It beats" if points > 0 else "It loses to" if points < 0 else "It equals"
    return f"{verdict} {baseline['name']}" + (f" by {abs(points):.2f} points." if points else ".")


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


def _percent(share):
    return f"{100 * share:.2f} %"
