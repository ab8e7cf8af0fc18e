"""From a raw converted file to one that is patched, quantized, described and checked: `python -m ... FOLDER`.

Runs in a process of its own, without TensorFlow: what a faulty file does to the interpreter ends this
process and not the user's, and the check is made by what a phone has.
"""

import json
import sys
from pathlib import Path

import numpy as np

from seqzoo.data.vocabulary import Vocabulary
from seqzoo.export.tflite import int8, patches, weights
from seqzoo.export.tflite.feeds import feeds_of
from seqzoo.export.tflite.flatbuffer import Graph
from seqzoo.export.tflite.runner import TFLiteRunner
from seqzoo.export.tflite.sidecar import write_sidecar
from seqzoo.export.tflite.targets import TOLERANCES, ExportError, check_operators


def build(folder):
    """Make `job["file"]` and its sidecar in a folder that holds job.json, raw.tflite and samples.npz.

    Raises:
        ExportError: if the file is not right; then it is not described as if it were.
    """
    folder = Path(folder)
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    graph = Graph((folder / "raw.tflite").read_bytes())
    sidecar = job["sidecar"] | describe_signature(graph, job)
    inputs, expected = read_samples(folder, job)
    patches.fuse(graph)
    if job["sidecar"]["quantization"] == "float16":
        weights.halve_weights(graph)
    elif job["sidecar"]["quantization"] == "dynamic":
        weights.quantize_weights(graph)
    elif job["sidecar"]["quantization"] == "int8":
        int8.quantize(graph, _tensor_feeds(folder, sidecar, inputs))
    clear = patches.pack_states if sidecar["target"] == "micro" else patches.make_stateless
    clear(graph)
    graph.drop_unused()
    counts = graph.count_operators()
    check_operators(sidecar["target"], counts)
    fused = counts[patches.LSTM] + counts[patches.RNN]
    if fused != (job["fused"] or fused) or (sidecar["form"] == "fused" and counts["WHILE"]):
        raise ExportError(
            f"The file must have {job['fused']} fused operators and no loop. Received: {dict(counts)}"
        )
    for key in ("inputs", "outputs"):  # the converter orders them as it likes
        setattr(graph.graph, key, np.asarray([spec["tensor"] for spec in sidecar[key]], np.int32))
    path = folder / job["file"]
    path.write_bytes(graph.to_bytes())
    sidecar["operators"] = dict(sorted(counts.items()))
    write_sidecar(path, sidecar)
    error = check(path, inputs, expected)
    write_sidecar(path, sidecar | {"measured_error": error, "tolerance": TOLERANCES[sidecar["quantization"]]})


def check(path, inputs, expected):
    """Run a file on samples, in one order and then in the other without a pause, against the Keras model's
    answers.

    Returns:
        The greatest difference, as a share of the greatest answer (at least 1).

    Raises:
        ExportError: if the difference is above the tolerance, or an answer depends on the calls before it.
    """
    runner = TFLiteRunner(path)
    first = [_answer(runner, sample) for sample in inputs]
    again = [_answer(runner, sample) for sample in reversed(inputs)][::-1]
    if any(not np.array_equal(a[name], b[name], equal_nan=True) for a, b in zip(first, again) for name in a):
        raise ExportError(
            "Every call must start afresh. Received: an answer that depends on the call before it"
        )
    differences = [_difference(answer[name], of[name]) for answer, of in zip(first, expected) for name in of]
    error, tolerance = float(np.max(differences)), TOLERANCES[runner.sidecar["quantization"]]
    if not error <= tolerance:  # so written that NaN fails too
        raise ExportError(
            f"The file must answer as the model within {tolerance:g} of the greatest output, for "
            "quantization "
            f"{runner.sidecar['quantization']!r}. Received: a difference of {error:.2g}"
        )
    return error


def _answer(runner, sample):
    if runner.sidecar["form"] == "step":
        return _answer_in_steps(runner, sample)
    result = runner([sample] if isinstance(sample, str) else sample)
    return result if isinstance(result, dict) else {runner.sidecar["outputs"][0]["name"]: result}


def _answer_in_steps(runner, sample):
    (sequences,) = sample.values()  # [1, time, features]
    states = runner.start()
    for step in np.moveaxis(sequences, 1, 0):
        step = np.repeat(step, runner.sidecar["batch_size"], axis=0)
        result, states = runner.step(step, states)
    name = next(spec["name"] for spec in runner.sidecar["outputs"] if not spec["name"].startswith("next_"))
    return {name: result[:1]}


def _difference(received, expected):
    if received.shape != expected.shape:
        raise ExportError(
            f"The file must answer with shape {expected.shape}. Received: shape {received.shape}"
        )
    if not np.isfinite(received).all():
        return float("nan")
    return (
        float(np.abs(received - expected).max() / max(1.0, np.abs(expected).max())) if expected.size else 0.0
    )


def describe_signature(graph, job):
    """The sidecar's `inputs` and `outputs`: name, dtype, shape (null is time), tensor. Signatures
    are float or whole numbers in every file: 8-bit ones take and give float, so nobody applies a scale.
    """
    signature = graph.model.signatureDefs[0]
    described = {}
    for key, entries in (("inputs", signature.inputs), ("outputs", signature.outputs)):
        places = {entry.name.decode(): int(entry.tensorIndex) for entry in entries}
        described[key] = [_describe(graph, name, places[name]) for name in job[key]]
    return described


def _describe(graph, name, index):
    tensor = graph.tensor(index)
    shape = (
        tensor.shape
        if tensor.shapeSignature is None or not len(tensor.shapeSignature)
        else tensor.shapeSignature
    )
    return {
        "name": name,
        "tensor": index,
        "dtype": graph.dtype(index),
        "shape": [None if size < 0 else int(size) for size in shape],
    }


def read_samples(folder, job):
    """(inputs, expected outputs): lists of texts or dicts of arrays, and of dicts of arrays."""
    with np.load(folder / "samples.npz", allow_pickle=False) as arrays:
        arrays = dict(arrays)
    expected = [
        {name: arrays[f"{row}/out/{name}"] for name in job["answers"]} for row in range(job["samples"])
    ]
    if job["texts"] is not None:
        return job["texts"], expected
    names = [name for name in job["inputs"] if f"0/in/{name}" in arrays]  # not the states
    return [{name: arrays[f"{row}/in/{name}"] for name in names} for row in range(job["samples"])], expected


def _tensor_feeds(folder, sidecar, inputs):
    vocabulary = Vocabulary.load(folder / sidecar["text"]["vocabulary"]) if "text" in sidecar else None
    places = {spec["name"]: spec["tensor"] for spec in sidecar["inputs"]}
    return [
        {places[name]: value for name, value in feed.items()}
        for sample in inputs
        for feed, _ in feeds_of(sidecar, [sample] if isinstance(sample, str) else sample, vocabulary)
    ]


if __name__ == "__main__":
    try:
        build(sys.argv[1])
    except (ExportError, ImportError) as error:  # all else is a fault of ours and keeps its traceback
        (Path(sys.argv[1]) / "error.txt").write_text(str(error), encoding="utf-8")
        sys.exit(1)
