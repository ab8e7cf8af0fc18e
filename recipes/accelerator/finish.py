"""Make a run folder, which can be published, of what a student has learnt on one GPU.

`python -m recipes.accelerator.finish weights/student.npz --vocabulary vocabulary.txt --data-dir DIR --output runs/flagship`
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from seqzoo.quiet import import_tensorflow

from ..imdb.average_weights import keep
from ..imdb.copies import add_without
from ..shared import command
from .commands import command_with


def parse(argv=None):
    parser = argparse.ArgumentParser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=Path, help="an .npz of recipes.accelerator.train")
    parser.add_argument("--vocabulary", type=Path, required=True, help="vocabulary.txt of recipes.accelerator.prepare")
    parser.add_argument("--max-tokens", type=int, default=800, help="longer texts keep their last words")
    parser.add_argument("--data", choices=["imdb", "sample"], default="imdb", help="whose validation reviews judge it")
    parser.add_argument("--data-dir", help="where tensorflow-datasets prepared IMDB")
    add_without(parser)
    parser.add_argument("--output", type=Path, required=True, help="run folder")
    return parser.parse_args(argv)


def read_model(weights, vocabulary, max_tokens=800):
    """The `TextClassifier` of a student.

    Args:
        weights: an .npz of `recipes.accelerator.train`.
        vocabulary: the file that it was trained with; the model keeps the words that it knows.
        max_tokens: int, of longer texts the last words are read.
    """
    from seqzoo.data.vocabulary import Vocabulary
    from seqzoo.tasks.text_classification import TextClassifier

    with np.load(weights) as file:
        form, seed = json.loads(str(file["form"])), command.read_made(file).get("seed", 0)
        tensors = {name: file[name].astype(np.float32) for name in file.files if name not in ("form", "made")}
    words = Path(vocabulary).read_text(encoding="utf-8").splitlines()[: form["vocabulary_size"]]
    model = TextClassifier({**form, "layers": 1, "max_tokens": max_tokens, "seed": seed}, Vocabulary(words))
    model.load_tensors(tensors)
    return model


def finish(arguments):
    """Measure a student on validation data and write its run folder."""
    from seqzoo.data.reviews import load_reviews
    from seqzoo.zoo.folder import as_stored

    model = as_stored(read_model(arguments.weights, arguments.vocabulary, arguments.max_tokens), "float16")
    with np.load(arguments.weights) as file:
        made = command.read_made(file)
    given = {"vocabulary": arguments.vocabulary, "max_tokens": arguments.max_tokens, "data": arguments.data}
    told = {"data": arguments.data, "validation": 0.1, "max_tokens": arguments.max_tokens, "seed": model.config["seed"]}
    made_with = {**told, **made, "finished": command_with("finish", given, arguments.weights)}
    keep(model, made_with, load_reviews(arguments.data, arguments.data_dir, 0.1), arguments.without, arguments.output)


def main(argv=None):
    arguments = parse(argv)
    import_tensorflow()
    return command.run(finish, arguments, name="accelerator.finish")


if __name__ == "__main__":
    sys.exit(command.run(main))
