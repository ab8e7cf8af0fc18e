"""What a trained model thinks of IMDB's unlabelled reviews, for a smaller one to learn (see `recipes.imdb.teachers`)."""

import io
from pathlib import Path

import numpy as np

from seqzoo.files import write_atomically

from ..imdb import teachers
from .data import Texts

FILE = "opinions.npy"  # in the run folder


def opinions_of(arguments, folder):
    """The unlabelled reviews with the probability of positive that `--teacher` gives them: `Texts`.

    They are kept in the run's folder, and in the file of `--kept-opinions` for other runs.

    Args:
        arguments: those of `recipes.opinions.train`.
        folder: `RunFolder`.

    Raises:
        ValueError: a teacher that judges no texts in two classes; kept opinions of other reviews.
    """
    texts = unlabelled(arguments.data_dir, arguments.taught)
    found = folder.array(FILE, lambda: _asked(arguments.teacher, arguments.kept_opinions, texts))
    return Texts(texts, found)


def unlabelled(data_dir, count=None):
    """IMDB's reviews without a label, none of which stands in train; the first `count` of them."""
    from seqzoo.data.reviews import load_reviews

    return teachers.unlabelled("imdb", data_dir, set(load_reviews("imdb", data_dir, 0.0).train.texts))[:count]


def _asked(teacher, kept, texts):
    if kept and Path(kept).is_file():
        found = np.load(kept, allow_pickle=False)
        if len(found) != len(texts):
            raise ValueError(f"The kept opinions must be of {len(texts):,} reviews. Received: {kept}, of {len(found):,}")
        return found
    print(f"{teacher} judges {len(texts):,} reviews ...", flush=True)
    found = teachers.mean_opinion([teachers.find_teacher(teacher)], None, texts)
    if kept:
        buffer = io.BytesIO()
        np.save(buffer, found)
        Path(kept).parent.mkdir(parents=True, exist_ok=True)
        write_atomically(kept, buffer.getvalue())
    return found
