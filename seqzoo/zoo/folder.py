"""A model's folder: saved whole or not at all, checked before it is parsed."""

import hashlib
import os
from typing import Any

import numpy as np
import safetensors.numpy

from seqzoo.files import atomic_folder, existing_folder, write_atomically
from seqzoo.forked import refuse_after_fork
from seqzoo.tasks import TASKS, get_task, task_of
from seqzoo.training.run_folder import versions
from seqzoo.zoo.card import COMPUTED, FORMATS, WEIGHTS_DTYPES, dump_json, read_card, reading_card, validate_card
from seqzoo.zoo.golden import GOLDEN, check_few_answers, make_golden
from seqzoo.zoo.integrity import describe_files
from seqzoo.zoo.parts import WEIGHTS, read_parts
from seqzoo.zoo.pins import open_card
from seqzoo.zoo.readme import render_readme
from seqzoo.zoo.registry import find_model
from seqzoo.zoo.sizes import expected_shapes
from seqzoo.zoo.stepping import is_coarse, step_by_step


def load_pretrained(name_or_path: str | os.PathLike) -> Any:
    """Load a model by name, or from the path of a model folder.

    Size and SHA-256 of every file that is read are compared with the card before it is parsed, and nothing in
    the folder can run code: weights are plain tensors, the rest is JSON and text. The card of a pretrained model, asked for
    by its name, must be the one that this package knows (see `seqzoo.zoo.pins`), also in a folder that SEQZOO_MODELS names;
    a path may lead to any model. Sizes in the card are compared with the weights before anything is built, and answers with
    golden.json, so that a card that was changed alone is noticed.

    Args:
        name_or_path: one of `list_pretrained()`, or a folder written by `save_folder`.

    Returns:
        A task model such as `TextClassifier` or `VolatilityForecaster` with `.card` (dict) and `.name` (str).

    Raises:
        UnknownModelError: if there is no such model.
        CardError: if its card is not valid.
        ModelIntegrityError: if a file is missing or differs from the card, or the answers from golden.json.
        ValueError: if the parts do not fit each other.
        RuntimeError: in a process forked from one that has used a model, where TensorFlow would wait for ever.
    """
    return load_folder(*open_card(name_or_path))


def load_folder(folder, card=None):
    """`load_pretrained` from a path; `card` is the folder's, where it has been read."""
    folder = existing_folder(folder)
    card = read_card(folder) if card is None else card
    refuse_after_fork()
    task = get_task(card["task"])
    parts = read_parts(folder, card, expected_shapes(task, card, folder / "card.json"))
    with reading_card(card, "`architecture`"):
        model = task.build(card["architecture"], parts.content)
    model.load_tensors(parts.tensors)
    model.card, model.name, model.golden = card, card["name"], parts.golden
    with step_by_step(model.network):
        check_few_answers(model, parts.golden, folder, is_coarse(model.network))
    return model


def save_folder(model, path, card, golden_inputs, overwrite=False, saved_model=True):
    """Write a task model, its card and everything that the card promises into a new folder.

    The folder appears under `path` only when all of it is on disk; until then a model already there stays.

    Args:
        model: a task model such as `TextClassifier`.
        path: the folder.
        card: dict with `name`, `summary`, `metrics`, `baselines`, `search`, `seed`, `data` and `command`,
            perhaps `limits`, `published` (True for a model that goes into the zoo, which is then found by its name; else
            its README says to give its path) and `weights_dtype` ("float32" or "float16"; then measure the metrics on
            `as_stored`). What can be computed (architecture, parameters, versions, files) is computed here.
        golden_inputs: list of what `model.predict` takes (texts or windows of prices); the stored model's answers
            to them go into golden.json.
        overwrite: whether a model folder already at `path` may be replaced.
        saved_model: whether to add the TensorFlow SavedModel as `saved_model/`.

    Returns:
        The complete card, as written.

    Raises:
        CardError: if a field of the card is missing or not valid.
        FileExistsError: if `path` exists and is not to be, or cannot be, replaced.
        TypeError: if the model is of no known task.
    """
    task = _checked_task(model)
    validate_card({**card, "task": task.name}, "`card`", optional=COMPUTED)
    dtype = card.get("weights_dtype", "float32")
    with atomic_folder(path, overwrite, replaces="card.json") as folder:
        stored = as_stored(model, dtype)
        tensors = {name: np.asarray(value, dtype, order="C") for name, value in stored.tensors().items()}
        (folder / WEIGHTS).write_bytes(safetensors.numpy.save(tensors))
        task.write_files(model, folder)
        (folder / GOLDEN).write_bytes(dump_json(make_golden(stored, golden_inputs)))
        if saved_model:
            from seqzoo.export.saved_model import export_saved_model

            export_saved_model(stored, folder / "saved_model")
        card = {
            "format": FORMATS[-1],
            "published": False,
            **card,
            "task": task.name,
            "architecture": dict(model.config),
            "parameters": model.count_parameters(),
            "weights_dtype": dtype,
            "versions": versions(),
            "files": describe_files(folder),
        }
        validate_card(card, "`card`")
        _write_card(folder, card)
    return card


def refresh_readme(name_or_path):
    """Make README.md again from card.json, for instance after its layout has changed."""
    folder = find_model(name_or_path)
    _write_card(folder, read_card(folder))


def _write_card(folder, card):
    readme = render_readme(card).encode("utf-8", errors="replace")
    card["files"]["README.md"] = {"sha256": hashlib.sha256(readme).hexdigest(), "bytes": len(readme)}
    write_atomically(folder / "README.md", readme)
    write_atomically(folder / "card.json", dump_json(card))


def as_stored(model, weights_dtype):
    """The model that a loader gets when `model` is saved with its weights in `weights_dtype`.

    Raises:
        ValueError: for an unknown dtype, or weights too big for float16.
    """
    if weights_dtype not in WEIGHTS_DTYPES:
        valid = " or ".join(map(repr, WEIGHTS_DTYPES))
        raise ValueError(f"`weights_dtype` must be {valid}. Received: {weights_dtype!r}")
    stored = _checked_task(model).copy(model)
    with np.errstate(over="ignore"):  # load_tensors refuses the infinities, by name
        stored.load_tensors({k: v.astype(weights_dtype).astype(np.float32) for k, v in model.tensors().items()})
    return stored


def _checked_task(model):
    task = task_of(model)
    if task is None:
        raise TypeError(f"`model` must be a model of a task: {', '.join(TASKS)}. Received: {type(model).__name__}")
    return task
