"""What a text classifier's README says of its use and its figures."""

from seqzoo.tasks.parts import place_of


def headline(card):
    """The one test figure for a list of models, "" where there is none."""
    accuracy = card["metrics"].get("test", {}).get("accuracy")
    if accuracy is None:
        return ""
    sentences = card["metrics"].get("measured", {}).get("SST-2 test, sentences")
    return percent(accuracy) + (f"; SST-2 {percent(sentences['accuracy'])}" if sentences else "")


def use(card, of_reviews=True):
    """The section on how to use the model; `of_reviews`: whether its figures come from a data set that there is."""
    name, note, word = place_of(card)
    text = "what a film" if of_reviews else "a text"
    check = f"To check every file here: `seqzoo verify {word}`."
    if of_reviews:
        check = f"""To check every file and figure here, with a
prepared copy of the data in DIR: `seqzoo verify {word} --data-dir DIR`."""
    return f"""## Use

```python
import seqzoo

model = seqzoo.load_pretrained({name}){note}
model.predict(["{text}"])  # {_answer(card["architecture"].get("classes", ("negative", "positive")))}
```

On the command line: `seqzoo predict {word} "{text}"`. {check}"""


def _answer(classes):
    names = [" ".join(name.split()) for name in classes]
    if len(names) == 2:
        return f"probability of {names[1]}, one per text"
    return f"[texts, {len(names)}]: for each text the probability of {', '.join(names[:-1])} and {names[-1]}"


def figures(card, table):
    """The section of figures; `table(head, rows)` makes a Markdown table."""
    metrics = card["metrics"]
    rows = [
        (f"**{card['name']}**", split, percent(of["accuracy"]), card["parameters"])
        for split, of in metrics.items()
        if isinstance(of, dict) and "accuracy" in of
    ]
    rows += [(b["name"], b["split"], percent(b["accuracy"]), b["parameters"]) for b in card["baselines"]]
    lines = ["## Figures", "", table(("model", "split", "accuracy", "parameters"), rows)]
    for split in ("validation", "test"):
        if of := metrics.get(split):
            lines += [
                "",
                f"The {split} split has {of['examples']:,} examples; mean cross-entropy {of['loss']:.4f}.",
                *(_against(b, of["accuracy"]) for b in card["baselines"] if b["split"] == split),
            ]
    if seeds := metrics.get("seeds"):
        values = list(seeds.values())
        each = ", ".join(f"{percent(value)} (seed {seed})" for seed, value in seeds.items())
        lines += [
            "",
            f"Test accuracy by seed: {each}; spread {100 * (max(values) - min(values)):.2f} points.",
        ]
    if not rows:
        lines[2] = "None were measured."
    return "\n".join([*lines, *_measured(metrics, table)])


def _measured(metrics, table):
    """Lines on several sets of texts, on phenomena and on pairs, of a card that has them."""
    lines = []
    if measured := metrics.get("measured"):
        rows = [
            (name, of["examples"], percent(of["accuracy"]), f"{of['loss']:.4f}", percent(of["calibration_error"]))
            for name, of in measured.items()
        ]
        lines += ["", table(("texts", "examples", "accuracy", "cross-entropy", "expected calibration error"), rows)]
    for key, told in (("phenomena", "phenomenon"), ("pairs", "pairs in the right order")):
        if found := metrics.get(key):
            lines += [
                "",
                table((told, "accuracy" if key == "phenomena" else "share"), [(n, percent(v)) for n, v in found.items()]),
            ]
    return lines


def _against(baseline, accuracy):
    points = 100 * (accuracy - baseline["accuracy"])
    verdict = "It beats" if points > 0 else "It loses to" if points < 0 else "It equals"
    return f"{verdict} {baseline['name']}" + (f" by {abs(points):.2f} points." if points else ".")


def percent(share):
    return f"{100 * share:.2f} %"
