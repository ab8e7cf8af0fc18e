"""What a sidecar says is what its file was written with, field for field."""

import copy
import json
import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest

from seqzoo.export import TFLiteRunner, export_tflite
from seqzoo.export.tflite.flatbuffer import Graph
from seqzoo.export.tflite.sidecar import SidecarError, read_file, read_sidecar, write_described
from seqzoo.export.tflite.tie import digest_of, tied_to
from seqzoo.files import sha256_of
from seqzoo.tasks.stock_forecasting.heads import QuantileForecaster
from seqzoo.zoo import find_model
from tests.stock_prices import frame

FILE = "interpreter-int8.tflite"


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A forecaster's file with its sidecar, and the sidecar's fields."""
    path = tmp_path_factory.mktemp("tied") / "quantiles.tflite"
    export_tflite(QuantileForecaster({"units": 2, "calibration": [0.9, 1.1]}), path)
    return path, json.loads(path.with_suffix(".json").read_text())


def beside(folder, path, fields, layout=None):
    """A copy of the file in `folder`, with other fields in its sidecar."""
    copied = Path(shutil.copy(path, folder / path.name))
    copied.with_suffix(".json").write_text(json.dumps(fields, indent=layout), encoding="utf-8")
    return copied


def test_a_file_holds_a_hash_of_what_its_sidecar_says(exported, tmp_path):
    path, fields = exported
    assert tied_to(path.read_bytes()) == digest_of(fields) and fields["bytes"] == path.stat().st_size
    again = beside(tmp_path, path, dict(reversed(fields.items())), layout=7)  # the layout of the JSON says nothing
    renamed = again.rename(tmp_path / "other.tflite")
    again.with_suffix(".json").rename(tmp_path / "other.json")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert TFLiteRunner(renamed)(frame(300)).keys() == TFLiteRunner(path)(frame(300)).keys()


def places(fields, at=()):
    """The way to every value in parsed JSON."""
    items = fields.items() if isinstance(fields, dict) else enumerate(fields) if isinstance(fields, list) else ()
    for key, value in items:
        yield (*at, key)
        yield from places(value, (*at, key))


def changed(fields, place, value):
    """`fields` with another value at a place; without it where the value is KeyError."""
    fields = copy.deepcopy(fields)
    *outer, last = place
    holder = fields
    for key in outer:
        holder = holder[key]
    if value is KeyError:
        del holder[last]
    else:
        holder[last] = value
    return fields


def test_no_field_can_be_changed_left_out_or_of_another_type(exported, tmp_path):
    """`prices.calibration` moved a quantile from -0.025 to -0.076 without a word, and a damaged key was a KeyError."""
    path, fields = exported
    copied, tried = beside(tmp_path, path, fields), 0
    for place in places(fields):
        for value in (KeyError, None, "text", -3, [[None]]):
            wrong = changed(fields, place, value)
            if wrong == fields:
                continue
            tried += 1
            copied.with_suffix(".json").write_text(json.dumps(wrong))
            with pytest.raises(SidecarError, match="Received: "):
                read_file(copied)
    assert tried > 300
    with pytest.raises(SidecarError, match="Received: a changed sidecar"):
        TFLiteRunner(beside(tmp_path, path, changed(fields, ("prices", "calibration", 0), 2.0)))
    with pytest.raises(SidecarError, match="a changed sidecar"):
        TFLiteRunner(beside(tmp_path, path, fields | {"measured_error": 1e-9}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"batch_size": "one"}, r"Expected `int`, got `str` - at `\$.batch_size`"),
        ({"batch_size": 0}, "`int` >= 1"),
        ({"inputs": []}, "length >= 1"),
        ({"inputs": [{"name": "x"}]}, "missing required field `tensor`"),
        ({"states": ["h"]}, "states that are no inputs: h"),
        ({"form": "step"}, "form 'step' without `states`"),
        ({"quantization": "int4"}, "Invalid enum value 'int4'"),
        ({"prices": {"task": "stock-nothing"}}, "`prices` of no known task"),
        ({"prices": {"task": "stock-quantiles"}}, "`prices`: Object missing required field"),
        ({"prices": []}, "`prices` of no known task"),
        ({"format": 2}, "Invalid enum value 2"),
        ({"sha256": "0"}, "matching regex"),
        ({"scales": [{"name": "x", "tensor": 0, "dtype": "int8", "scale": 0, "zero_point": 0}]}, "> 0"),
        ({"measured_error": float("nan")}, "NaN is not JSON"),
    ],
)
def test_every_field_is_checked_by_type(exported, tmp_path, change, message):
    path, fields = exported
    with pytest.raises(SidecarError, match=f"{message}.*" if message.startswith("NaN") else f"Received: .*{message}"):
        read_sidecar(beside(tmp_path, path, fields | change))


def test_a_sidecar_must_describe_the_tensors_of_its_file(exported, tmp_path):
    """Written and tied as if it were right, which only a fault of ours could."""
    path, fields = exported
    for change in (
        {"name": "other"},
        {"dtype": "int32"},
        {"shape": [1, None, 11]},
        {"tensor": fields["inputs"][0]["tensor"] + 1},
    ):
        of = fields | {"inputs": [fields["inputs"][0] | change]}
        of = {key: value for key, value in of.items() if key not in ("sha256", "bytes")}
        write_described(tmp_path / "wrong.tflite", Graph(path.read_bytes()), of)
        with pytest.raises(SidecarError, match="inputs must be those of wrong.tflite. Received: other tensors"):
            TFLiteRunner(tmp_path / "wrong.tflite")


def test_what_is_no_file_at_all(exported, tmp_path):
    path, fields = exported
    (tmp_path / path.name).write_bytes(b"nothing")
    (tmp_path / "quantiles.json").write_text(json.dumps(fields | {"sha256": sha256_of(tmp_path / path.name)}))
    with pytest.raises(SidecarError, match="must lie beside a .tflite file. Received: no .tflite file"):
        TFLiteRunner(tmp_path / path.name)


def test_the_zoos_older_files_are_tied_by_their_card(tmp_path):
    """They hold no hash: the card has it; without a card they run with a warning."""
    folder = find_model("stock-quantiles-lstm")
    fields = json.loads((folder / FILE).with_suffix(".json").read_text())
    assert tied_to((folder / FILE).read_bytes()) is None
    for name in (FILE, "interpreter-int8.json", "card.json"):
        shutil.copy(folder / name, tmp_path / name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        expected = TFLiteRunner(tmp_path / FILE)(frame(300))["q05"]
    moved = changed(fields, ("prices", "calibration"), [3.0, 3.0])
    (tmp_path / "interpreter-int8.json").write_text(json.dumps(moved))
    with pytest.raises(SidecarError, match="the one that card.json lists.*Received: a changed sidecar"):
        TFLiteRunner(tmp_path / FILE)
    (tmp_path / "interpreter-int8.json").write_text(json.dumps(fields))
    (tmp_path / "card.json").unlink()
    with pytest.warns(UserWarning, match="Nothing shows that interpreter-int8.json is unchanged"):
        np.testing.assert_allclose(TFLiteRunner(tmp_path / FILE)(frame(300))["q05"], expected, rtol=1e-5)
