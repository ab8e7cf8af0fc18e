"""From a raw converted file to one that is patched, quantized, described and checked: `python -m ... FOLDER`.

Runs in a process of its own, without TensorFlow: what a faulty file does to the interpreter ends this
process and not the user's, and the check is made by what a phone has.
"""

import json
import sys
from pathlib import Path

import numpy as np

from seqzoo.export.tflite import int8, patches, weights
from seqzoo.export.tflite.checks import first_states, measure, steps_of, too_far
from seqzoo.export.tflite.flatbuffer import Graph
from seqzoo.export.tflite.metadata import LABELS, NAME, check_label_count, model_metadata
from seqzoo.export.tflite.runner import TFLiteRunner
from seqzoo.export.tflite.sidecar import add_fields, write_described
from seqzoo.export.tflite.signature import describe_scales, describe_signature, name_signature
from seqzoo.export.tflite.targets import STRICT, TARGETS, TOLERANCES, ExportError, check_known, check_operators, check_types
from seqzoo.tasks import task_of_sidecar

QUANTIZATIONS = ("int8", "dynamic", "float16", None)  # from the smallest file to the nearest


def build(folder):
    """Make `job["file"]` and its sidecar in a folder that holds job.json, raw.tflite and samples.npz.

    A file that is further from the model than is usual for 8 bits is made with a warning, in warning.txt, unless the job
    has a tolerance of its own.

    Raises:
        ExportError: if the file is not right; then it is not described as if it were.
    """
    folder = Path(folder)
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    quantization, samples = job["sidecar"]["quantization"], read_samples(folder, job)
    path = folder / job["file"]
    greatest, error = _make(folder, job, path, quantization, samples)
    tolerance = job["tolerance"] or TOLERANCES[quantization]
    if greatest > tolerance:
        strict = job["tolerance"] is not None or quantization in STRICT
        text = too_far(greatest, tolerance, quantization, _instead(folder, job, path, samples, greatest))
        if strict:
            raise ExportError(text)
        (folder / "warning.txt").write_text(f"{text}; the file was written", encoding="utf-8")
    add_fields(path, {"measured_error": error, "tolerance": tolerance})


def _make(folder, job, path, quantization, samples):
    """Write a file of any quantization and its sidecar; gives its greatest error, and that of what it has not seen."""
    inputs, expected = samples
    graph = Graph((folder / "raw.tflite").read_bytes())
    name_signature(graph, job)
    sidecar = job["sidecar"] | {"quantization": quantization} | describe_signature(graph, job)
    graph.drop_dead()
    patches.fuse(graph)
    if sidecar["target"] == "micro":
        patches.renew_selects(graph)
    check_known(sidecar["target"], graph.count_operators())  # before anything runs it
    if quantization == "float16":
        weights.halve_weights(graph)
    elif quantization == "dynamic":
        weights.quantize_weights(graph)
    elif quantization == "int8":
        seen = [sample for place, sample in enumerate(inputs) if place not in set(job["held_out"])]
        int8.quantize(graph, _tensor_feeds(folder, graph, sidecar, seen))
    clear = patches.pack_states if sidecar["target"] == "micro" else patches.make_stateless
    clear(graph)
    graph.drop_unused()
    counts = graph.count_operators()
    check_operators(sidecar["target"], counts)
    if sidecar["target"] == "micro":
        check_types(graph)
    fused = counts[patches.LSTM] + counts[patches.RNN]
    if fused != (job["fused"] or fused) or (sidecar["form"] == "fused" and counts["WHILE"]):
        raise ExportError(f"The file must have {job['fused']} fused operators and no loop. Received: {dict(counts)}")
    for key in ("inputs", "outputs"):  # the converter orders them as it likes
        setattr(graph.graph, key, np.asarray([spec["tensor"] for spec in sidecar[key]], np.int32))
    sidecar["operators"] = dict(sorted(counts.items()))
    if "steps" in job:
        sidecar["checked_steps"] = 1 + max(steps[-1] for steps in job["steps"])  # in succession
    if quantization in ("dynamic", "int8"):
        sidecar["int8_share"] = round(weights.int8_share(graph), 4)
    if quantization == "int8":
        sidecar["scales"] = describe_scales(graph, sidecar["inputs"], sidecar["outputs"])
        sidecar["samples"] = {"scales": len(inputs) - len(job["held_out"]), "measured_error": len(job["held_out"])}
    files = _add_metadata(folder, job, graph, sidecar)
    if sidecar["target"] == "micro":
        _drop_names(graph, sidecar)
    write_described(path, graph, sidecar, files)
    fresh = [place for place, of in enumerate(job["checked"]) if of in job["held_out"]] if quantization == "int8" else None
    return measure(path, [inputs[place] for place in job["checked"]], expected, job.get("steps"), fresh or None)


