"""The whole state of a training run in one file that holds tensors and plain JSON only."""

import json
import re
from pathlib import Path

import numpy as np
from keras import ops
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as safetensors_bytes

from seqzoo.files import write_atomically

KEEP = 2


def _variables(model):
    # `model.variables` holds weights and the states of dropout's seed generators; without the latter
    # a continued run would draw other dropout masks.
    variables = [*model.variables, *model.optimizer.variables]
    # Keras numbers what has no name of its own (seed_generator_7, adam_w_1) by how many were made before in the
    # process: the numbers are left out, the position tells variables apart.
    return {f"{index:04d}/{re.sub('_[0-9]+', '', v.path)}": v for index, v in enumerate(variables)}


def save_checkpoint(folder, model, progress):
    """Write model, optimizer and seed-generator state and `progress` (a JSON dict with `step`).

    The file appears under its name only when it is complete; the last two are kept.

    Args:
        folder: where `step-NNNNNNNN.safetensors` goes.
        model: a compiled and built `keras.Model` whose optimizer is built.
        progress: plain JSON values: where in the data the run is, and its history.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        # Not np.ascontiguousarray, which makes a vector of a scalar.
        name: np.asarray(ops.convert_to_numpy(variable.value), order="C")
        for name, variable in _variables(model).items()
    }
    data = safetensors_bytes(tensors, metadata={"progress": json.dumps(progress)})
    write_atomically(folder / f"step-{progress['step']:08d}.safetensors", data)
    for old in sorted(folder.glob("step-*.safetensors"))[:-KEEP]:
        old.unlink()


def restore_checkpoint(folder, model):
    """Take over the newest checkpoint of a folder that can be read.

    Returns:
        its `progress`, or None when there is no checkpoint.

    Raises:
        ValueError: when the checkpoint belongs to a model with other variables, or none can be read.
    """
    files = sorted(Path(folder).glob("step-*.safetensors"), reverse=True)
    for path in files:
        try:
            tensors, progress = _read(path)
        except (SafetensorError, OSError):  # a disk that lost a file costs a few steps, not the run
            continue
        _assign(tensors, _variables(model), path)
        return progress
    if files:
        raise ValueError(
            f"None of the checkpoints can be read; delete them to start the run anew. Received: {', '.join(map(str, files))}"
        )
    return None


def _read(path):
    with safe_open(path, framework="numpy") as checkpoint:
        tensors = {name: checkpoint.get_tensor(name) for name in checkpoint.keys()}
        return tensors, json.loads(checkpoint.metadata()["progress"])


def _assign(tensors, variables, path):
    expected = {name: tuple(variable.shape) for name, variable in variables.items()}
    received = {name: tensor.shape for name, tensor in tensors.items()}
    if received != expected:
        differing = sorted(name for name in {*expected, *received} if expected.get(name) != received.get(name))
        raise ValueError(
            f"{path} belongs to another model. Expected: {_shapes(expected, differing)}. Received: {_shapes(received, differing)}"
        )
    for name, variable in variables.items():
        variable.assign(tensors[name])


def _shapes(shapes, names):
    return ", ".join(f"{name} {shapes.get(name, 'missing')}" for name in names)
