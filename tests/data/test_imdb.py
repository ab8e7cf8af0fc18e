import http.server
import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from seqzoo.data import DataNotFoundError, imdb, load_reviews

REVIEWS = {"text": ["Caf\u00e9 good", "bad<br />film", "good"], "label": [1, 0, 1]}


@pytest.fixture(autouse=True)
def nothing_to_find(tmp_path, monkeypatch):
    """No copy in the places that are looked at, and no way to the network but a refusing proxy."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("TFDS_DATA_DIR", "no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    urllib.request.install_opener(None)  # it remembers the proxies of the first call


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A copy of three reviews a split, written by tensorflow-datasets itself."""
    import tensorflow as tf

    tfds = pytest.importorskip("tensorflow_datasets")
    folder = tmp_path_factory.mktemp("prepared")
    rows = tf.data.Dataset.from_tensor_slices(REVIEWS)
    tfds.dataset_builders.store_as_tfds_dataset(
        name="imdb_reviews",
        config="plain_text",
        version="1.0.0",
        features=tfds.features.FeaturesDict(
            {"text": tfds.features.Text(), "label": tfds.features.ClassLabel(names=["neg", "pos"])}
        ),
        split_datasets={"train": rows.take(3), "test": rows.take(2)},
        data_dir=folder,
        disable_shuffling=True,
    )
    return folder


@pytest.fixture
def three_are_enough(monkeypatch):
    monkeypatch.setattr(imdb, "EXAMPLES", {"train": 3, "test": 2})


def assert_choices(error, *details):
    message = str(error.value)
    for part in ("--data-dir", "TFDS_DATA_DIR", "network", "--data sample", "Received: ", *details):
        assert part in message


def test_without_copy_and_network_the_error_comes_at_once_and_names_the_choices(tmp_path):
    start = time.monotonic()
    with pytest.raises(DataNotFoundError) as error:
        load_reviews("imdb", data_dir=tmp_path / "empty")
    assert time.monotonic() - start < 5
    assert isinstance(error.value, FileNotFoundError)
    assert_choices(error, str(tmp_path / "empty"), str(tmp_path / "home" / "tensorflow_datasets"))


def test_a_network_that_never_answers_is_given_up(monkeypatch):
    release = threading.Event()

    def hang(*_, **__):
        release.wait(30)
        raise TimeoutError

    monkeypatch.setattr(urllib.request, "urlopen", hang)
    start = time.monotonic()
    with pytest.raises(DataNotFoundError) as error:
        imdb.check_network([Path("somewhere")], timeout=0.2)
    release.set()
    assert time.monotonic() - start < 2
    assert_choices(error, "no answer", "somewhere")


def test_the_network_is_asked_through_the_proxy(monkeypatch):
    asked = []

    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self):
            asked.append(self.path)
            self.send_response(200 if len(asked) == 1 else 403)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.server_port}")
        urllib.request.install_opener(None)
        imdb.check_network([])
        with pytest.raises(DataNotFoundError, match="403"):  # a proxy that lets nobody through is no network
            imdb.check_network([])
        server.shutdown()
    assert asked == [imdb.URL] * 2


def test_a_prepared_copy_is_read_in_order(prepared, three_are_enough):
    version, splits = imdb.load(prepared)
    assert version == "1.0.0"
    assert splits["train"][0] == REVIEWS["text"]
    assert splits["train"][1].dtype == np.int32
    assert splits["train"][1].tolist() == REVIEWS["label"]
    assert splits["test"][0] == REVIEWS["text"][:2]
    reviews = load_reviews("imdb", data_dir=str(prepared), validation=0)
    assert (reviews.name, reviews.version, reviews.train.texts) == ("imdb", "1.0.0", REVIEWS["text"])
    assert "Maas" in reviews.citation