def _drop_names(graph, sidecar):
    """Leave names to inputs and outputs only: the others would be some kilobytes of flash that nothing reads."""
    kept = {spec["tensor"] for spec in [*sidecar["inputs"], *sidecar["outputs"]]}
    for place, tensor in enumerate(graph.graph.tensors):
        if place not in kept:
            tensor.name = b""


def _add_metadata(folder, job, graph, sidecar):
    """Write TFLite Metadata into a graph; gives the files {name: bytes} that it speaks of."""
    for spec in [*sidecar["inputs"], *sidecar["outputs"]]:
        graph.tensor(spec["tensor"]).name = spec["name"].encode()
    labels = sidecar.get("labels")
    check_label_count(labels, sidecar["outputs"])
    names = task_of_sidecar(sidecar).sidecar_files(sidecar)
    files = {name: (folder / name).read_bytes() for name in names} | ({LABELS: "\n".join(labels).encode()} if labels else {})
    if sidecar["target"] == "micro":  # a file is an array in the flash, where they would only take room
        names, labels, files = (), None, {}
    text = f"For {sidecar['runs_on']}; what its answers mean says the JSON beside it."
    graph.set_metadata(NAME, model_metadata(sidecar, labels, sidecar.get("normalization"), names, text))
    return files


def _instead(folder, job, path, samples, error):
    """What to do where a file of 8 bits is too far from its model: the smallest other one that is near enough."""
    quantization, target = job["sidecar"]["quantization"], job["sidecar"]["target"]
    if quantization in STRICT:
        return ""
    other = folder / "other.tflite"
    for instead in QUANTIZATIONS[QUANTIZATIONS.index(quantization) + 1 :]:
        if instead in TARGETS[target].quantizations:
            found, _ = _make(folder, job, other, instead, samples)
            if found <= TOLERANCES[instead] and found < error:
                sizes = f"{other.stat().st_size:,} bytes, not {path.stat().st_size:,}"
                return f"quantization={instead!r} differs by {found:.2g} ({sizes})"
    return "more samples as `calibration`, typical ones, may do" if quantization == "int8" else ""


def read_samples(folder, job):
    """(inputs, expected outputs of those that are checked): lists of texts or dicts of arrays, and of dicts of arrays."""
    with np.load(folder / "samples.npz", allow_pickle=False) as arrays:
        arrays = dict(arrays)
    expected = [{name: arrays[f"{row}/out/{name}"] for name in job["answers"]} for row in range(len(job["checked"]))]
    if job["raw"] is not None:
        return job["raw"], expected
    names = [name for name in job["inputs"] if f"0/in/{name}" in arrays]  # not the states
    return [{name: arrays[f"{row}/in/{name}"] for name in names} for row in range(job["samples"])], expected


def _tensor_feeds(folder, graph, sidecar, inputs):
    places = {spec["name"]: spec["tensor"] for spec in sidecar["inputs"]}
    if sidecar["form"] == "step":
        feeds = _step_feeds(folder, graph, sidecar, inputs)
    else:
        task = task_of_sidecar(sidecar)
        preprocess = task.preprocessor(sidecar, {name: (folder / name).read_bytes() for name in task.sidecar_files(sidecar)})
        samples = (sample if isinstance(sample, dict) else [sample] for sample in inputs)
        feeds = (feed for sample in samples for feed, _ in preprocess(sample)[0])
    return [{places[name]: value for name, value in feed.items()} for feed in feeds]


def _step_feeds(folder, graph, sidecar, inputs):
    """Every step with the states that come before it, which the float file computes."""
    path = folder / "float.tflite"
    write_described(path, graph, sidecar)
    runner = TFLiteRunner(path)
    for sample in inputs:
        states = runner.start(first_states(sample, sidecar))
        for step in steps_of(sample, sidecar):
            yield {**step, **states}
            _, states = runner.step(step, states)


if __name__ == "__main__":
    try:
        build(sys.argv[1])
    except (ExportError, ImportError) as error:  # all else is a fault of ours and keeps its traceback
        (Path(sys.argv[1]) / "error.txt").write_text(str(error), encoding="utf-8")
        sys.exit(1)
