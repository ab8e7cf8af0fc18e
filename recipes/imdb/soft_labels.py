"""Labels softened by a linear model that has not seen the review: what each label is worth, from the same labels alone.

A label says which of two; a bag of bigrams trained on the other reviews also says how plainly. A network that learns from
both learns what the linear model is good at (distillation, Hinton, Vinyals & Dean 2015, arXiv:1503.02531), and as no
review is judged by a model that was trained on it (cross-fitting, as in stacking, Wolpert 1992) there is no label to copy.
"""

import numpy as np

from .cross_fitting import FOLDS, fold_of


def soft_labels(texts, labels, share, seed=0):
    """Labels of which a share is a bag of bigrams' probability.

    Args:
        texts: list of str.
        labels: array of 0 and 1, of the same length.
        share: in [0, 1): how much of a label the bag of bigrams decides.
        seed: decides which reviews are judged by which of the five models.

    Returns:
        float32 of the same length: (1 - share) * label + share * probability.
    """
    return ((1 - share) * np.asarray(labels) + share * cross_fitted(texts, labels, seed)).astype(np.float32)


def cross_fitted(texts, labels, seed=0):
    """Probability of label 1 of each text, float `[n]`, by bags of bigrams trained on four fifths without it.

    Raises:
        ValueError: fewer than ten texts.
    """
    from .bag_of_bigrams import train_bag_of_bigrams

    if len(texts) < 2 * FOLDS:
        raise ValueError(f"Soft labels need at least {2 * FOLDS} texts. Received: {len(texts)}")
    texts, labels = np.asarray(texts, object), np.asarray(labels)
    fold, found = fold_of(len(texts), seed), np.zeros(len(texts))
    for number in range(FOLDS):
        aside = fold == number
        found[aside] = train_bag_of_bigrams(texts[~aside], labels[~aside]).probability(texts[aside])
    return found