def test_where_a_copy_is_looked_for(prepared, three_are_enough, tmp_path, monkeypatch):
    home, named = tmp_path / "home" / "tensorflow_datasets", tmp_path / "named"
    shutil.copytree(prepared, home)
    assert imdb.load()[0] == "1.0.0"  # the default folder
    assert imdb.load(tmp_path / "empty")[0] == "1.0.0"
    shutil.copytree(prepared, named)
    truncate(home, "train")  # so that reading from there is seen
    monkeypatch.setenv("TFDS_DATA_DIR", str(named))
    assert imdb.load()[0] == "1.0.0"
    truncate(named, "train")
    assert imdb.load(prepared)[0] == "1.0.0"  # data_dir comes first
    with pytest.raises(ValueError, match=f"damaged.*Received: {named}"):
        imdb.load()


def truncate(folder, split):
    [file] = folder.glob(f"imdb_reviews/plain_text/1.0.0/*-{split}.tfrecord*")
    os.truncate(file, file.stat().st_size - 5)


def test_the_folder_above_does_too(prepared, three_are_enough, tmp_path):
    """As `seqzoo verify --data-dir` takes it: beside the stock series."""
    (tmp_path / "tfds").symlink_to(prepared)
    version, splits = imdb.load(tmp_path)
    assert (version, splits["train"][0]) == (imdb.load(prepared)[0], imdb.load(prepared)[1]["train"][0])


def test_a_damaged_copy_is_named(prepared, three_are_enough, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(prepared, copy)
    truncate(copy, "test")
    with pytest.raises(ValueError, match=f"damaged; delete it and prepare it anew. Received: {copy}"):
        imdb.load(copy)
    next(copy.glob("imdb_reviews/plain_text/1.0.0/*-test.tfrecord*")).unlink()
    with pytest.raises(ValueError, match=f"damaged; delete it and prepare it anew. Received: {copy}"):
        imdb.load(copy)


def test_a_copy_of_another_size_is_refused(prepared):
    with pytest.raises(ValueError, match="has 25000 reviews.*Received: 3 reviews in "):
        imdb.load(prepared)


def test_an_interrupted_preparation_is_no_copy(prepared, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(prepared, copy)
    (copy / "imdb_reviews/plain_text/1.0.0").rename(copy / "imdb_reviews/plain_text/incomplete.ABC_1.0.0")
    with pytest.raises(DataNotFoundError):
        imdb.load(copy)


def test_a_failing_download_names_the_choices(tmp_path, monkeypatch):
    tfds = pytest.importorskip("tensorflow_datasets")
    monkeypatch.setattr(imdb, "check_network", lambda folders: None)

    def fail(*_, **__):
        raise ConnectionError("the line went dead")

    monkeypatch.setattr(tfds, "builder", fail)
    with pytest.raises(DataNotFoundError) as error:
        imdb.load(tmp_path / "empty")
    assert_choices(error, "the line went dead")


def test_without_tensorflow_datasets_the_extra_is_named(prepared, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    with pytest.raises(ImportError, match=r"pip install 'seqzoo\[data\]'\. Received: "):
        imdb.load(prepared)


def test_a_prepared_copy_is_read_without_chatter(prepared):
    code = "from seqzoo.data import imdb; imdb.EXAMPLES = {'train': 3, 'test': 2}; imdb.load(sys.argv[1])"
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    run = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}", str(prepared)],
        capture_output=True,
        text=True,
        env={**environment, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_the_real_reviews(imdb_data_dir):
    reviews = load_reviews("imdb", data_dir=imdb_data_dir, validation=0.1)
    assert [len(split.texts) for split in (reviews.train, reviews.validation, reviews.test)] == [
        22567,
        2433,
        25000,
    ]
    assert reviews.test.labels.sum() == 12_500
    assert reviews.train.labels.sum() + reviews.validation.labels.sum() == 12_500
    assert reviews.fingerprint() == {
        "train": "40568efb35717efe7433240d2b6e116a4ba2c8fc5b534264318a262279c5f928",
        "validation": "2262be6c763946834bac6dd0e5f8383b91b83e198a5e9c4c7d2924d625e8bd4e",
        "test": "d629e217bfdfdfc49e4985bbc017b0d87b384aabe6d478912c130b17621b6346",
    }
