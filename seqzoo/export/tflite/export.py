"""`export_tflite`: a model to a checked .tflite file with its sidecar."""

import os
import re
import tempfile
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

import seqzoo
from seqzoo.export.precision import in_float32
from seqzoo.export.tflite import converter
from seqzoo.export.tflite.holdout import FEW, hold_out, warn_of_few
from seqzoo.export.tflite.job import publish, run_job, write_job
from seqzoo.export.tflite.loops import run_fused
from seqzoo.export.tflite.metadata import check_labels, checked_normalization
from seqzoo.export.tflite.metric import check_metric, measure_metric
from seqzoo.export.tflite.padding import padded
from seqzoo.export.tflite.runner import _interpreter_class
from seqzoo.export.tflite.samples import given_inputs, sample_inputs
from seqzoo.export.tflite.sidecar import add_fields, sidecar_path
from seqzoo.export.tflite.source import source_of
from seqzoo.export.tflite.targets import TARGETS, check_pair, check_tolerance
from seqzoo.export.tflite.trace import choose_form, convert, convert_function
from seqzoo.scratch import held, sweep


def export_tflite(
    model: Any,
    path: str | os.PathLike,
    target: Literal["interpreter", "compiled", "stream", "micro"] = "interpreter",
    quantization: Literal["float16", "dynamic", "int8"] | None = None,
    time_steps: int | None = None,
    batch_size: int = 1,
    calibration: Any = None,
    overwrite: bool = False,
    form: Literal["fused", "loop", "unrolled"] | None = None,
    input_signature: Any = None,
    tolerance: float | None = None,
    metric: Callable[[Any, Any], Any] | None = None,
    data: tuple[Any, Any] | None = None,
    labels: Sequence[str] | None = None,
    normalization: tuple[Any, Any] | None = None,
) -> Path:
    """Write a model as a LiteRT (TensorFlow Lite) file of built-in operators, and NAME.json, which describes it.

    Targets: `interpreter`, the LiteRT Interpreter of phones and small computers, gets one fused operator
    per recurrent layer and direction; `compiled`, LiteRT CompiledModel and browsers, a loop, or up to 64
    steps written out; `stream` one step a call with explicit float states; `micro`, microcontrollers, an
    8-bit file with fused LSTMs, other layers' steps written out. With `int8` a fused LSTM is integer
    throughout; elsewhere the products are, and gates and states stay float.

    States may go in (`initial_state`) and come out (`return_state`): they are inputs and outputs of the file; such a layer is a
    loop on the Interpreter. A file of target `stream` has the states of every layer, stateful ones too, as inputs and outputs.

    Masks are those of the Keras model: padding behind, in front, or anywhere. A file keeps nothing from call to call.
    Before it appears under `path` it has been run on samples and compared with the Keras model, in a process of
    its own and without TensorFlow. TensorFlow's converter has a process of its own too, which waits for the next
    export.

    Args:
        model: a task's model such as `TextClassifier` or `Forecaster`, or a built `keras.Model` with any recurrent layers; one
            of another dtype policy is exported as it computes in float32.
        path: the file to make, `NAME.tflite`; `NAME.json`, and for a text model the vocabulary, go beside it.
        target: one of `interpreter`, `compiled`, `stream`, `micro`.
        quantization: None (float32), `float16` or `dynamic` (8-bit weights), or `int8` (8-bit arithmetic);
            not every target takes every one.
        time_steps: the sequence length of the file; None lets it be resized, where the target can.
        batch_size: rows a call.
        calibration: typical inputs that decide the scales of `int8` and that every file is checked with (up to 256 of them, and
            those held out); made up when left out, which is worse. Texts, daily prices [days, 5], or arrays [time, features]:
            one by one or in batches, in a list, an array, a tf.data.Dataset (targets are left aside), or a function or
            generator that gives them, as TensorFlow's `representative_dataset` does; several inputs as a list in the model's
            order or a dict by name. At most 10,000 are read. One in four is held out of the scales: the error that the sidecar
            of an `int8` file states is measured on these. Fewer than 32 give a warning.
        overwrite: whether an earlier export at `path` may be replaced.
        form: None lets the target choose. `loop` steps any cell, your own too, with any length on the Interpreter; `unrolled`
            writes the steps out (their number must be known); `fused` is for the LSTM and the RNN on the Interpreter.
        input_signature: for a subclassed `keras.Model`, what `call` takes, as `keras.Model.export` has it: a list with a
            `keras.InputSpec`, `tf.TensorSpec` or `keras.Input` for each argument, in lists or dicts where the argument is one.
        tolerance: the greatest difference from the model that a file may have, as a share of the greatest output. None: 1e-5
            for float32 and 2e-3 for float16, above which there is no file; 3e-2 for `dynamic` and 5e-2 for `int8`, above which
            a warning names the difference and the smallest other file that is within its tolerance.
        metric: your own figure, a function of (targets, answers) such as those of `keras.metrics`; its mean over `data` is
            stated in the sidecar, under `metric`, for the file beside the model.
        data: (inputs, targets) of the metric; inputs as the model's `predict` takes them.
        labels: names of the classes of the first output; a text classifier's are known. The file holds them as `labels.txt`.
        normalization: (mean, std), numbers or one of each for every feature, with which the caller scales the first input
            before the file takes it: (raw - mean) / std. Stated in the file and the sidecar, not applied.

    Returns:
        `pathlib.Path` of the file.

    Warns:
        UserWarning: for scales from few samples, and for an 8-bit file that is further from the model than is usual.

    Raises:
        ValueError: for a target and a quantization that do not go together, a layer that the target cannot
            run, sizes below 1 (with the reason and what would work); `ExportError`, one of them, if the
            finished file fails its checks.
        TypeError: for another kind of model or sample.
        ImportError: if the package `ai-edge-litert` is not installed.
        FileExistsError: if there is a file at `path` already.
        RuntimeError: if a process that converts or builds the file crashes.
    """
    check_pair(target, quantization)
    check_tolerance(tolerance)
    check_metric(metric, data)
    check_labels(labels)
    normalization = checked_normalization(normalization)
    _check_sizes(batch_size, time_steps)
    path = _check_path(path, overwrite)
    _interpreter_class()  # before minutes of work, not after them
    converter.start()  # it imports TensorFlow while the model is traced
    with in_float32(source_of(model, input_signature)) as source:
        labels = source.task.labels(source.model) if labels is None else labels
        warning = _export(
            source,
            path,
            target=target,
            quantization=quantization,
            time_steps=time_steps,
            batch_size=batch_size,
            calibration=calibration,
            form=form,
            tolerance=tolerance,
            metric=metric,
            data=data,
            labels=labels,
            normalization=normalization,
        )
    if warning:
        warnings.warn(warning, stacklevel=2)
    return path


