"""Holes that files of models had elsewhere, one test for each report, its number in the name.

Each folder is what a liar could hand out: the card's hashes are right.
"""

import io
import json
import pickle
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from seqzoo.files import sha256_of
from seqzoo.zoo import ModelIntegrityError, load_pretrained
from tests import tiny


@pytest.fixture
def trap(tmp_path):
    """(a model's folder, a file that appears if code of the folder was run)."""
    return tiny.copy_to(tmp_path), tmp_path / "owned"


def replace(folder, name, data):
    card = json.loads((folder / "card.json").read_text())
    (folder / name).write_bytes(data)
    card["files"][name] = {"sha256": sha256_of(folder / name), "bytes": len(data)}
    (folder / "card.json").write_text(json.dumps(card))


def lambda_archive(owned):
    """A .keras file whose Lambda layer writes a file when it is made."""
    layer = keras.layers.Lambda(lambda x: x, output_shape=(1,))
    model = keras.Sequential([keras.Input((1,)), layer])
    path = owned.with_suffix(".keras")
    model.save(path)
    return path


def test_cve_2024_3660_no_lambda_is_loaded(trap, monkeypatch):
    """CVE-2024-3660: a Lambda layer in a model's file is code. What is no safetensors file is not even looked into."""
    folder, owned = trap
    monkeypatch.setattr(keras.layers.Lambda, "from_config", lambda *_, **__: owned.write_text("run"))
    replace(folder, "weights.safetensors", lambda_archive(owned).read_bytes())
    with pytest.raises(ModelIntegrityError, match="weights.safetensors must be a safetensors file"):
        load_pretrained(folder)
    assert not owned.exists()


def test_cve_2025_1550_a_config_names_no_function(trap):
    """CVE-2025-1550: config.json in an archive named any function and its arguments. Ours is of numbers and choices."""
    folder, owned = trap
    card = json.loads((folder / "card.json").read_text())
    call = {"module": "pathlib", "class_name": "Path.touch", "config": {"name": str(owned)}, "registered_name": None}
    for field in ("cell", "pooling", "units"):
        changed = card | {"architecture": card["architecture"] | {field: call}}
        (folder / "card.json").write_text(json.dumps(changed))
        with pytest.raises((ValueError, TypeError), match="Received: "):
            load_pretrained(folder)
    assert not owned.exists()


def test_cve_2025_9905_no_hdf5_is_opened(trap, monkeypatch):
    """CVE-2025-9905: an .h5 file ran its Lambda layers whatever safe_mode said."""
    h5py = pytest.importorskip("h5py")
    folder, owned = trap
    file = owned.with_suffix(".h5")
    with h5py.File(file, "w") as written:
        written["weights"] = np.zeros(3)
    monkeypatch.setattr(h5py, "File", lambda *_, **__: owned.write_text("opened"))
    replace(folder, "weights.safetensors", file.read_bytes())
    with pytest.raises(ModelIntegrityError, match="weights.safetensors must be a safetensors file"):
        load_pretrained(folder)
    assert not owned.exists()


class _Trap:
    def __init__(self, owned):
        self.owned = owned

    def __reduce__(self):
        return Path.touch, (self.owned,)


def test_cve_2026_1669_no_path_leads_out_of_the_folder(trap):
    """CVE-2026-1669: external links of HDF5 read files from elsewhere. A link out of the folder is refused, with hashes."""
    folder, owned = trap
    secret = owned.with_name("secret.txt")
    (folder / "vocabulary.txt").rename(secret)
    (folder / "vocabulary.txt").symlink_to(secret)
    with pytest.raises(ModelIntegrityError, match="must lie inside.*Received: 'vocabulary.txt'"):
        load_pretrained(folder)


def test_a_pickle_is_not_unpickled(trap):
    """The oldest hole of all (Python's own warning on pickle), in a plain file and inside a .npz archive."""
    folder, owned = trap
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("weights.npy", pickle.dumps(_Trap(owned)))
    for data in (pickle.dumps(_Trap(owned)), archive.getvalue()):
        replace(folder, "weights.safetensors", data)
        with pytest.raises(ModelIntegrityError, match="weights.safetensors must be a safetensors file"):
            load_pretrained(folder)
    assert not owned.exists()
    pickle.loads(pickle.dumps(_Trap(owned)))
    assert owned.exists(), "the trap works"
