"""The figures of a text classifier's card, computed again from the reviews."""

from seqzoo.data import places
from seqzoo.data import reviews as data_sets
from seqzoo.tasks.text_classification.figures import figures_of, measure
from seqzoo.tasks.text_classification.parts import data_set_of
from seqzoo.tasks.text_classification.phone import check_phone_figures


def check_figures(checks, subject):
    """Check the data's fingerprints and every figure of the test and validation split that the card states.

    Args:
        checks: `seqzoo.zoo.checks.Checks`, which take them.
        subject: `Subject`, a text classifier; its `data_dir` holds the prepared data set.
    """
    model = subject.model
    data, metrics = model.card["data"], model.card["metrics"]
    source = data_set_of(model.card)
    if source not in places.SOURCES:
        checks.leave_out("figures", "not computed again: texts of one's own; the card's command makes them")
        return
    reviews = data_sets.load_reviews(source, subject.data_dir)
    found = reviews.fingerprint()
    # Another rule (another share for validation) splits the same training reviews otherwise.
    same = {"test"} if data["rule"] != reviews.rule else set(found)
    for name in sorted(same & set(data["splits"])):
        checks.fingerprint(name, data["splits"][name], found[name])
    measured = sorted(same & {"validation", "test"} & set(metrics))
    if not measured:
        checks.note("figures", False, "The card states none that can be computed again from this data")
    for name in measured:
        checks.figures(name, metrics[name], lambda name=name: measure(model, *getattr(reviews, name)))
    if "test" not in same:
        return
    texts, labels = reviews.test
    if subject.served is not None and "test" in measured:
        checks.figures("test", metrics["test"], lambda: figures_of(subject.served(texts), labels), ", SavedModel")
    for name, stated in sorted(model.card.get("phone", {}).items()):
        checks.attempt(
            f"test figures, {name}",
            lambda name=name, stated=stated: check_phone_figures(subject, name, stated, texts, labels),
        )
    checks.seeds(model.card, "accuracy", measured)
