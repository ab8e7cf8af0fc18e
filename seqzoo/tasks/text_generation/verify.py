"""The figures of a language model's card, computed again from the texts."""

from seqzoo.data.reviews import load_unlabelled


def measure_language(model, texts):
    """`{"perplexity", "words", "examples"}` of a `LanguageModel` on a list of str; ends of texts count as words."""
    words = sum(len(row) + 1 for row in model.vocabulary.encode_list(texts))
    return {"perplexity": model.perplexity(texts), "words": words, "examples": len(texts)}


def check_figures(checks, subject):
    """Check the data's fingerprints and the perplexity that the card states.

    Args:
        checks: `seqzoo.zoo.checks.Checks`, which take them.
        subject: `Subject`, a language model; its SavedModel is compared on golden.json alone.
    """
    model = subject.model
    data, metrics = model.card["data"], model.card["metrics"]
    texts = load_unlabelled(data["name"], subject.data_dir, data["held_out_share"])
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
