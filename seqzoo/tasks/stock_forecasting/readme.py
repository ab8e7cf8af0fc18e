"""What a forecaster's README says otherwise than a text classifier's: use, figures, limits."""

from seqzoo.tasks.parts import place_of

MARKET_REFIT = "market and VIX, refitted"  # in the name of a baseline that sees what a model with a market sees

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


# Rows of a card's figures beside the model's own: keys of `metrics`, what they are called, and the part.
ROWS = {
    "validation": ("**{name}**", "validation"),
    "test": ("**{name}**", "test"),
    "walk_forward": ("**{name}, fitted again each year to all days before**", "test"),
    "no_market": ("**{name}, without the S&P 500**", "test"),
    "no_vix": ("**{name}, without the VIX**", "test"),
    "prices_alone": ("**{name}, from the ticker's prices alone**", "test"),
    "mean_of_seeds": ("mean forecast of all seeds", "test"),
}
# Of these, what the model is not shown.
ABSENT = {"no_market": {"market": True}, "no_vix": {"vix": True}, "prices_alone": {"market": True, "vix": True}}
CLEAR = 2.0  # of Diebold and Mariano's t


def headline(card):
    """The one figure of the test part for a list of models, "" where there is none."""
    name, text = HEADLINES[card["task"]]
    test = card["metrics"].get("test", {})
    return text.format(test[name]) if name in test else ""


# Of a baseline's row: Diebold and Mariano's t of the model, and of its yearly refit, against it.
T_VALUES = {"t": "t of this model against it", "t_walk_forward": "t of the yearly refit"}


def best_baselines(card):
    """Names of the baselines that a card's model is held against: the best that sees no market, and the best of all."""
    key = HEADLINES[card["task"]][0]
    rows = sorted((b for b in card["baselines"] if b["split"] == "test" and "t" in b), key=lambda b: b["figures"][key])
    alone = [b for b in rows if MARKET_REFIT not in b["name"]]
    return list(dict.fromkeys(b["name"] for b in (*alone[:1], *rows[:1])))


def against_lines(card):
    """How sure it is that a card's model is better than the best baselines, a list of sentences."""
    lines, rows = [], {b["name"]: b for b in card["baselines"] if b["split"] == "test"}
    for name in best_baselines(card):
        told = []
        for key, who in (("t", "the model"), ("t_walk_forward", "its yearly refit")):
            if key in rows[name]:
                t = rows[name][key]
                verdict = "clearly better" if t < -CLEAR else "clearly worse" if t > CLEAR else "no sure difference"
                told.append(f"{t:.2f} for {who}, {verdict}")
        sees = " of those that see what the model can see" if MARKET_REFIT in name else ""
        lines.append(
            f"Against the best baseline{sees}, {name}, Diebold and Mariano's t is {'; '.join(told)} "
            f"(below -{CLEAR:g} is clearly better)."
        )
    return lines


def use(card):
    name, note, word = place_of(card)
    beside, options = "", ""
    if card["architecture"].get("market"):
        beside = """# Better with the S&P 500 (High, Low, Close) and the VIX (Close, per cent) beside it; either may be left out:
market, vix = (pandas.read_csv(file, parse_dates=["Date"], index_col="Date") for file in ("GSPC.csv", "VIX.csv"))
model.forecast(frame, market=market, vix=vix)
"""
        options = " --market GSPC.csv --vix VIX.csv"
    outputs = "variance and volatility" if card["task"] == "stock-volatility" else "q05 q25 q50 q75 q95"
    return f"""## Use

```python
import pandas
import seqzoo

model = seqzoo.load_pretrained({name}){note}
# Open, High, Low, Close, Volume
frame = pandas.read_csv("prices.csv", parse_dates=["Date"], index_col="Date")
model.forecast(frame)  # {outputs} of the next trading day; start="2020-01-01" for every day from then on
{beside}```

On the command line: `seqzoo forecast {word} prices.csv{options}`. To check every file and figure here, with the
CSV files in DIR: `seqzoo verify {word} --data-dir DIR`."""


def figures(card, table):
    """The section of figures; `table(head, rows)` makes a Markdown table."""
    metrics = card["metrics"]
    rows = [(title.format(**card), part, metrics[key], {}) for key, (title, part) in ROWS.items() if key in metrics]
    rows += [(b["name"], b["split"], b["figures"], b) for b in card["baselines"]]
    if not rows:
        return "## Figures\n\nNone were measured."
    columns = [name for name in NAMES if any(name in of for _, _, of, _ in rows)]
    beside = [key for key in T_VALUES if any(key in of for *_, of in rows)]
    cells = [
        (name, split, *(of.get(column, "") for column in columns), *(f"{b[key]:.2f}" if key in b else "" for key in beside))
        for name, split, of, b in rows
    ]
    heads = ("model", "part", *(NAMES[column] for column in columns), *(T_VALUES[key] for key in beside))
    lines = ["## Figures", "", table(heads, cells)]
    lines += [line for text in against_lines(card) for line in ("", text)]
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
