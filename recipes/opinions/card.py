"""What the card of a model of opinions says."""

from seqzoo.data.reviews import Split

from ..imdb.review_card import GOLDEN_TEXTS, OVER, TAUGHT, begun_lines, card_of, recipe_command

CITATION = (
    "Socher et al.: Recursive Deep Models for Semantic Compositionality Over a Sentiment Treebank, EMNLP 2013. Hu & Liu: Mining "
    "and Summarizing Customer Reviews, KDD 2004. Ding, Liu & Yu: A Holistic Lexicon-Based Approach to Opinion Mining, WSDM 2008. "
    "Liu: Web Data Mining, 2007 (pros and cons). Kaushik, Hovy & Lipton: Learning the Difference that Makes a Difference with "
    "Counterfactually-Augmented Data, ICLR 2020. Maas et al.: Learning Word Vectors for Sentiment Analysis, ACL 2011."
)
TERMS = (
    "Treebank: none stated. Pros and cons, product sentences: CC BY 4.0, Bing Liu. Edited reviews: Apache-2.0. IMDB: for "
    "research use; the reviews belong to their authors."
)
RULE = (
    "Treebank: its own parts (train with every phrase, dev for validation). Pros and cons, product sentences, IMDB's train: "
    "validation is int(sha256(text).hexdigest()[:8], 16) % 1000 < 50, 50 and 100. Edited reviews: their own parts; what stands "
    "in counterfactual_dev was taken out of IMDB's train. `grammar`, `framed`, `joined and denied`: made by rules, see "
    "recipes/opinions."
)
GOLDEN = [*GOLDEN_TEXTS, "The soup was not bad, but I would not come back.", "ok", "asdf", "I used to hate it; now I love it."]


def opinions_card(name, arguments, model, data, metrics=None, search=(), command=None, limits=()):
    """The card, for `seqzoo.zoo.folder.save_folder`.

    Args:
        name: the model's name.
        arguments: dict, the recipe's; of several runs in a row with the encoder of the first.
        model: `TextClassifier`.
        data: `recipes.opinions.data.Data`.
        metrics: dict, as the task's card form has it.
        search: list of dicts, what was tried on validation data.
        command: what made the model; by default the recipe with these arguments.
        limits: lines to add.
    """
    parts = {**data.train, **{f"validation: {name}": part for name, part in data.validation.items()}}
    splits = {
        name: {"examples": len(texts), "fingerprint": fingerprint(texts, labels)} for name, (texts, labels) in parts.items()
    }
    return {
        "name": name,
        "summary": summary_of(arguments, model.config),
        "weights_dtype": "float16",
        "metrics": metrics or {},
        "baselines": [],
        "search": list(search),
        "seed": arguments["seed"],
        "data": {
            "name": "opinions",
            "version": "as of 2026-11",
            "rule": RULE,
            "splits": splits,
            "citation": CITATION,
            "terms": TERMS,
        },
        "command": command or recipe_command(arguments, "opinions.train"),
        "limits": list(limits),
    }


def summary_of(arguments, config):
    """What it is, in a line."""
    network = f"an {config['cell'].upper()} with {config['units']} units"
    if arguments["encoder"]:
        begun = f"{network}, begun with {arguments['encoder']}"
        return f"English opinions of any length and subject, read with their negations and turns: {begun}"
    taught = f"{TAUGHT}{arguments['teacher']}" if arguments.get("teacher") else ""
    return f"Sentiment of English film reviews and of short opinions: {network}{OVER}{taught}"


def fingerprint(texts, labels):
    """`Split.fingerprint` of texts whose labels are probabilities, to six digits."""
    return Split(texts, [f"{label:.6g}" for label in labels]).fingerprint()


def limits_of(arguments, temperature, phenomena):
    """Lines about what it learned from and what it can't.

    Args:
        arguments: dict, the recipe's; `encoder` is the model of the zoo that the first of its runs began with.
        temperature: what its logits were divided by.
        phenomena: dict, its accuracy by phenomenon.
    """
    made = f"{arguments['made']:,} sentences of a grammar"
    if framed := arguments.get("framed"):
        made += f", {framed:,} of frames"
    if wide := arguments.get("framed_wide"):
        made += f", {wide:,} of wider ones"
    if turned := arguments.get("turned"):
        made += f", {turned:,} turns at a distance"
    if recalled := arguments.get("recalled"):
        made += f", {recalled:,} texts that say at their end which of two early halves holds"
    below = [name for name, share in phenomena.items() if share < 0.5]
    return [
        *_begun_with(arguments["encoder"]),
        *_taught_by(arguments.get("teacher"), arguments.get("taught")),
        f"Learned, beside what people wrote, from {made} and from halves of real opinions "
        "joined or denied by a rule (recipes/opinions), none of which shares six words in a row with the suite.",
        f"Its logits were divided by {temperature:.3f}, chosen on validation data, so that its probabilities mean what they say.",
        "By phenomenon: 40 texts each, written by hand before it was trained (recipes/opinions/suite.txt); a text without an "
        "opinion counts as right between 1/4 and 3/4. The suite was looked at between trainings, and whoever wrote the frames "
        "had read it.",
        "Of IMDB's test split 123 texts stand, word for word, in the training split too: so the data set comes.",
        *([f"Worse than by chance it reads: {', '.join(below)}."] if below else []),
        "One seed: its spread over seeds was not measured.",
        f"Of a longer text only the last {arguments['max_tokens']} words are read.",
    ]


def _taught_by(teacher, count):
    if not teacher:
        return []
    which = f"{count:,} of " if count else ""
    return [
        f"Learned {which}IMDB's unlabelled reviews as {teacher} judges them, a model of many times its size: where that errs, "
        "so does this. The size given is its own; to train it takes its teacher's too."
    ]


def _begun_with(encoder):
    if not encoder:
        return ["Begun with word vectors, made from the company that words keep in IMDB's reviews of train and unsupervised."]
    card = card_of(encoder)
    lines = begun_lines(card)
    if card["task"] == "text-classification":
        lines.append(
            "Among the reviews that it learned from were the originals of counterfactual_dev: its figure on them is too high, "
            "and what it remembers of them speaks against their edits."
        )
    return lines
