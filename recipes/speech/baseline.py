"""What a linear model makes of the same clips: each word's log-mel rows, stretched to one length, and ridge regression."""

import numpy as np

ROWS, RIDGE = 20, 300.0


def rows_of(clips, features):
    """float64 `[n, ROWS * bands + 1]`: the rows from a word's beginning to its end, stretched, their loudness taken off."""
    found = []
    for clip in clips:
        sound = np.pad(clip.samples.astype(np.float32) / 32768, (0, -len(clip.samples) % features.hop))
        rows = features(sound[None])[0]
        rows = rows[clip.first // features.hop : max(clip.first // features.hop + 2, -(-clip.last // features.hop))]
        places = np.linspace(0, len(rows) - 1, ROWS)
        stretched = np.stack([np.interp(places, np.arange(len(rows)), band) for band in rows.T], axis=1)
        found.append(np.append(stretched - stretched.mean(), 1.0))
    return np.stack(found)


def linear_accuracy(train, test, words, features):
    """The share of `test` that ridge regression to the words, fitted on `train`, names rightly.

    Args:
        train, test: lists of `Clip`. words: names. features: `recipes.speech.features.Features`.
    """
    x, y = rows_of(train, features), np.eye(len(words))[[words.index(clip.word) for clip in train]]
    weights = np.linalg.solve(x.T @ x + RIDGE * np.eye(x.shape[1]), x.T @ y)
    answers = (rows_of(test, features) @ weights).argmax(axis=1)
    return float(np.mean([words[answer] == clip.word for answer, clip in zip(answers, test, strict=True)]))
