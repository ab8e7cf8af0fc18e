"""What a language model's README says otherwise than a text classifier's: use and figures."""

from seqzoo.tasks.parts import place_of


def headline(card):
    """The one figure for a list of models, "" where there is none."""
    perplexity = card["metrics"].get("held_out", {}).get("perplexity")
    return "" if perplexity is None else f"perplexity {perplexity:.1f}"


def use(card):
    name, note, word = place_of(card)
    generate = """
model.generate("This film", 40)  # goes on from there; seed=1 for another text"""
    command = f'`seqzoo generate {word} "This film"`'
    if card["architecture"].get("backwards"):
        generate, command = "", f"none: it reads from the end; `seqzoo info {word}` shows this card"
    return f"""## Use

```python
import seqzoo

model = seqzoo.load_pretrained({name}){note}{generate}
model.predict(["what a film"])  # mean log-probability of the words of each text and of its end
model.perplexity(["what a film"])
```

On the command line: {command}. To train a classifier of your own texts on top of it:
`python -m recipes.finetune_text --encoder {word} --train FILE.csv`. To check every file and figure here, with a
prepared copy of the data in DIR: `seqzoo verify {word} --data-dir DIR`."""


def figures(card, table):
    """The section of figures; `table(head, rows)` makes a Markdown table."""
    held_out = card["metrics"].get("held_out")
    if not held_out:
        return "## Figures\n\nNone were measured."
    rows = [(f"**{card['name']}**", "held_out", held_out["perplexity"], card["parameters"])]
    rows += [(b["name"], b["split"], b["perplexity"], b["parameters"]) for b in card["baselines"]]
    return f"""## Figures

{table(("model", "split", "perplexity", "parameters"), rows)}

Over {held_out["words"]:,} words of {held_out["examples"]:,} reviews that were not trained on, the ends of the reviews
among them; every word outside of the vocabulary counts as one and the same unknown word."""
