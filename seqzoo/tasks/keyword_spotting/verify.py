"""The figures of a keyword spotter's card, computed again from the recordings."""

from pathlib import Path

from seqzoo.data.spoken_words import fingerprint, load_digits, load_split_words
from seqzoo.tasks.keyword_spotting.figures import figures_of, measure, measure_stream
from seqzoo.tasks.keyword_spotting.phone import check_phone_figures

DATA = "spoken-digits"  # as a card names what is in a data folder


def check_figures(checks, subject):
    """Check the data's fingerprints and the figures of the test and validation split that the card states.

    Args:
        checks: `seqzoo.zoo.checks.Checks`, which take them.
        subject: `Subject`, a keyword spotter; its `data_dir` holds fsdd/ and commands_8k/.
    """
    model, metrics = subject.model, subject.model.card["metrics"]
    if model.card["data"]["name"] != DATA:
        checks.leave_out("figures", "not computed again: recordings of one's own; the card's command makes them")
        return
    folder = Path(subject.data_dir)
    digits, words = load_digits(folder / "fsdd"), load_split_words(folder / "commands_8k")
    parts = {"test": digits["test"], "words": words["test"], "validation": digits["validation"]}
    for name, stated in model.card["data"]["splits"].items():
        if name in parts:
            checks.fingerprint(name, stated, fingerprint(parts[name]))
    measured = [name for name in parts if name in metrics]
    for name in measured:
        checks.figures(name, metrics[name], lambda name=name: measure(model, parts[name]))
    if "streaming" in metrics:
        of = metrics["streaming"]
        checks.figures(
            "streaming", of, lambda: measure_stream(model, parts["test"], metrics["test"]["accuracy"], of["threshold"])
        )
        measured.append("streaming")
    if subject.served is not None and "test" in measured:
        waves, said = [clip.samples for clip in parts["test"]], [clip.word for clip in parts["test"]]
        checks.figures("test", metrics["test"], lambda: figures_of(subject.served(waves), model.classes, said), ", SavedModel")
    for name, stated in sorted(model.card.get("phone", {}).items()):
        checks.attempt(
            f"test figures, {name}",
            lambda name=name, stated=stated: check_phone_figures(subject, name, stated, parts["test"]),
        )
    checks.seeds(model.card, "accuracy", measured)
