"""The whole state of a training run in one file that holds tensors and plain JSON only."""

import hashlib
import json
import re
import warnings
from pathlib import Path

import numpy as np
from keras import ops
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as safetensors_bytes

from seqzoo.files import write_atomically
from seqzoo.training.rows import row_variables

KEEP = 2


def _variables(model):
    # `model.variables` holds weights and the states of dropout's seed generators; without the latter
    # a continued run would draw other dropout masks.
    variables = [*model.variables, *model.optimizer.variables]
    known = {id(variable) for variable in variables}
    variables += [variable for variable in row_variables(model) if id(variable) not in known]
    # Keras numbers what has no name of its own (seed_generator_7, adam_w_1) by how many were made before in the
    # process: the numbers are left out, the position tells variables apart.
    return {f"{index:04d}/{re.sub('_[0-9]+', '', v.path)}": v for index, v in enumerate(variables)}


def save_checkpoint(folder, model, progress, held=None):
    """Write model, optimizer and seed-generator state and `progress` (a JSON dict with `step`).

    The file appears under its name only when it is complete; the last two are kept.

    Args:
        folder: where `step-NNNNNNNN.safetensors` goes.
        model: a compiled and built `keras.Model` whose optimizer is built.
        progress: plain JSON values: where in the data the run is, and its history.
        held: {id of a variable: array} of what stands elsewhere than in the variable, such as the rows of several workers.
    """
    folder, held = Path(folder), held or {}
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        # Not np.ascontiguousarray, which makes a vector of a scalar.
        name: np.asarray(held[id(variable)] if id(variable) in held else ops.convert_to_numpy(variable.value), order="C")
        for name, variable in _variables(model).items()
    }
    text = json.dumps(progress)
    data = safetensors_bytes(tensors, metadata={"progress": text, "sha256": _digest(tensors, text)})
    write_atomically(folder / _name(progress["step"]), _in_order(data))
    for old in sorted(folder.glob("step-*.safetensors"))[:-KEEP]:
        old.unlink()


def restore_checkpoint(folder, model, held=None):
    """Take over the newest checkpoint of a folder that is whole.

    A checkpoint holds the SHA-256 of its tensors and its progress. One that is damaged is passed over, with a warning that
    names it, and the one before goes on: that costs some steps, not the run. Checkpoints from before there were hashes
    are taken as they are.

    Args:
        folder, model: as for `save_checkpoint`.
        held: as for `save_checkpoint`; its arrays are replaced by what the checkpoint has in their place.

    Returns:
        its `progress`, or None when there is no checkpoint.

    Raises:
        ValueError: when the checkpoint belongs to a model with other variables, or all are damaged.
    """
    files = sorted(Path(folder).glob("step-*.safetensors"), reverse=True)
    damaged = []
    for path in files:
        try:
            tensors, progress = _read(path)
        except (SafetensorError, OSError, ValueError, LookupError, TypeError) as error:
            damaged.append(f"{path} ({str(error) or type(error).__name__:.200})")
            continue
        _assign(tensors, _variables(model), path, {} if held is None else held)
        if damaged:
            warnings.warn(
                f"A checkpoint is damaged; the run goes on from step {progress['step']}, {path.name}. "
                f"Damaged: {', '.join(damaged)}",
                stacklevel=2,
            )
        return progress
    if files:
        raise ValueError(
            f"None of the checkpoints can be read; delete them to start the run anew. Received: {', '.join(damaged)}"
        )
    return None


def _read(path):
    with safe_open(path, framework="numpy") as checkpoint:
        tensors = {name: checkpoint.get_tensor(name) for name in checkpoint.keys()}
        metadata = checkpoint.metadata()
    if set(metadata) - {"progress"} not in (set(), {"sha256"}):
        raise ValueError(f"it must hold its progress and its SHA-256; it holds {', '.join(sorted(metadata)):.100}")
    if "sha256" in metadata and metadata["sha256"] != _digest(tensors, metadata["progress"]):
        raise ValueError("its content has another SHA-256 than it says")
    progress = json.loads(metadata["progress"])
    if path.name != _name(progress["step"]):
        raise ValueError(f"its progress is that of step {progress['step']!r}")
    return tensors, progress


def _in_order(data):
    """A safetensors file with its metadata sorted: the library writes several keys in another order in every process."""
    end = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:end])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # tensors begin at a multiple of eight
    return len(text).to_bytes(8, "little") + text + data[end:]


def _name(step):
    return f"step-{step:08d}.safetensors"


def _digest(tensors, progress):
    """SHA-256 of everything that a checkpoint holds, in an order of its own."""
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        head = json.dumps([name, str(tensor.dtype), tensor.shape])
        digest.update(f"{head}\n".encode())
        digest.update(np.ascontiguousarray(tensor).reshape(-1).view(np.uint8))
    digest.update(progress.encode())
    return digest.hexdigest()


def _assign(tensors, variables, path, held):
    expected = {name: tuple(held.get(id(variable), variable).shape) for name, variable in variables.items()}
    received = {name: tensor.shape for name, tensor in tensors.items()}
    if received != expected:
        differing = sorted(name for name in {*expected, *received} if expected.get(name) != received.get(name))
        raise ValueError(
            f"{path} belongs to another model. Expected: {_shapes(expected, differing)}. Received: {_shapes(received, differing)}"
        )
    for name, variable in variables.items():
        if id(variable) in held:
            held[id(variable)] = tensors[name]
        else:
            variable.assign(tensors[name])


def _shapes(shapes, names):
    return ", ".join(f"{name} {shapes.get(name, 'missing')}" for name in names)
