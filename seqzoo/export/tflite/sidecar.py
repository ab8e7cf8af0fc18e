"""NAME.json beside NAME.tflite: everything a program needs to feed the file and to trust it. Imports no TensorFlow."""

import hashlib
import json
import warnings
from pathlib import Path

from seqzoo.export.tflite.metadata import with_files
from seqzoo.export.tflite.sidecar_form import FORMAT, Sidecar, check_form
from seqzoo.export.tflite.tie import digest_of, tie, tied_to
from seqzoo.files import sha256_of
from seqzoo.tasks import importable_tasks, task_of_sidecar


class SidecarError(ValueError):
    """A sidecar is missing, is not one, or does not belong to its file."""


def sidecar_path(path) -> Path:
    return Path(path).with_suffix(".json")


def write_described(path, graph, fields, files=()) -> None:
    """Write a `Graph` as the file `path`, and what `fields` say of it as its sidecar; the two are tied to each other.

    Args:
        files: {name: bytes} that follow the graph in the file, as a zip archive.
    """
    path = Path(path)
    fields = {"format": FORMAT, "file": path.name, "sha256": None, "bytes": None} | fields | {"file": path.name}
    tie(graph, fields)
    path.write_bytes(with_files(graph.to_bytes(), files))
    _write_fields(path, fields)


def add_fields(path, more) -> None:
    """Add to what the sidecar of a file says, and to the hash that the file holds of it."""
    path = Path(path)
    fields = json.loads(sidecar_path(path).read_bytes())
    data, before = path.read_bytes(), digest_of(fields).encode()
    if data.count(before) != 1:
        raise SidecarError(f"{path.name} must hold the hash of its sidecar once. Received: {data.count(before)} times")
    path.write_bytes(data.replace(before, digest_of(fields | more).encode()))
    _write_fields(path, fields | more)


def _write_fields(path, fields):
    head = {"format": FORMAT, "file": path.name, "sha256": sha256_of(path), "bytes": path.stat().st_size}
    text = json.dumps(fields | head, indent=2, ensure_ascii=False, allow_nan=False)
    sidecar_path(path).write_text(text + "\n", encoding="utf-8")


def read_sidecar(path) -> dict:
    """The sidecar of a .tflite file, checked as `read_file` does; raises as it does."""
    return read_file(path)[0]


def read_file(path):
    """A .tflite file with all that belongs to it: every field has its type, hashes are those that the sidecar states, and
    what the sidecar says is what the file was written with.

    Returns:
        the sidecar, a dict; the file's bytes; and, by name, those of the files that its task needs, such as the vocabulary.
        These are the bytes that were checked: what another process writes meanwhile is not read.

    Warns:
        UserWarning: for a file from before files were tied to their sidecars, unless a card.json beside it lists the sidecar.

    Raises:
        FileNotFoundError: if there is no such file.
        SidecarError: if the sidecar is missing, damaged, changed or belongs to another file.
    """
    path, beside = Path(path), sidecar_path(path)
    if not path.is_file():
        raise FileNotFoundError(f"A runner needs an existing .tflite file. Received: {path}")
    try:
        text = beside.read_bytes()
        fields = json.loads(text, parse_constant=_refuse_constant)
    except FileNotFoundError:
        raise SidecarError(
            f"{path.name} needs its sidecar {beside.name} beside it, which `export_tflite` writes. Received: no such file"
        ) from None
    except (ValueError, RecursionError) as error:
        raise SidecarError(f"{beside} must be JSON as `export_tflite` writes it. Received: {error}") from None
    try:
        task = _checked_task(fields)
    except ValueError as error:
        raise SidecarError(f"{beside} must hold what `export_tflite` writes. Received: {error}") from None
    data = _checked(path, fields["sha256"], beside)
    _check_tie(data, fields, text, beside)
    needed = task.sidecar_files(fields)
    files = {name: _checked(path.parent / Path(name).name, digest, beside) for name, digest in needed.items()}
    return fields, data, files


def _checked_task(fields):
    """The task whose input is described. Raises ValueError for a field that is missing or of another type."""
    check_form(fields, Sidecar)
    names = [spec["name"] for spec in fields["inputs"]]
    if missing := [state for state in fields.get("states", []) if state not in names]:
        raise ValueError(f"states that are no inputs: {', '.join(missing)}")
    if fields["form"] == "step" and "states" not in fields:
        raise ValueError("form 'step' without `states`")
    task = task_of_sidecar(fields)
    sections = {each.section for each in importable_tasks()} - {None, task.section}
    if damaged := sorted(section for section in sections if section in fields):
        raise ValueError(f"`{damaged[0]}` of no known task")
    if task.section is not None:
        try:
            check_form(fields[task.section], task.sidecar_form())
        except ValueError as error:
            raise ValueError(f"`{task.section}`: {error}") from None
    return task


def _check_tie(data, fields, text, beside):
    try:
        tied = tied_to(data)
    except ValueError as error:
        raise SidecarError(f"{beside} must lie beside a .tflite file. Received: {error}") from None
    if tied is None:
        return _check_by_card(text, beside)
    if tied != digest_of(fields) or fields["bytes"] != len(data):
        raise SidecarError(
            f"{beside} must say what it said when its file was written (the file holds a hash of it): copy the two together, or "
            "export again. Received: a changed sidecar"
        )


def _check_by_card(text, beside):
    """The first files held no hash of their sidecar; of those of the zoo the card has one."""
    try:
        card = json.loads((beside.parent / "card.json").read_bytes())
        stated = card["files"][beside.name]["sha256"]
    except (OSError, ValueError, LookupError, TypeError):
        warnings.warn(
            f"Nothing shows that {beside.name} is unchanged: it was written before files held a hash of their sidecar. Export "
            "again, or keep the model's card.json beside it. Received: a file without a hash",
            stacklevel=5,
        )
        return
    if hashlib.sha256(text).hexdigest() != stated:
        raise SidecarError(f"{beside} must be the one that card.json lists (SHA-256 {stated}). Received: a changed sidecar")


def _refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


def _checked(path, expected, beside):
    data = path.read_bytes() if path.is_file() else None
    received = "no such file" if data is None else hashlib.sha256(data).hexdigest()
    if received != expected:
        raise SidecarError(
            f"{path.name} is not the file that {beside.name} describes (SHA-256 {expected}): export it "
            f"again, or copy the files together. Received: {received}"
        )
    return data
