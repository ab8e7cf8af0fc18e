"""Every pretrained model under other releases of Keras, and in files that no release can run code from.

SEQZOO_KERAS_PATHS names folders, separated as in PATH, each made by `pip install --no-deps --target FOLDER keras==X`;
`make test` makes them for the oldest release that setup.cfg allows and for the newest there is.
"""

import configparser
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import keras
import pytest

from seqzoo.zoo import find_model, list_pretrained

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [Path(name) for name in os.environ.get("SEQZOO_KERAS_PATHS", "").split(os.pathsep) if name]
ASK = """
import json, sys
sys.path.insert(0, sys.argv[1])
from seqzoo.quiet import import_tensorflow
import_tensorflow()
import keras
from seqzoo.zoo import check_golden, list_pretrained, load_pretrained
differences = {name: check_golden(load_pretrained(name)) for name in list_pretrained()}
print(json.dumps({"version": keras.__version__, "file": keras.__file__, "differences": differences}))
"""


def release(folder):
    (info,) = folder.glob("keras-*.dist-info")
    return info.name.removeprefix("keras-").removesuffix(".dist-info")


@pytest.fixture(scope="module", params=FOLDERS or [None], ids=lambda folder: folder.name if folder else "none")
def answers(request):
    if request.param is None:
        pytest.skip("SEQZOO_KERAS_PATHS names no folder with another Keras")
    if release(request.param) == keras.__version__:
        pytest.skip(f"test_pretrained.py asks every model under Keras {keras.__version__}")
    command = [sys.executable, "-c", ASK, str(request.param.resolve())]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return request.param, json.loads(done.stdout)


def test_every_model_answers_as_it_did(answers):
    folder, found = answers
    assert Path(found["file"]).is_relative_to(folder.resolve()), "that Keras was imported and no other"
    assert sorted(found["differences"]) == list_pretrained()


@pytest.mark.skipif(not FOLDERS, reason="SEQZOO_KERAS_PATHS names no folder with another Keras")
def test_the_oldest_of_them_is_the_floor():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    floor = re.search(r"^keras>=([\d.]+),<[\d.]+$", setup["options"]["install_requires"], re.M).group(1)
    versions = [tuple(map(int, release(folder).split(".")[:3])) for folder in FOLDERS]
    assert min(versions) == (*map(int, floor.split(".")), 0, 0)[:3]


@pytest.mark.parametrize("name", list_pretrained())
def test_a_folder_holds_tensors_and_text_alone(name):
    folder = find_model(name)
    files = [path for path in folder.rglob("*") if path.is_file() and "saved_model" not in path.relative_to(folder).parts]
    assert {path.suffix for path in files} <= {".json", ".txt", ".md", ".safetensors", ".tflite"}
    for path in files:
        data = path.read_bytes()
        if path.suffix == ".tflite":
            assert data[4:8] == b"TFL3"
        elif path.suffix == ".safetensors":  # the length of a JSON header, the header, numbers
            assert isinstance(json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")]), dict)
        else:
            data.decode("utf-8")
            assert path.suffix != ".json" or json.loads(data) is not None
    saved = {path.suffix for path in (folder / "saved_model").rglob("*") if path.is_file()}
    assert saved <= {".pb", ".index", ".data-00000-of-00001"}  # for TensorFlow; load_pretrained never reads it
