"""The baseline that every recurrent text classifier stands beside: a linear model on bags of bigrams."""

import itertools
from typing import NamedTuple

import numpy as np

from seqzoo.data.tokenizer import tokenize


class Baseline(NamedTuple):
    name: str
    parameters: int
    predict: object  # list of texts -> int array of labels
    score: object  # list of texts -> log-odds of label 1, float array; of more than two classes, of each: [n, classes]

    def probability(self, texts):
        """Of label 1 for each text, float `[n]`; of more than two classes, of each against the others `[n, classes]`."""
        return 1 / (1 + np.exp(-self.score(texts)))


def train_bag_of_bigrams(texts, labels, regularization=1.0):
    """Logistic regression on presence of unigrams and bigrams, scaled by naive-Bayes log-count ratios.

    Wang & Manning 2012, "Baselines and Bigrams" (NB-SVM, with logistic loss), on the same tokens as the
    recurrent models. It knows no word order beyond two neighbours.

    Args:
        texts: list of str.
        labels: int array of the same length, from 0; more than two classes are told apart one against the others.
        regularization: scikit-learn's `C`.

    Returns:
        `Baseline(name, parameters, predict, score)`.
    """
    from sklearn.feature_extraction.text import CountVectorizer

    labels = np.asarray(labels)
    classes = int(labels.max()) + 1
    vectorizer = CountVectorizer(analyzer=_unigrams_and_bigrams, binary=True, min_df=2, dtype=np.float32)
    counts = vectorizer.fit_transform(texts)
    wanted = [1] if classes <= 2 else range(classes)
    weights, biases = zip(*[_one_against_the_others(counts, labels == label, regularization) for label in wanted], strict=True)
    weights, biases = np.stack(weights, axis=1), np.array(biases)  # [bigrams, classes]

    def score(new_texts):
        scores = vectorizer.transform(new_texts) @ weights + biases
        return scores if classes > 2 else scores[:, 0]

    def predict(new_texts):
        scores = score(new_texts)
        return (scores.argmax(axis=1) if classes > 2 else scores > 0).astype(np.int32)

    parameters = weights.size + biases.size
    return Baseline("naive-Bayes-weighted logistic regression on bag of bigrams", parameters, predict, score)


def _one_against_the_others(counts, chosen, regularization):
    """Weights and bias of the logistic regression of one class."""
    from sklearn.linear_model import LogisticRegression

    positive = 1 + np.asarray(counts[chosen].sum(axis=0)).ravel()
    negative = 1 + np.asarray(counts[~chosen].sum(axis=0)).ravel()
    ratio = np.log(positive / positive.sum()) - np.log(negative / negative.sum())
    model = LogisticRegression(C=regularization, solver="liblinear")
    model.fit(counts.multiply(ratio.astype(np.float32)).tocsr(), chosen)
    return model.coef_[0] * ratio, model.intercept_[0]


def _unigrams_and_bigrams(text):
    words = tokenize(text)
    return words + [f"{first} {second}" for first, second in itertools.pairwise(words)]
