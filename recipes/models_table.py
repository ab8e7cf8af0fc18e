"""The README's tables of models, written from the cards: `python -m recipes.models_table`."""

from pathlib import Path

from seqzoo.files import write_atomically
from seqzoo.zoo import list_pretrained, read_card
from seqzoo.zoo.readme_stocks import NAMES
from seqzoo.zoo.registry import find_model

README = Path(__file__).resolve().parents[1] / "README.md"
BEGIN = "<!-- models: written by `python -m recipes.models_table` from the cards -->\n"
END = "<!-- /models -->"
STOCKS = BEGIN.replace("models:", "stock models:")
STOCKS_END = END.replace("models", "stock models")


def models_table():
    """Markdown table, one row per pretrained text model, with its spread over seeds, baseline and size."""
    lines = [
        "| model | what it is | test accuracy | over seeds | bag of bigrams | parameters | weights |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in list_pretrained():
        card = read_card(find_model(name))
        if card["task"] != "text-classification":
            continue
        seeds = card["metrics"].get("seeds", {}).values()
        baseline = next((b for b in card["baselines"] if b["split"] == "test"), None)
        cells = [
            f"[`{name}`](saved_models/{name}/README.md)",
            card["summary"],
            f"{100 * card['metrics']['test']['accuracy']:.2f} %",
            f"{100 * min(seeds):.2f} to {100 * max(seeds):.2f} %, {len(seeds)} seeds"
            if seeds
            else "one seed",
            f"{100 * baseline['accuracy']:.2f} %, {baseline['parameters']:,} parameters" if baseline else "",
            f"{card['parameters']:,}",
            f"{card['files']['weights.safetensors']['bytes'] / 1e6:.1f} MB",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def stocks_table():
    """Markdown table, one row per pretrained forecaster, with its test figure, its spread and its
    baselines.
    """
    lines = [
        "| model | parameters | figure on the test part | this model | over seeds | baselines |",
        "|---|---|---|---|---|---|",
    ]
    for name in list_pretrained():
        card = read_card(find_model(name))
        if not card["task"].startswith("stock-"):
            continue
        key, digits = ("qlike_to_har", 3) if card["task"] == "stock-volatility" else ("pinball", 3)
        seeds = card["metrics"].get("seeds", {}).values()
        baselines = [
            f"{b['name']} {b['figures'][key]:.{digits}f}" for b in card["baselines"] if b["split"] == "test"
        ]
        cells = [
            f"[`{name}`](saved_models/{name}/README.md)",
            f"{card['parameters']:,}",
            NAMES[key],
            f"{card['metrics']['test'][key]:.{digits}f}",
            f"{min(seeds):.{digits}f} to {max(seeds):.{digits}f}, {len(seeds)} seeds"
            if len(seeds) > 1
            else "one seed",
            ", ".join(baselines),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def with_table(text):
    """The README's text with the tables made anew."""
    for begin, end, table in ((BEGIN, END, models_table()), (STOCKS, STOCKS_END, stocks_table())):
        before, rest = text.split(begin)
        text = before + begin + table + end + rest.split(end, 1)[1]
    return text


if __name__ == "__main__":
    write_atomically(README, with_table(README.read_text(encoding="utf-8")))
