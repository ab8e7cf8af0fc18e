"""Make a model folder of what a student has learnt on one GPU.

`python -m recipes.accelerator.finish weights/flagship.npz --vocabulary vocabulary.txt --data-dir DIR --output models/flagship`
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from seqzoo.quiet import import_tensorflow

from ..imdb.copies import add_without, judging
from ..shared import command


def parse(argv=None):
    parser = argparse.ArgumentParser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=Path, help="an .npz of recipes.accelerator.train")
    parser.add_argument("--vocabulary", type=Path, required=True, help="vocabulary.txt of recipes.accelerator.prepare")
    parser.add_argument("--max-tokens", type=int, default=800, help="longer texts keep their last words")
    parser.add_argument("--data", choices=["imdb", "sample"], default="imdb", help="whose validation reviews judge it")
    parser.add_argument("--data-dir", help="where tensorflow-datasets prepared IMDB")
    add_without(parser)
    parser.add_argument("--output", type=Path, required=True, help="the model's folder")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(argv)


def read_model(weights, vocabulary, max_tokens=800, seed=0):
    """The `TextClassifier` of a student.

    Args:
        weights: an .npz of `recipes.accelerator.train`.
        vocabulary: the file that it was trained with; the model keeps the words that it knows.
        max_tokens: int, of longer texts the last words are read.
        seed: int, for the card.
    """
    from seqzoo.data.vocabulary import Vocabulary
    from seqzoo.tasks.text_classification import TextClassifier

    with np.load(weights) as file:
        form = json.loads(str(file["form"]))
        tensors = {name: file[name].astype(np.float32) for name in file.files if name != "form"}
    words = Path(vocabulary).read_text(encoding="utf-8").splitlines()[: form["vocabulary_size"]]
    model = TextClassifier({**form, "layers": 1, "max_tokens": max_tokens, "seed": seed}, Vocabulary(words))
    model.load_tensors(tensors)
    return model


def finish(arguments):
    """Measure a student on validation data and save it with a card."""
    import seqzoo
    from seqzoo.data.reviews import load_reviews
    from seqzoo.tasks.text_classification.figures import measure
    from seqzoo.zoo.folder import as_stored, save_folder

    from ..imdb.review_card import GOLDEN_TEXTS, review_card

    model = as_stored(read_model(arguments.weights, arguments.vocabulary, arguments.max_tokens, arguments.seed), "float16")
    reviews = load_reviews(arguments.data, arguments.data_dir, 0.1)
    validation = judging(reviews, arguments.without)
    metrics = {"validation": measure(model, *validation), "baselines": []}
    accuracy, size = metrics["validation"]["accuracy"], model.count_parameters()
    print(f"validation accuracy {accuracy:.4f} of {len(validation.texts):,} reviews, {size:,} parameters")
    made_with = {"max_tokens": arguments.max_tokens, "seed": arguments.seed}
    made = command.command_of("accelerator.finish")
    words = f"{made} {arguments.weights} --vocabulary {arguments.vocabulary} --max-tokens {arguments.max_tokens}"
    card = review_card(arguments.output.name, made_with, reviews, metrics, command=words, config=model.config)
    # The card's line about labelled reviews alone is not true of a student.
    card["limits"][0] = (
        "Learned what a larger model made of labelled and unlabelled reviews, phrases and sentences; that one began with a "
        "language model of the same reviews."
    )
    save_folder(model, arguments.output, card, GOLDEN_TEXTS, overwrite=True, saved_model=False)
    print(f"{arguments.output}: {seqzoo.load_pretrained(arguments.output)!r}")


def main(argv=None):
    arguments = parse(argv)
    import_tensorflow()
    return command.run(finish, arguments, name="accelerator.finish")


if __name__ == "__main__":
    sys.exit(command.run(main))