def _export(
    source,
    path,
    *,
    target,
    quantization,
    time_steps,
    batch_size,
    calibration,
    form,
    tolerance,
    metric,
    data,
    labels,
    normalization,
):
    steps = target == "stream" or (target == "micro" and source.task.micro_steps)  # one a call
    if target == "micro" and not steps:
        make = _convert_micro
    elif steps:
        from seqzoo.export.tflite.stream import convert_stream as make
        from seqzoo.export.tflite.stream import planned

        source = planned(source, batch_size, time_steps)
    else:
        make = _convert
    if target in ("compiled", "micro") and time_steps is None and not steps:
        time_steps = source.task.time_steps(source.model) or _known_time(source, target)
    _check_length(source, time_steps)
    form = choose_form(source, "stream" if steps else target, quantization, form)
    samples, fresh = _samples(source, steps, quantization, time_steps, calibration)
    raw, names = make(source, form, batch_size, time_steps)
    sweep(path.parent, rf"\.{re.escape(path.stem)}\.\w{{8}}\.partial")  # of killed processes
    with tempfile.TemporaryDirectory(prefix=f".{path.stem}.", suffix=".partial", dir=path.parent) as folder, held(folder):
        folder = Path(folder)
        (folder / "raw.tflite").write_bytes(raw)
        sidecar = {
            "model": source.name,
            "target": target,
            "runs_on": TARGETS[target].runs_on,
            "form": names.pop("form", form),
            "quantization": quantization,
            "batch_size": batch_size,
            "time_steps": time_steps,
            **({"states": names["states"]} if "states" in names else {}),
            **({"labels": list(labels)} if labels else {}),
            **({"normalization": normalization} if normalization else {}),
            **source.task.describe(source, time_steps, path, folder),
            "versions": _versions(),
        }
        job = {"file": path.name, "fused": None, "tolerance": tolerance, "sidecar": sidecar, "held_out": fresh, **names}
        write_job(folder, job, source, samples, time_steps)
        warning = run_job(folder)
        if metric is not None:
            add_fields(folder / path.name, {"metric": measure_metric(source, folder / path.name, metric, data)})
        publish(folder, path, sidecar)
    return warning


