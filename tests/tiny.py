"""A small text classifier with decided answers, and its saved folder: a model without training."""

import atexit
import copy
import functools
import shutil
import tempfile
from pathlib import Path
from unittest import mock

import numpy as np

TEXTS = [
    "The movie started off great with an engaging plot... but by the end, it became boring and predictable",
    "what a wonderful film, it isn't boring at all!",
    "Dull. DULL! <br /><br />And the acting was bad",
    "great",
]
HOSTILE = [
    "",
    "   \n\t ",
    "word " * 3000,
    "\U0001f600\U0001f3ac great \U0001f600",
    "na\u00efve caf\u00e9 GREAT \u00c9",
    "<br/>great<BR />bad",
    "a\0b great \0",
    "\u0645\u0645\u062a\u0627\u0632 great \u05de\u05e6\u05d5\u05d9\u05df",
    "\u201cgreat\u201d isn\u2019t `bad`",
    "lone \ud800 surrogates \udfff great",
    "!?!?...great",
]
CARD = {
    "name": "tiny",
    "summary": "A small model for tests.",
    "metrics": {"test": {"accuracy": 0.75, "loss": 0.51, "examples": 4}, "seeds": {"0": 0.75, "1": 0.5}},
    "baselines": [{"name": "bag | of words", "accuracy": 0.5, "parameters": 12, "split": "test"}],
    "search": [{"learning_rate": 0.1, "validation_accuracy": 0.5}, {"learning_rate": 0.2, "clip": 1.0}],
    "seed": 0,
    "data": {
        "name": "tiny-reviews",
        "version": "1",
        "rule": "All of it is the test split.",
        "splits": {"test": {"examples": 4, "fingerprint": "f" * 64}},
        "citation": "The authors of this test.",
        "terms": "None.",
    },
    "command": "python -m tests.tiny",
    "limits": ["Knows a dozen words."],
}


def card(**changes):
    return copy.deepcopy(CARD) | changes


def model(seed=0, pairs=(), **config):
    """A `TextClassifier` whose weights are random and big enough to give answers from near 0 to near 1.

    With `pairs` (str, two words each) it knows these.
    """
    from seqzoo.data.vocabulary import Vocabulary
    from seqzoo.tasks.text_classification.model import TextClassifier

    vocabulary = Vocabulary.build(TEXTS, 30)
    if pairs:
        vocabulary = Vocabulary(vocabulary.words, sorted(vocabulary.encode(pair).tolist() for pair in pairs))
        config = {"bigrams": len(pairs), "bigram_size": 2} | config
    sizes = {"vocabulary_size": len(vocabulary), "max_tokens": 12, "embedding_size": 4, "units": 3}
    classifier = TextClassifier(sizes | config, vocabulary)
    random = np.random.default_rng(seed)
    classifier.load_tensors(
        {name: random.normal(0, 1, tensor.shape).astype(np.float32) for name, tensor in classifier.tensors().items()}
    )
    return classifier


@functools.cache
def shared_folder() -> Path:
    """A folder of models with one, `tiny`, saved once per test process. Never change it; see `copy_to`."""
    from seqzoo.zoo import save_folder

    parent = Path(tempfile.mkdtemp(prefix="seqzoo-tiny-"))
    atexit.register(shutil.rmtree, parent, ignore_errors=True)
    # The first test to ask may have changed the sources, and the README says whether its data are one of them.
    with mock.patch("seqzoo.data.places.SOURCES", ("imdb", "sample")):
        save_folder(model(), parent / "tiny", card(), TEXTS + HOSTILE)
    return parent


def copy_to(parent) -> Path:
    return Path(shutil.copytree(shared_folder() / "tiny", Path(parent) / "tiny"))
