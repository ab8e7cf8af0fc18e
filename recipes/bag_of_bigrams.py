"""The baseline that every recurrent text classifier stands beside: a linear model on bags of bigrams."""

from typing import NamedTuple

import numpy as np

from seqzoo.data.tokenizer import tokenize


class Baseline(NamedTuple):
    name: str
    parameters: int
    predict: object  # list of texts -> 0/1 int array
    score: object  # list of texts -> log-odds of positive, float array


def train_bag_of_bigrams(texts, labels, regularization=1.0):
    """Logistic regression on presence of unigrams and bigrams, scaled by naive-Bayes log-count ratios.

    Wang & Manning 2012, "Baselines and Bigrams" (NB-SVM, with logistic loss), on the same tokens as the
    recurrent models. It knows no word order beyond two neighbours.

    Args:
        texts: list of str.
        labels: 0/1 array of the same length.
        regularization: scikit-learn's `C`.

    Returns:
        `Baseline(name, parameters, predict, score)`.
    """
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    labels = np.asarray(labels)
    vectorizer = CountVectorizer(analyzer=_unigrams_and_bigrams, binary=True, min_df=2, dtype=np.float32)
    counts = vectorizer.fit_transform(texts)
    positive = 1 + np.asarray(counts[labels == 1].sum(axis=0)).ravel()
    negative = 1 + np.asarray(counts[labels == 0].sum(axis=0)).ravel()
    ratio = np.log(positive / positive.sum()) - np.log(negative / negative.sum())
    model = LogisticRegression(C=regularization, solver="liblinear")
    model.fit(counts.multiply(ratio.astype(np.float32)).tocsr(), labels)
    weights = model.coef_[0] * ratio

    def score(new_texts):
        return vectorizer.transform(new_texts) @ weights + model.intercept_[0]

    def predict(new_texts):
        return (score(new_texts) > 0).astype(np.int32)

    return Baseline("naive-Bayes-weighted logistic regression on bag of bigrams", weights.size + 1, predict, score)


def _unigrams_and_bigrams(text):
    words = tokenize(text)
    return words + [f"{first} {second}" for first, second in zip(words, words[1:])]
