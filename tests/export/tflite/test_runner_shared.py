"""One runner among threads, and files that change while it is made."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from seqzoo.export import TFLiteRunner
from seqzoo.export.tflite import sidecar
from seqzoo.zoo import find_model

pytest.importorskip("ai_edge_litert")
FILE = "interpreter-dynamic.tflite"
TEXTS = ["bad", "what a wonderful film", "great " * 40, "dull and long " * 90, ""]


def test_sixteen_threads_share_a_runner():
    runner = TFLiteRunner(find_model("imdb-rnn") / FILE)
    expected = [float(runner([text])[0]) for text in TEXTS]
    assert np.ptp(expected) > 0.2
    asked = list(range(len(TEXTS))) * 60
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda place: float(runner([TEXTS[place]])[0]), asked))
    assert found == [expected[place] for place in asked]


def test_the_bytes_that_were_checked_are_those_that_run(tmp_path, monkeypatch):
    """Another process may write the files anew between the check and the use: every file is read once."""
    for name in (FILE, Path(FILE).with_suffix(".json").name, "vocabulary.txt"):
        shutil.copy(find_model("imdb-rnn") / name, tmp_path / name)
    expected, real, read = TFLiteRunner(tmp_path / FILE)(TEXTS), Path.read_bytes, []

    def once(self):
        data = real(self)
        read.append(self.name)
        self.write_bytes(b"something else by now")
        return data

    monkeypatch.setattr(Path, "read_bytes", once)
    np.testing.assert_allclose(TFLiteRunner(tmp_path / FILE)(TEXTS), expected, rtol=0, atol=1e-6)
    assert sorted(read) == ["interpreter-dynamic.json", FILE, "vocabulary.txt"]
    with pytest.raises(sidecar.SidecarError):
        TFLiteRunner(tmp_path / FILE)
