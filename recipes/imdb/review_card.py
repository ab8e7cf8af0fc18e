"""What the card of a review model says: data, figures, baselines, the command that made it."""

from ..shared.command import command_of

ALONE = "Trained on the labelled reviews alone; unlabelled reviews and other texts were not used."
OPINIONS = "opinions"  # the data of recipes.opinions, on its cards
TAUGHT = ", taught by "
WIDER = "That had learned from more than reviews of films"
SHORT = 'A few words are little to go by: short negations ("Not bad at all!") are often misjudged.'
STEPS = ("prepared", "trained", "finished")  # the commands that made a student of recipes.accelerator, among its arguments
OVER = " over word embeddings"  # the summary's words between the network and what it began with

# Our own sentences whose scores lie beside every review model, so that a wrong load shows at once.
GOLDEN_TEXTS = [
    "The movie started off great with an engaging plot... but by the end, it became boring and predictable",
    "It began slowly, but by the last act I was in tears. A wonderful, moving film!",
    "not good",
    "Not bad at all, I would happily watch it again.",
    "A complete waste of two hours.",
    "I laughed, I cried, I called my mother. Ten out of ten!",
    "<br /><br />The camera work is fine. The dialogue isn't, and the ending is worse.<br />Avoid!",
    "Un film magnifique, a\u0300 voir \u2014 caf\u00e9, na\u00efve, \u201csmart quotes\u201d and it\u2019s great \U0001f600",
    "",
]


def review_card(name, arguments, reviews, metrics, search=(), command=None, config=None):
    """The card of a trained review classifier, for `seqzoo.zoo.folder.save_folder`.

    Args:
        name: the model's name.
        arguments: dict, the recipe's arguments that decided the result.
        reviews: `seqzoo.data.reviews.Reviews` it was trained and measured on.
        metrics: dict with `test` and/or `validation` figures, `baselines`, perhaps `seeds`.
        search: list of dicts, what was tried on validation data before.
        command: what made the model; by default the recipe with these arguments.
        config: the model's, where an encoder decided what `arguments` do not.

    Returns:
        dict.
    """
    built, encoder = {**arguments, **(config or {})}, arguments.get("encoder")
    kind = ("a bidirectional " if built["bidirectional"] else "an ") + built["cell"].upper()
    begun = _begun_in_short(encoder) if encoder else ""
    counted = " and counted pairs of words" if arguments.get("bigrams") else ""
    taught = f"{TAUGHT}{arguments['teachers'].count(',') + 1} models" if arguments.get("teachers") else ""
    learned = _learned_from(arguments)
    known = set(reviews.train.texts)
    shared = sum(text in known for text in reviews.test.texts)
    return {
        "name": name,
        "summary": f"Sentiment of English film reviews: {kind} with {built['units']} units{OVER}{counted}{begun}{taught}",
        "weights_dtype": "float16",
        "metrics": {key: value for key, value in metrics.items() if key in ("test", "validation", "seeds")},
        "baselines": metrics["baselines"],
        "search": list(search),
        "seed": arguments["seed"],
        "data": data_of(reviews, {name: len(getattr(reviews, name).texts) for name in ("train", "validation", "test")}),
        "command": command or recipe_command(arguments),
        "limits": [
            *_few_seeds(len(metrics.get("seeds", ())), encoder or arguments.get("averaged")),
            *learned,
            "English film reviews, as people wrote them before 2011; other texts and languages were not measured.",
            *([] if any(line.startswith(WIDER) for line in learned) else [SHORT]),
            f"{shared} of the test texts stand, word for word, among the training texts too: so the data set comes.",
            f"Of a longer text only the last {arguments['max_tokens']} words are read.",
        ],
    }


def _few_seeds(seeds, long):
    """A line for a model of fewer than three seeds (`long`: that takes long to train); none for a run, which has no seeds."""
    if long and seeds < 2:
        return ["One seed: it trains for more than half an hour."]
    if seeds in (1, 2):
        return [f"{'One seed' if seeds == 1 else 'Two seeds'}, where three would show the spread."]
    return []


