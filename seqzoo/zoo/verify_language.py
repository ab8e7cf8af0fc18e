"""The figures of a language model's card, computed again from the texts."""

from seqzoo.data.reviews import load_unlabelled

DATA = "reviews"  # see `seqzoo.data.places`


def measure_language(model, texts):
    """`{"perplexity", "words", "examples"}` of a `LanguageModel` on a list of str; ends of texts count as words."""
    words = sum(len(row) + 1 for row in model.vocabulary.encode_list(texts))
    return {"perplexity": model.perplexity(texts), "words": words, "examples": len(texts)}


def figure_checks(checks, model, data_dir, folder, served=None):
    """Check the data's fingerprints and the perplexity that the card states.

    Args:
        checks: `Checks`, which take them.
        model: a language model from `load_pretrained`.
        data_dir: folder with the prepared data set; None for a model of the sample.
        folder: the model's, not needed here.
        served: function of a list of texts, its SavedModel's answers: compared on golden.json alone.
    """
    data, metrics = model.card["data"], model.card["metrics"]
    texts = load_unlabelled(data["name"], data_dir, data["held_out_share"])
    if data["rule"] != texts.rule:
        checks.note("data", False, f"The card's rule must be the one at hand. Received: {data['rule']}")
        return
    found = texts.fingerprint()
    for name in sorted(data["splits"]):
        checks.fingerprint(name, data["splits"][name], found[name])
    if "held_out" in metrics:
        checks.figures("held_out", metrics["held_out"], lambda: measure_language(model, texts.held_out))
    if model.card["baselines"]:
        checks.leave_out("baselines", "not computed again: other programs; the card's command makes them")
