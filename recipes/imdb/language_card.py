"""What the card of a language model says, and the counts that stand beside it."""

from .review_card import data_of


def baselines(model, texts):
    """The perplexity of counts of words, pairs and triples, over the same words."""
    from .ngrams import KneserNey

    train, held_out = (model.vocabulary.encode_list(part) for part in (texts.train, texts.held_out))
    counts = KneserNey(train, len(model.vocabulary))
    return [
        {
            "name": "interpolated Kneser-Ney counts of up to three words",
            "perplexity": round(counts.perplexity(held_out), 2),
            "parameters": counts.parameters,
            "split": "held_out",
        }
    ]


def language_card(name, arguments, texts, metrics, command):
    """The card of a trained language model, for `seqzoo.zoo.folder.save_folder`."""
    direction = "read from end to beginning" if arguments["backwards"] else "word by word"
    return {
        "name": name,
        "summary": f"English film reviews {direction}: an LSTM language model with {arguments['units']} units",
        "weights_dtype": "float16",
        "metrics": {"held_out": metrics["held_out"]} if "held_out" in metrics else {},
        "baselines": metrics["baselines"],
        "search": [],
        "seed": arguments["seed"],
        "data": {
            **data_of(texts, {name: len(getattr(texts, name)) for name in ("train", "held_out")}),
            "held_out_share": arguments["held_out"],
        },
        "command": command,
        "limits": [
            "One seed: it trains for more than half an hour.",
            "It writes what reviews before 2011 sound like, untrue and unkind things among it.",
            "The tokeniser knows lower case, and of punctuation only ! and ?.",
        ],
    }
