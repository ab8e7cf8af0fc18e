"""NAME.json beside NAME.tflite: everything a program needs to feed the file and to trust it. Imports no TensorFlow."""

import hashlib
import json
from pathlib import Path

from seqzoo.files import sha256_of
from seqzoo.tasks import task_of_sidecar

FORMAT = 1
REQUIRED = (
    "format",
    "sha256",
    "target",
    "quantization",
    "form",
    "batch_size",
    "time_steps",
    "inputs",
    "outputs",
)


class SidecarError(ValueError):
    """A sidecar is missing, is not one, or does not belong to its file."""


def sidecar_path(path) -> Path:
    return Path(path).with_suffix(".json")


def write_sidecar(path, fields) -> None:
    """Describe the file `path` in its sidecar; its hash and size are taken here."""
    path = Path(path)
    fields = {
        "format": FORMAT,
        "file": path.name,
        "sha256": sha256_of(path),
        "bytes": path.stat().st_size,
        **fields,
    }
    sidecar_path(path).write_text(json.dumps(fields, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_sidecar(path) -> dict:
    """The sidecar of a .tflite file, checked as `read_file` does; raises as it does."""
    return read_file(path)[0]


def read_file(path):
    """A .tflite file with all that belongs to it, once hashes are found to be those that its sidecar states.

    Returns:
        the sidecar, a dict; the file's bytes; and, by name, those of the files that its task needs, such as the vocabulary.
        These are the bytes that were checked: what another process writes meanwhile is not read.

    Raises:
        FileNotFoundError: if there is no such file.
        SidecarError: if the sidecar is missing, damaged or belongs to another file.
    """
    path, beside = Path(path), sidecar_path(path)
    if not path.is_file():
        raise FileNotFoundError(f"A runner needs an existing .tflite file. Received: {path}")
    try:
        fields = json.loads(beside.read_bytes())
    except FileNotFoundError:
        raise SidecarError(
            f"{path.name} needs its sidecar {beside.name} beside it, which `export_tflite` writes. Received: no such file"
        ) from None
    except ValueError as error:
        raise SidecarError(f"{beside} must be JSON as `export_tflite` writes it. Received: {error}") from None
    if not isinstance(fields, dict) or fields.get("format") != FORMAT or any(key not in fields for key in REQUIRED):
        raise SidecarError(f"{beside} must hold format {FORMAT} and {', '.join(REQUIRED[1:])}. Received: {fields!r:.200}")
    data = _checked(path, fields["sha256"], beside)
    needed = task_of_sidecar(fields).sidecar_files(fields)
    files = {name: _checked(path.parent / Path(name).name, digest, beside) for name, digest in needed.items()}
    return fields, data, files


def _checked(path, expected, beside):
    data = path.read_bytes() if path.is_file() else None
    received = "no such file" if data is None else hashlib.sha256(data).hexdigest()
    if received != expected:
        raise SidecarError(
            f"{path.name} is not the file that {beside.name} describes (SHA-256 {expected}): export it "
            f"again, or copy the files together. Received: {received}"
        )
    return data
