"""What trained models make of reviews without labels, for a student that learns their mean opinion.

Distillation (Hinton, Vinyals & Dean 2015, arXiv:1503.02531) on reviews that nobody has labelled: different models err on
different reviews, so that their mean is better than any of them, and one model can learn it.
"""

import hashlib
from pathlib import Path

import numpy as np

from .arguments import weights_of
from .odds import bounded, probability

BAG = "bag-of-bigrams"


def taught(arguments, reviews, folder):
    """The reviews without labels, and what the models of `--teachers` think of them.

    Args:
        arguments: those of `recipes.imdb.sentiment`.
        reviews: `seqzoo.data.reviews.Reviews`; none of its reviews is among those that are returned.
        folder: `RunFolder`, which keeps the opinions for when the run is started again.

    Returns:
        list of str, and float32 of the same length: the mean of the teachers' probabilities that a review praises, each
        teacher counting as `--teacher-weights` says.

    Raises:
        ValueError: a teacher that judges no texts in two classes; data without unlabelled reviews.
    """
    models = [None if name == BAG else find_teacher(name) for name in arguments.teachers.split(",")]
    texts = unlabelled(arguments.data, arguments.data_dir, {*reviews.train.texts, *reviews.validation.texts})
    if not texts:
        raise ValueError(f"Teachers need data with unlabelled reviews: --data imdb. Received: --data {arguments.data}")
    if arguments.unlabelled:
        drawn = np.random.default_rng(arguments.seed).permutation(len(texts))[: arguments.unlabelled]
        texts = [texts[place] for place in np.sort(drawn)]
    weights = weights_of(arguments.teachers, arguments.teacher_weights)
    odds = arguments.teacher_mean == "odds"
    return texts, folder.array("opinions.npy", lambda: mean_opinion(models, reviews.train, texts, weights, odds))


def unlabelled(data, data_dir, known):
    """The texts of the reviews without a label, those left out that are among the known ones."""
    from seqzoo.data.reviews import load_unlabelled

    return [text for text in load_unlabelled(data, data_dir, 0.0).train if text not in known]


def find_teacher(name):
    """The model folder of a teacher, given by its run folder, its model folder or its zoo's name; or its .npz of opinions."""
    from seqzoo.zoo import find_model, read_card

    from .encoders import pretrained_of

    if Path(name).suffix == ".npz":
        _opinions_of(Path(name))
        return Path(name)
    path = Path(name) / "model"
    found = path if path.is_dir() else find_model(name)
    card = read_card(found)
    if card["task"] != "text-classification" or len(card["architecture"].get("classes", "..")) != 2:
        fit = ", ".join([BAG, *pretrained_of("text-classification")])
        raise ValueError(
            f"A teacher judges texts in two classes: {fit}, the folder of a run or model that does, or an .npz of its opinions. "
            f"Received: {name}"
        )
    return found


def mean_opinion(models, train, texts, weights=None, odds=False):
    """Mean probability of label 1, float32 `[len(texts)]`, of model folders, .npz files with opinions and the bag of bigrams
    (None), each counting by its weight, a number above 0, or alike; with `odds` the geometric mean of the odds.

    Raises:
        ValueError: none of them has an opinion of one of the texts.
    """
    from seqzoo.zoo import load_pretrained

    from .bag_of_bigrams import train_bag_of_bigrams

    total, counted = np.zeros(len(texts)), np.zeros(len(texts))
    for folder, weight in zip(models, weights or [1] * len(models), strict=True):
        if folder is None:
            found = train_bag_of_bigrams(*train).probability(texts)
        elif folder.suffix == ".npz":
            found = read_opinions(folder, texts)
        else:
            found = np.asarray(load_pretrained(folder).predict(texts))
        known = ~np.isnan(found)
        found = bounded(found) if odds else found
        total[known] += weight * found[known]
        counted += weight * known
    if unknown := int((counted == 0).sum()):
        raise ValueError(f"A teacher beside those is needed that judges any text. Received: {unknown:,} texts without an opinion")
    found = probability(total / counted) if odds else total / counted
    return found.astype(np.float32)


def key_of_text(text):
    """A text's number, by which its opinion is found again."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")


def read_opinions(path, texts):
    """What an .npz of `recipes.accelerator.train` has as opinions of texts, float `[len(texts)]`; NaN where it has none."""
    found = _opinions_of(path)
    return np.array([found.get(key_of_text(text), np.nan) for text in texts])


def _opinions_of(path):
    """`{key of a text: opinion}`."""
    if not path.is_file():
        raise FileNotFoundError(f"Opinions are the opinions.npz that recipes.accelerator.train writes. Received: {path}")
    with np.load(path) as file:
        if not {"unlabelled", "unlabelled.keys"} <= set(file.files):
            raise ValueError(f"Opinions lie in `unlabelled` and `unlabelled.keys` of an .npz. Received: {', '.join(file.files)}")
        return dict(zip(file["unlabelled.keys"].tolist(), file["unlabelled"].astype(float).tolist(), strict=True))