def _learned_from(arguments):
    """A line for each source that is not the labelled reviews, or one that says there was none."""
    if joined := arguments.get("joined"):
        runs = joined.split(",")
        cards = [card_of(f"{run}/model") for run in runs]
        lines = [line for of in cards for line in (begun_lines(of) if of["data"]["name"] == OPINIONS else _sources(of))]
        share = f"What reads backwards counts {100 * arguments['share']:g} % of its log-odds, what reads forwards the rest."
        return [share, *_without_contradiction(dict.fromkeys(lines))]
    if averaged := arguments.get("averaged"):
        runs = averaged.split(",")
        lines = [line for run in runs for line in _sources(card_of(f"{run}/model"))]
        return [f"Its weights are the mean of those of {len(runs)} runs.", *_without_contradiction(dict.fromkeys(lines))]
    encoder, teachers, soft = (arguments.get(name) for name in ("encoder", "teachers", "soft_labels"))
    lines = begun_lines(card_of(encoder)) if encoder else [ALONE]
    if backward := arguments.get("backward_encoder"):
        lines.append(
            f"Began with the language model {card_of(backward)['name']} in what reads backwards, trained on the same reviews, "
            "labels unseen."
        )
    if arguments.get("apart"):
        lines.append("Began apart: what reads backwards was trained alone, and its log-odds count as much as the encoder's.")
    if teachers:
        weighted = f", weighted {weights}" if (weights := arguments.get("teacher_weights")) else ""
        weighted += ", their odds averaged" if arguments.get("teacher_mean") == "odds" else ""
        which = f"{count:,} of the" if (count := arguments.get("unlabelled")) else "the"
        lines.append(
            f"Learned from {which} unlabelled reviews what its teachers made of them ({teachers.replace(',', ', ')}{weighted}): "
            "where they err alike, so does it. The size given is its own; to train it takes theirs too."
        )
    if arguments.get("finished") or ".npz" in (teachers or ""):
        lines.append(
            "Learned what a larger model made of labelled and unlabelled reviews, and the shorter texts of recipes.opinions; "
            "that model began with a language model of the same reviews."
        )
    if soft:
        lines.append(f"Learned {100 * soft:g} % of each label from a bag of bigrams that was trained on other labelled reviews.")
    if pairs := arguments.get("bigrams"):
        lines.append(
            f"Learned by counting, too: beside each word it reads the log-count ratio of the pair with the word before it, for "
            f"the {pairs:,} pairs that tell most in the labelled reviews. That is part of what the bag of bigrams knows."
        )
    return _without_contradiction(lines)


def begun_lines(card):
    """Lines about what the encoder with this card had learnt from; a classifier's own card says that of it."""
    if card["task"] == "text-classification":
        more = [f"{WIDER} ({card['data']['citation']})"] if card["data"]["name"] == OPINIONS else []
        return [f"Began with the text classifier {card['name']}, seed {card['seed']}.", *more, *_sources(card)]
    return [
        f"Began with the language model {card['name']}, trained on the 75,000 reviews of train and unsupervised, "
        "labels unseen; those of validation were among them."
    ]


def _begun_in_short(encoder):
    """For the summary: a classifier passes on what it began with itself."""
    card = card_of(encoder)
    if card["task"] == "text-classification":
        return card["summary"].partition(OVER)[2].partition(TAUGHT)[0]
    return f", begun with the language model {card['name']}"


def _sources(card):
    """The lines of a card that say what its model learnt from."""
    return [line for line in card["limits"] if line == ALONE or line.startswith(("Began with", "Learned", WIDER))]


def _without_contradiction(lines):
    """`ALONE` goes where another line names unlabelled reviews."""
    more = any("unlabelled reviews" in line or "unsupervised" in line for line in lines if line != ALONE)
    return [line for line in lines if not (more and line == ALONE)]


def card_of(encoder):
    """The card, a dict, of a model of the zoo or a model folder."""
    from seqzoo.zoo import find_model, read_card

    return read_card(find_model(encoder))


def data_of(texts, examples):
    """A card's `data`.

    Args:
        texts: `seqzoo.data.reviews.Reviews` or `Unlabelled`.
        examples: `{name of a split: number of its texts}`.
    """
    fingerprints = texts.fingerprint()
    about = {name: getattr(texts, name) for name in ("name", "version", "rule", "citation", "terms")}
    splits = {name: {"examples": count, "fingerprint": fingerprints[name]} for name, count in examples.items()}
    return {**about, "splits": splits}


def steps_in(told):
    """The commands of `STEPS` that a dict tells, in their order."""
    return [told[name] for name in STEPS if name in told]


def _options(arguments, *names):
    return "".join(f" --{name} {arguments[name]}" for name in names if arguments.get(name))


def recipe_command(arguments, recipe="imdb.sentiment"):
    """The command line that gives these arguments to a recipe; of models made of others to `recipes.imdb.average_weights` or
    `recipes.imdb.join_halves`, of those of `recipes.accelerator` the three commands."""
    if averaged := arguments.get("averaged"):
        return f"{command_of('imdb.average_weights')} {averaged.replace(',', ' ')}{_options(arguments, 'without')}"
    if joined := arguments.get("joined"):
        options = _options(arguments, "share", "kept", "without")
        return f"{command_of('imdb.join_halves')} {joined.replace(',', ' ')}{options}"
    if "finished" in arguments:
        return "\n".join(steps_in(arguments)) + _options(arguments, "without")
    words = [command_of(recipe)]
    for key, value in arguments.items():
        option = "--" + key.replace("_", "-")
        if value is True:
            words.append(option)
        elif value is not False and value is not None:
            words.append(f"{option} {value}")
    return " ".join(words)
