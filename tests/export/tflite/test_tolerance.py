"""How far a file may be from its model, and the caller's own figure for both."""

import json
import warnings

import keras
import numpy as np
import pytest

from seqzoo import cli
from seqzoo.export import ExportError, TFLiteRunner, export_tflite
from seqzoo.export.tflite.holdout import hold_out
from seqzoo.export.tflite.sidecar import read_sidecar
from tests import tiny
from tests.export.tflite.networks import typical_texts

layers = keras.layers


def normal(*shape, seed=5):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


@pytest.fixture(scope="module")
def far():
    """A network with weights so large that 8 bits of them are too far from it."""
    network = keras.Sequential([keras.Input((6, 8), name="x"), layers.LSTM(24), layers.Dense(3, name="answer")])
    network.set_weights([3 * normal(*w.shape, seed=place) / 2 for place, w in enumerate(network.get_weights())])
    return network


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tolerance")


def test_weights_three_times_as_large_give_a_file_and_a_warning(far, folder):
    """There was no file, and no way to accept one."""
    samples = list(normal(60, 6, 8))
    with pytest.warns(UserWarning, match="within 0.05 .*'int8'; quantization='float16' differs by .* bytes, not .*was written"):
        path = export_tflite(far, folder / "far.tflite", quantization="int8", calibration=samples)
    sidecar = read_sidecar(path)
    assert 0.05 == sidecar["tolerance"] < sidecar["measured_error"] < 1
    fresh = np.stack([samples[place] for place in hold_out(samples)])
    expected = far.predict(fresh, verbose=0)
    share = np.abs(TFLiteRunner(path)(fresh) - expected).max(axis=1) / np.maximum(1, np.abs(expected).max(axis=1))
    assert share.max() == pytest.approx(sidecar["measured_error"], rel=1e-3)


def test_a_tolerance_of_ones_own_is_kept(far, folder):
    options = {"quantization": "int8", "calibration": list(normal(60, 6, 8))}
    with pytest.raises(ExportError, match="within 0.06 .*'float16' differs by .*Received: a difference of 0"):
        export_tflite(far, folder / "none.tflite", tolerance=0.06, **options)
    assert not (folder / "none.tflite").exists()


def test_float_files_stay_strict(far, folder):
    with pytest.raises(ExportError, match="within 1e-09 .*Received: a difference of"):
        export_tflite(far, folder / "none.tflite", tolerance=1e-9)
    for wrong in (0, -1, float("nan"), float("inf"), "0.1", True):
        with pytest.raises(ValueError, match="`tolerance` must be a number above 0.*Received: "):
            export_tflite(far, folder / "none.tflite", tolerance=wrong)
    assert not (folder / "none.tflite").exists()


def accuracy(targets, answers):
    return (np.argmax(answers, axis=-1) == targets).mean()


def test_ones_own_metric_for_the_file_beside_the_model(far, folder):
    inputs = normal(40, 6, 8, seed=8)
    targets = far.predict(inputs, verbose=0).argmax(axis=-1)
    targets[:10] = (targets[:10] + 1) % 3
    path = export_tflite(far, folder / "metric.tflite", metric=accuracy, data=(inputs, targets))
    assert read_sidecar(path)["metric"] == {"name": "accuracy", "file": 0.75, "model": 0.75, "examples": 40}
    kept = keras.metrics.SparseCategoricalAccuracy(name="of_keras")
    with warnings.catch_warnings():  # what is within a tolerance of one's own is no cause for one
        warnings.simplefilter("error", UserWarning)
        path = export_tflite(far, path, quantization="dynamic", tolerance=1, metric=kept, data=(inputs, targets), overwrite=True)
    assert read_sidecar(path)["tolerance"] == 1
    found = read_sidecar(path)["metric"]
    assert (found["name"], found["model"]) == ("of_keras", 0.75)
    assert found["file"] == pytest.approx(accuracy(targets, TFLiteRunner(path)(inputs)))
    data, wrong = (inputs, targets), folder / "wrong.tflite"
    for options, error, message in (
        ({"metric": accuracy}, ValueError, "go together. Received: only `metric`"),
        ({"data": data}, ValueError, "go together. Received: only `data`"),
        ({"metric": "accuracy", "data": data}, TypeError, "function of .targets, answers.. Received: str"),
        ({"metric": accuracy, "data": inputs}, TypeError, "must be .inputs, targets.. Received: ndarray"),
        ({"metric": accuracy, "data": (inputs[:0], targets[:0])}, ValueError, "at least one example"),
        ({"metric": lambda *_: np.nan, "data": data}, ValueError, "must give finite numbers. Received: "),
    ):
        with pytest.raises(error, match=message):
            export_tflite(far, wrong, **options)
    assert not wrong.exists() and not [found for found in folder.iterdir() if found.name.endswith(".partial")]


