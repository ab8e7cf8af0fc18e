"""What a forecaster's README says otherwise than a text classifier's: use, figures, limits."""

from seqzoo.tasks.parts import place_of

NAMES = {
    "qlike": "QLIKE",
    "qlike_to_har": "QLIKE to HAR-log",
    "tickers_better": "tickers better",
    "dm_t": "Diebold-Mariano t",
    "rmse": "RMSE of volatility",
    "mae": "MAE of volatility",
    "pinball": "pinball x 1000",
    "coverage_90": "90 % interval holds",
    "coverage_90_least": "least ticker",
    "coverage_90_most": "most ticker",
    "coverage_50": "50 % interval holds",
    "crossings": "crossings",
    "pinball_to_garch": "pinball to GARCH-t",
}
HEADLINES = {
    "stock-volatility": ("qlike_to_har", "{:.3f} of HAR"),
    "stock-quantiles": ("pinball", "pinball {:.3f}"),
}


def headline(card):
    """The one figure of the test part for a list of models, "" where there is none."""
    name, text = HEADLINES[card["task"]]
    test = card["metrics"].get("test", {})
    return text.format(test[name]) if name in test else ""


def use(card):
    name, note, word = place_of(card)
    outputs = "variance and volatility" if card["task"] == "stock-volatility" else "q05 q25 q50 q75 q95"
    return f"""## Use

```python
import pandas
import seqzoo

model = seqzoo.load_pretrained({name}){note}
# Open, High, Low, Close, Volume
frame = pandas.read_csv("prices.csv", parse_dates=["Date"], index_col="Date")
model.forecast(frame)  # {outputs} of the next trading day; start="2020-01-01" for every day from then on
```

On the command line: `seqzoo forecast {word} prices.csv`. To check every file and figure here, with the
CSV files in DIR: `seqzoo verify {word} --data-dir DIR`."""


def figures(card, table):
    """The section of figures; `table(head, rows)` makes a Markdown table."""
    metrics = card["metrics"]
    rows = [(f"**{card['name']}**", split, metrics[split]) for split in ("validation", "test") if split in metrics]
    if "mean_of_seeds" in metrics:
        rows.append(("mean forecast of all seeds", "test", metrics["mean_of_seeds"]))
    rows += [(b["name"], b["split"], b["figures"]) for b in card["baselines"]]
    if not rows:
        return "## Figures\n\nNone were measured."
    columns = [name for name in NAMES if any(name in of for *_, of in rows)]
    cells = [(name, split, *(of.get(column, "") for column in columns)) for name, split, of in rows]
    lines = ["## Figures", "", table(("model", "part", *(NAMES[column] for column in columns)), cells)]
    for part in ("validation", "test"):
        if of := metrics.get(part):
            lines += ["", f"The {part} part has {of['examples']:,} forecasts of {of['tickers']} tickers."]
            if "qlike_to_har_low" in of:
                lines[-1] += (
                    f" QLIKE to HAR-log, 95 % interval by block bootstrap: {of['qlike_to_har_low']:.3f} to "
                    f"{of['qlike_to_har_high']:.3f}."
                )
    if seeds := metrics.get("seeds"):
        figure = NAMES[HEADLINES[card["task"]][0]]
        each = ", ".join(f"{value:.4f} (seed {seed})" for seed, value in seeds.items())
        lines += ["", f"{figure} on the test part by seed: {each}."]
    if aside := card.get("aside"):
        columns = [name for name in NAMES if name in aside[0]["figures"] and name != "tickers_better"]
        rows = [(of["ticker"], f"{of['first']} to {of['last']}", *(of["figures"][name] for name in columns)) for of in aside]
        lines += ["", "On series that training did not see:", ""]
        lines.append(table(("series", "days", *(NAMES[name] for name in columns)), rows))
    return "\n".join(lines)
