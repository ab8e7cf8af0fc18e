"""What a keyword spotter's README says of its use and its figures."""

from seqzoo.tasks.keyword_spotting.names import SILENCE, UNKNOWN
from seqzoo.tasks.parts import place_of

TITLES = {
    "test": "clips of the test split",
    "words": "clips of the other words, by speakers who are in no other split",
    "validation": "clips of the validation split",
}


def headline(card):
    """The one test figure for a list of models, "" where there is none."""
    accuracy = card["metrics"].get("test", {}).get("accuracy")
    return "" if accuracy is None else percent(accuracy)


def use(card):
    """The section on how to use the model."""
    name, note, word = place_of(card)
    classes = card["architecture"]["classes"]
    heard = ", ".join(of for of in classes if of not in (SILENCE, UNKNOWN))
    return f"""## Use

It hears {heard}; what is none of them is {UNKNOWN} or {SILENCE}.

```python
import seqzoo

model = seqzoo.load_pretrained({name}){note}
model.predict([wave])  # samples at 8,000 Hz, float from -1 to 1 or int16 -> [1, {len(classes)}], in the order of model.classes
stream = model.stream()
stream.feed(chunk)  # of any length -> the words that it completes, [Event(word, time, score)]
```

On the command line: `seqzoo hear {word} FILE.wav`, or `arecord -t raw -f S16_LE -r 8000 | seqzoo hear {word} -`. To check every
file here and, with the data in DIR, the figures: `seqzoo verify {word} --data-dir DIR`."""


def figures(card, table):
    """The section of figures; `table(head, rows)` makes a Markdown table."""
    metrics = card["metrics"]
    rows = [
        (f"**{card['name']}**", title, percent(metrics[key]["accuracy"]), metrics[key]["examples"])
        for key, title in TITLES.items()
        if key in metrics
    ]
    rows += [
        (b["name"], b["split"], percent(b["figures"]["accuracy"]), b["figures"].get("examples", "")) for b in card["baselines"]
    ]
    if not rows:
        return "## Figures\n\nNone were measured."
    lines = ["## Figures", "", table(("model", "what", "accuracy", "examples"), rows)]
    for told in (_left_out, _streaming, _false_alarms, _micro, _seeds):
        lines += told(metrics)
    return "\n".join(lines)


def _left_out(metrics):
    if not (found := metrics.get("speaker_left_out")):
        return []
    lines = ["", f"Trained anew without a speaker and asked about all recordings of that one: {_by_speaker(found)}."]
    if of_ten := metrics.get("speaker_left_out_of_ten"):
        lines[-1] += f" As a choice among the ten digits alone: {_by_speaker(of_ten)}."
    return lines


def _by_speaker(found):
    each = ", ".join(f"{name} {percent(value)}" for name, value in found.items() if name not in ("mean", "worst"))
    return f"mean {percent(found['mean'])}, worst {percent(found['worst'])} ({each})"


def _streaming(metrics):
    if not (found := metrics.get("streaming")):
        return []
    return [
        "",
        f"The same {found['examples']:,} test clips in one stream, with 0.6 s between them and a state that goes on: "
        f"{percent(found['accuracy'])}, one by one {percent(found['whole'])}. "
        f"Exactly the right event was given for {percent(found['recall'])}, at the threshold {found['threshold']:g}.",
    ]


def _false_alarms(metrics):
    if not (found := metrics.get("false_alarms")):
        return []
    return [
        "",
        f"False alarms at the threshold {found['threshold']:g}, at which a stream of validation clips has a recall of 95 %: "
        f"{found['an_hour']:.2f} an hour, over {found['hours']:.2f} hours of other speech and noise. Recall on test clips at "
        f"that threshold: {percent(found['recall'])}.",
    ]


def _micro(metrics):
    if not (found := metrics.get("micro")):
        return []
    step = metrics.get("latency", {}).get("step_milliseconds")
    timed = f" A step of 20 ms takes {step:.3f} ms in the float file of target stream, on one thread of x86." if step else ""
    return [
        "",
        f"On TensorFlow Lite Micro: a file of {found['bytes']:,} bytes with the front end in it, an arena of "
        f"{found['arena_bytes']:,} bytes, {100 * found['accuracy_to_float']:+.2f} points of accuracy against float.{timed}",
    ]


def _seeds(metrics):
    if len(seeds := metrics.get("seeds", {})) < 2:
        return []
    each = ", ".join(f"{percent(value)} (seed {seed})" for seed, value in seeds.items())
    return ["", f"Test accuracy by seed: {each}."]


def percent(share):
    return f"{100 * share:.2f} %"