def _samples(source, steps, quantization, time_steps, calibration):
    """(samples, places of those that decide no scale); padded ones come last."""
    if steps:
        from seqzoo.export.tflite.stream import CHECKED_STEPS, successive

    samples = given_inputs(source, calibration, time_steps) if calibration is not None else []
    if steps:
        time_steps = CHECKED_STEPS
    # Made-up texts join the given ones: rare words widen the scales a little, and would leave them if they did not.
    if source.task.samples_join or not samples:
        samples += sample_inputs(source, time_steps, repeats=-(-FEW // 3) if quantization == "int8" else 1)
    if quantization == "int8":
        warn_of_few(len(samples) - len(hold_out(samples)))
    samples = successive(source, samples) if steps else samples
    held = hold_out(samples) if quantization == "int8" else []
    masked = [] if source.task.samples_are_raw else padded(source, [samples[place] for place in held] or samples)
    return samples + masked, held + list(range(len(samples), len(samples) + len(masked)))


def _convert(source, form, batch_size, time_steps):
    content, form, fused = convert(source, form, batch_size, time_steps)
    names = {"inputs": [name for name, *_ in source.inputs], "outputs": source.outputs}
    return content, names | {"form": form, "fused": fused}


def _convert_micro(source, form, batch_size, time_steps):
    program = source.task.micro_program(source, batch_size, time_steps, run_fused)
    if program is None:
        from seqzoo.export.tflite.micro import convert_micro

        return convert_micro(source, batch_size, time_steps)
    serve, names = program
    return convert_function(serve, source.network), names


def _check_sizes(batch_size, time_steps):
    for name, value in (("batch_size", batch_size), ("time_steps", time_steps)):
        if name == "time_steps" and value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
            hint = "; a file has one batch size, time alone may stay open" if name == "batch_size" else ", or None"
            raise ValueError(f"`{name}` must be a whole number of at least 1{hint}. Received: {value!r}")


def _check_length(source, time_steps):
    """Refuses a length that the model's own inputs rule out: it would be in the sidecar and not in the file."""
    lengths = sorted({shape[0] for _, _, shape in source.inputs if shape and shape[0] is not None})
    if time_steps is not None and all(shape and shape[0] is not None for *_, shape in source.inputs):
        if time_steps not in lengths:
            raise ValueError(
                f"`time_steps` must be None for a model of fixed length {' and '.join(map(str, lengths))}. Received: {time_steps}"
            )


def _check_path(path, overwrite):
    path = Path(os.path.realpath(path))
    if path.suffix != ".tflite":
        raise ValueError(f"`path` must end in .tflite. Received: {path.name!r}")
    for existing in (path, sidecar_path(path)):
        if existing.exists() and not overwrite:
            raise FileExistsError(
                "The output file already exists: choose a new path, remove the file, or pass "
                f"overwrite=True to replace it. Received: {existing}"
            )
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _known_time(source, target):
    if any(None in shape for _, _, shape in source.inputs):
        raise ValueError(f"Target {target!r} needs `time_steps`, the length of every sequence. Received: None")
    return None


def _versions():
    import keras
    import tensorflow as tf

    return {"seqzoo": seqzoo.__version__, "tensorflow": tf.__version__, "keras": keras.__version__}