def test_a_metric_of_a_stream_and_of_several_outputs(folder):
    ticks = keras.Input((None, 2), name="ticks")
    x = layers.SimpleRNN(3, return_sequences=True)(ticks)
    inputs = normal(4, 5, 2)

    def mean_absolute(targets, answers):
        return np.abs(targets - answers)

    network = keras.Model(ticks, layers.Dense(1)(x))
    targets = network.predict(inputs, verbose=0) + 0.5
    path = export_tflite(network, folder / "stream.tflite", "stream", metric=mean_absolute, data=(inputs, targets))
    assert read_sidecar(path)["metric"]["file"] == pytest.approx(0.5, abs=1e-4)
    several = keras.Model(ticks, [layers.Dense(1)(x), layers.Dense(2)(x)])

    def of_both(targets, answers):
        return sum(np.abs(part - of).mean() for part, of in zip(targets, answers, strict=True))

    targets = [of + 0.25 for of in several.predict(inputs, verbose=0)]
    path = export_tflite(several, folder / "two.tflite", metric=of_both, data=(inputs, targets))
    assert read_sidecar(path)["metric"]["file"] == pytest.approx(0.5, abs=1e-4)


def test_the_command_takes_a_tolerance_and_a_metric(tmp_path, capsys):
    (tmp_path / "texts").write_text("\n".join(typical_texts()), encoding="utf-8")
    rows = "\n".join(f'"{text}",{place % 2}' for place, text in enumerate(tiny.TEXTS))
    (tmp_path / "rated.csv").write_text(f"text,label\n{rows}\n", encoding="utf-8")
    command = ["export", str(tiny.shared_folder() / "tiny"), "--format", "tflite", "--output", str(tmp_path / "tiny.tflite")]
    data = ["--metric", "mean_absolute_error", "--data", str(tmp_path / "rated.csv")]
    assert cli.main([*command, *data, "--tolerance", "1e-4"]) == 0
    said = capsys.readouterr().out
    labels = np.arange(len(tiny.TEXTS)) % 2
    expected = np.abs(labels - tiny.model().predict(tiny.TEXTS)).mean()
    assert f"mean_absolute_error on 4 examples: {expected:.5g}, of the model {expected:.5g}" in said
    assert json.loads((tmp_path / "tiny.json").read_text())["tolerance"] == 1e-4
    np.savez(tmp_path / "empty.npz", inputs=np.zeros(3))
    for wrong, message in (
        (["--metric", "nothing"], "`--metric` must be module:function"),
        (["--metric", "os.path:nothing"], "`--metric` must be module:function"),
        (["--metric", "os.path:join"], "go together"),
        (["--data", str(tmp_path / "texts")], "a CSV file with the columns text and label. Received: "),
        (["--data", str(tmp_path / "empty.npz")], "must hold `inputs` and `targets`. Received: inputs"),
        (["--tolerance", "0"], "`tolerance` must be a number above 0"),
    ):
        assert cli.main([*command, "--overwrite", *wrong]) == 2
        assert message in capsys.readouterr().err
