"""Make a run folder with a model of what a student of `recipes.accelerator.train` has learnt.

`python -m recipes.accelerator.finish weights/flagship.npz --vocabulary vocabulary.txt --output runs/flagship`
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from seqzoo.quiet import import_tensorflow

from ..shared import command


def parse(argv=None):
    parser = argparse.ArgumentParser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=Path, help="an .npz of recipes.accelerator.train")
    parser.add_argument("--vocabulary", type=Path, required=True, help="vocabulary.txt of recipes.accelerator.prepare")
    parser.add_argument("--max-tokens", type=int, default=800, help="longer texts keep their last words")
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
        tensors = {name.replace("|", "/"): file[name].astype(np.float32) for name in file.files if name != "form"}
    words = Path(vocabulary).read_text(encoding="utf-8").splitlines()[: form["vocabulary_size"]]
    model = TextClassifier({**form, "layers": 1, "max_tokens": max_tokens, "seed": seed}, Vocabulary(words))
    model.load_tensors(tensors)
    return model
