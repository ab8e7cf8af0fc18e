"""The figures of a text classifier's card, computed again from the reviews."""

from seqzoo.data import reviews as data_sets
from seqzoo.zoo.checks import check_seeds
from seqzoo.zoo.phone import check_figures
from seqzoo.zoo.text_figures import figures_of, measure

DATA = "reviews"  # see `seqzoo.data.places`


def figure_checks(checks, model, data_dir, folder, served=None):
    """Check the data's fingerprints and every figure of the test and validation split that the card states.

    Args:
        checks: `Checks`, which take them.
        model: a text classifier from `load_pretrained`.
        data_dir: folder with the prepared data set; None for a model of the sample.
        folder: the model's, with its .tflite files.
        served: function of a list of texts, its SavedModel's answers; None without one.
    """
    data, metrics = model.card["data"], model.card["metrics"]
    if data["name"] not in data_sets.SOURCES:
        checks.leave_out("figures", "not computed again: texts of one's own; the card's command makes them")
        return
    reviews = data_sets.load_reviews(data["name"], data_dir)
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
    if served is not None and "test" in measured:
        checks.figures("test", metrics["test"], lambda: figures_of(served(texts), labels), ", SavedModel")
    for name, stated in sorted(model.card.get("phone", {}).items()):
        checks.attempt(
            f"test figures, {name}",
            lambda name=name, stated=stated: check_figures(folder / name, stated, texts, labels),
        )
    check_seeds(checks, model.card, "accuracy", measured)
