"""`export_onnx`: a model to a checked ONNX file."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import seqzoo
from seqzoo.export.onnx.check import check
from seqzoo.export.onnx.convert import convert, need_converter
from seqzoo.export.onnx.samples import samples_for
from seqzoo.export.onnx.source import source_for
from seqzoo.export.precision import in_float32
from seqzoo.files import write_atomically


def export_onnx(
    model: Any,
    path: str | os.PathLike,
    overwrite: bool = False,
    samples: Any = None,
    input_signature: Any = None,
    opset_version: int | None = None,
) -> Path:
    """Write a model as an ONNX file for onnxruntime and what else reads ONNX.

    Batch and time stay open where the model leaves them open; masks are those of the model, wherever its padding stands. An
    LSTM or a GRU becomes ONNX's own operator, any other cell a loop. Before the file appears it has been run in
    onnxruntime, for several lengths and batches, padded where the network makes a mask, and compared with the model.

    Text stays outside: a `TextClassifier`'s file takes `ids` (int32 `[batch, time]`, padded with 0 on the right) and gives
    `probability`; a forecaster's takes `sequence` (float32 `[batch, 60, features]`). The file's metadata hold how raw input
    becomes them (`text` or `prices`, JSON) and the vocabulary (`vocabulary.txt`).

    A network that computes in float16, bfloat16 or float64 is written in float32, with the same weights: onnxruntime has few
    operators in another precision on a processor.

    Args:
        model: a task's model, such as `load_pretrained` gives, or a `keras.Model`, stock or your own.
        path: the file to make, `NAME.onnx`.
        overwrite: whether a file already at `path` may be replaced.
        samples: what the file is checked with besides made-up inputs: arrays without the batch, or dicts of them by input
            name. Needed where whole numbers come in and no Embedding tells their range.
        input_signature: for a subclassed `keras.Model` what `call` takes, as `export_tflite` has it. None asks a model that has
            been called.
        opset_version: of ONNX; None is the converter's choice.

    Returns:
        `pathlib.Path` of the file.

    Raises:
        TypeError: for another kind of model or sample.
        ValueError: for a stateful layer, text as input, an operation that ONNX has not, with the cause; `ExportError`, one of
            them, if onnxruntime does not answer as the model.
        ImportError: if `tf2onnx` or `onnxruntime` is not installed: `pip install 'seqzoo[onnx]'`.
        FileExistsError: if there is a file at `path` already.
    """
    path = Path(os.path.realpath(path))
    if path.suffix != ".onnx":
        raise ValueError(f"`path` must end in .onnx. Received: {path.name!r}")
    if path.exists() and (not overwrite or path.is_dir()):
        raise FileExistsError(
            "The output file already exists: choose a new path, remove it, or pass overwrite=True to replace a file. "
            f"Received: {path}"
        )
    need_converter()
    with in_float32(source_for(model, input_signature)) as source:
        inputs = samples_for(source, samples)
        proto, expected = convert(source, inputs, opset_version)
    for key, value in _metadata(source, path.name).items():
        proto.metadata_props.add(key=key, value=value)
    content = proto.SerializeToString()
    check(content, inputs, expected)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, content)
    return path


def _metadata(source, name):
    """How raw input becomes arrays, as `export_tflite` writes it beside its files: strings by name."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        # A path with nothing beside it, so that the vocabulary has its plain name.
        fields = source.task.describe(source, source.task.time_steps(source.model), folder / "alone" / name, folder)
        found = {key: json.dumps(value, ensure_ascii=False) for key, value in fields.items()}
        for file in source.task.sidecar_files(fields) if fields else ():
            found[file] = (folder / file).read_text(encoding="utf-8")
    return {"seqzoo": seqzoo.__version__, "model": source.name} | found
