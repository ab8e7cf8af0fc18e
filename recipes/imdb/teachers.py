"""What trained models make of reviews without labels, for a student that learns their mean opinion.

Distillation (Hinton, Vinyals & Dean 2015, arXiv:1503.02531) on reviews that nobody has labelled: different models err on
different reviews, so that their mean is better than any of them, and one model can learn it.
"""

from pathlib import Path

import numpy as np

from .arguments import weights_of

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
    weights = weights_of(arguments.teachers, arguments.teacher_weights)
    return texts, folder.array("opinions.npy", lambda: mean_opinion(models, reviews.train, texts, weights))


def unlabelled(data, data_dir, known):
    """The texts of the reviews without a label, those left out that are among the known ones."""
    from seqzoo.data.reviews import load_unlabelled

    return [text for text in load_unlabelled(data, data_dir, 0.0).train if text not in known]


def find_teacher(name):
    """The model folder of a teacher, given by its run folder, its model folder or its name in the zoo."""
    from seqzoo.zoo import find_model, read_card

    from .encoders import pretrained_of

    path = Path(name) / "model"
    found = path if path.is_dir() else find_model(name)
    card = read_card(found)
    if card["task"] != "text-classification" or len(card["architecture"].get("classes", "..")) != 2:
        fit = ", ".join([BAG, *pretrained_of("text-classification")])
        raise ValueError(
            f"A teacher judges texts in two classes: {fit}, or the folder of a run or model that does. Received: {name}"
        )
    return found


def mean_opinion(models, train, texts, weights=None):
    """Mean probability of label 1, float32 `[len(texts)]`, of model folders and of the bag of bigrams (None), each counting by
    its weight, a number above 0, or alike."""
    from seqzoo.zoo import load_pretrained

    from .bag_of_bigrams import train_bag_of_bigrams

    total, weights = np.zeros(len(texts)), weights or [1] * len(models)
    for folder, weight in zip(models, weights, strict=True):
        if folder is None:
            total += weight * train_bag_of_bigrams(*train).probability(texts)
        else:
            total += weight * np.asarray(load_pretrained(folder).predict(texts))
    return (total / sum(weights)).astype(np.float32)
