"""The Large Movie Review Dataset of Maas et al. (2011), through tensorflow-datasets."""

import os
import sys
import threading
import urllib.request
from pathlib import Path

from seqzoo.data.places import find_data
from seqzoo.quiet import import_tensorflow

URL = "http://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"  # what tensorflow-datasets downloads
CITATION = (
    "Andrew L. Maas, Raymond E. Daly, Peter T. Pham, Dan Huang, Andrew Y. Ng, Christopher Potts: "
    "Learning Word Vectors for Sentiment Analysis. ACL 2011."
)
TERMS = "For research use; the reviews belong to their authors. See ai.stanford.edu/~amaas/data/sentiment."
EXAMPLES = {"train": 25_000, "test": 25_000, "unsupervised": 50_000}
_NAME = "imdb_reviews/plain_text"


class DataNotFoundError(FileNotFoundError):
    """There is no prepared copy of the data set, and it cannot be downloaded."""


def load(data_dir=None):
    """Returns `version, {"train": (texts, labels), "test": (texts, labels)}`: 25,000 and 25,000 reviews.

    `texts` is a list of str, `labels` int32 (1 is positive), in the order of the files. Looks for a copy
    prepared by tensorflow-datasets in `data_dir`, then in the environment's TFDS_DATA_DIR, then in
    ~/tensorflow_datasets; when there is none it downloads one into the first of these that is given.

    Raises:
        DataNotFoundError: no copy and no network (known within seconds).
        ImportError: tensorflow-datasets is not installed.
        ValueError: the copy is damaged or incomplete.
    """
    return _load(data_dir, ("train", "test"))


def load_unlabelled(data_dir=None):
    """Returns `version, texts`: the 75,000 reviews of train and unsupervised, never one of test; see `load`."""
    version, splits = _load(data_dir, ("train", "unsupervised"))
    return version, [text for texts, _ in splits.values() for text in texts]


def _load(data_dir, names):
    folders = [find_data("reviews", folder) or folder for folder in (data_dir, os.environ.get("TFDS_DATA_DIR")) if folder]
    folders = [Path(folder).expanduser() for folder in [*folders, "~/tensorflow_datasets"]]
    # The digit leaves out the "incomplete..." folders of an interrupted preparation.
    prepared = [folder for folder in folders if any((folder / _NAME).glob("[0-9]*/dataset_info.json"))]
    if not prepared:
        check_network(folders)
    tfds = _import_tfds()
    if prepared:
        return _read(tfds, prepared[0], names)
    try:
        tfds.builder(_NAME, data_dir=folders[0]).download_and_prepare()
    except Exception as error:  # whatever goes wrong in there, the choices are the same
        raise _not_found(folders, f"the download failed: {error}") from error
    return _read(tfds, folders[0], names)


def _read(tfds, folder, names):
    import tensorflow as tf

    try:
        builder = tfds.builder(_NAME, data_dir=folder)
        data = tfds.load(_NAME, data_dir=folder, split=list(names), download=False, batch_size=-1)
        data = dict(zip(names, tfds.as_numpy(data), strict=True))
    except (tf.errors.OpError, AssertionError) as error:
        raise ValueError(f"The copy of {_NAME} is damaged; delete it and prepare it anew. Received: {folder}") from error
    splits = {}
    for name, columns in data.items():
        splits[name] = [text.decode("utf-8") for text in columns["text"]], columns["label"].astype("int32")
        if len(splits[name][0]) != EXAMPLES[name]:
            raise ValueError(
                f"The {name} split of {_NAME} has {EXAMPLES[name]} reviews; delete the copy and prepare it "
                f"anew. Received: {len(splits[name][0])} reviews in {folder}"
            )
    return str(builder.version), splits


def _import_tfds():
    if "tensorflow" not in sys.modules:  # tensorflow-datasets imports it
        import_tensorflow()
    try:
        import tensorflow_datasets
    except ImportError as error:
        raise ImportError(
            f"IMDB reviews are read with tensorflow-datasets: pip install 'seqzoo[data]'. Received: {error}"
        ) from error
    return tensorflow_datasets


def check_network(folders, timeout=5.0):
    """Raises DataNotFoundError unless the server of the data set answers within `timeout` seconds."""
    outcome = [f"no answer from {URL} within {timeout:g} seconds"]

    def ask():
        try:  # urllib goes through the proxies that the environment names
            request = urllib.request.Request(URL, method="HEAD")
            with urllib.request.urlopen(request, timeout=timeout):
                outcome[0] = None
        except (OSError, ValueError) as error:
            outcome[0] = f"{URL} cannot be reached: {error}"

    # A thread, because urlopen's timeout does not cover the name lookup, which can hang for much longer.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(timeout)
    if outcome[0]:
        raise _not_found(folders, outcome[0])


def _not_found(folders, reason):
    return DataNotFoundError(
        "There is no prepared copy of the IMDB reviews, and none can be downloaded. Choose one of:\n"
        "  --data-dir DIR     DIR/imdb_reviews as tensorflow-datasets prepares it (data_dir=DIR);\n"
        "  TFDS_DATA_DIR=DIR  the same, from the environment;\n"
        "  a network          80 MB are downloaded from ai.stanford.edu, through a proxy where one is set;\n"
        '  --data sample      the small generated sample, which needs nothing (source="sample").\n'
        f"Received: {reason}; looked in {', '.join(map(str, folders))}"
    )
