import contextlib
import os
import signal
from pathlib import Path

import pytest

# Before anything imports TensorFlow: its start-up messages would drown the test report.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

# A shell that starts the tests with `&` lets them and their children ignore Ctrl-C, which several tests press.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    with contextlib.suppress(ValueError):  # only the main thread may say so
        signal.signal(signal.SIGINT, signal.default_int_handler)

_ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def imdb_data_dir():
    """The folder where tensorflow-datasets prepared imdb_reviews. Skips without one, never downloads."""
    named = [os.environ.get("SEQZOO_DATA_DIR"), os.environ.get("TFDS_DATA_DIR")]
    for folder in [Path(name) for name in named if name] + [_ROOT.parent / "shared" / "data" / "tfds"]:
        if any(folder.glob("imdb_reviews/plain_text/*/dataset_info.json")):
            return str(folder)
    pytest.skip("needs a prepared copy of imdb_reviews: set TFDS_DATA_DIR")
