"""A text classifier's .tflite files: what their sidecar says of texts, samples, and what the card states, measured."""

import time

import numpy as np

from seqzoo.data.tokenizer import LINE_BREAK, RULES, WORD
from seqzoo.tasks.phone import need_runtime, row_of
from seqzoo.tasks.text_phone import save_vocabulary

NEAR = 2e-4  # processors round 8-bit sums differently, which may turn a review in five thousand


def measure_file(runner, texts, labels):
    """A file's row on the card: what it is, median milliseconds from a text to its probability on one thread, and accuracy.

    Args:
        runner: `seqzoo.export.TFLiteRunner` of the file.
        texts: list of str, answered one by one.
        labels: 0/1 array of the same length.
    """
    seconds, probabilities = [], []
    for text in texts:
        start = time.perf_counter()
        probabilities.append(float(runner([text])[0]))
        seconds.append(time.perf_counter() - start)
    right = (np.asarray(probabilities) > 0.5) == (np.asarray(labels) == 1)
    return row_of(runner, seconds, accuracy=float(right.mean()), examples=len(right))


def check_phone_figures(subject, name, stated, texts, labels):
    """(True, what was measured again of the file `name`); the time is that of the machine here and is only told.

    Raises:
        ValueError: if a figure is not what the card states.
        NotMadeError: where .tflite files cannot be run.
    """
    need_runtime()
    count = stated["examples"]
    received = measure_file(subject.open_file(subject.folder / name), texts[:count], labels[:count])
    exact = received.keys() - {"milliseconds", "accuracy"}
    same = all(received[key] == stated.get(key) for key in exact)
    if not same or abs(received["accuracy"] - stated["accuracy"]) > NEAR:
        raise ValueError(f"The card states {stated} of {name}. Received: {received}")
    return True, f"accuracy {received['accuracy']:.5f}; {received['milliseconds']} ms a text on this machine"


def sample_texts(classifier, random):
    """Texts of many lengths: none, one word, unknown words, frequent words often and rare ones sometimes, as in text."""
    words = classifier.vocabulary.words[2:]
    longest = classifier.config["max_tokens"]
    texts = ["", words[0], "?", words[-1] + " unheardofword " + words[0]]
    for length in np.geomspace(2, longest + 5, 12).astype(int):
        picked = np.exp(random.uniform(0, np.log(len(words)), length)).astype(int) - 1
        texts.append(" ".join(words[i] for i in picked))
    return texts


def describe_text(classifier, max_tokens, path, folder):
    """The sidecar's account of how text becomes ids. The vocabulary is written into `folder`, to go beside `path`."""
    name, digest = save_vocabulary(classifier.vocabulary, path, folder)
    return {
        "rules": RULES,
        "word": WORD,
        "line_break": LINE_BREAK,
        "padding": 0,
        "unknown": 1,
        "max_tokens": max_tokens,
        "keep": "the last max_tokens words",
        "pad": "on the right",
        "vocabulary_size": len(classifier.vocabulary),
        "vocabulary": name,
        "vocabulary_sha256": digest,
    }
