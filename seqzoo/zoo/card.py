"""card.json: what a model is, how it was made and how well it does. Imports no TensorFlow."""

import json
import math
import re
from pathlib import Path

from seqzoo.tasks import TASKS, get_task
from seqzoo.zoo.integrity import ModelIntegrityError, stays_inside

FORMATS = (1,)
WEIGHTS_DTYPES = ("float16", "float32")
LARGEST = 1_000_000  # bytes; a card is a few thousand

# A form is a type, a tuple of the valid values, [the form of every item], {name: form} where `name?` may be
# missing, or {"*": the form of every value}.
FORM = {
    "format": FORMATS,
    "name": str,
    "task": str,  # one of seqzoo.tasks.TASKS, whose `card_form` says what a card holds besides
    "summary": str,
    "architecture": dict,
    "parameters": int,
    "weights_dtype": WEIGHTS_DTYPES,
    "search": [dict],
    "seed": int,
    "data": {
        "name": str,
        "version": str,
        "rule": str,
        "splits": {"*": {"examples": int, "fingerprint": str}},
        "citation": str,
        "terms": str,
    },
    "command": str,
    "limits?": [str],
    "versions": {"*": str},
    "files": {"*": {"sha256": str, "bytes": int}},
}
COMPUTED = (
    "format",
    "task",
    "architecture",
    "parameters",
    "weights_dtype",
    "versions",
    "files",
)  # by save_folder
_NAMES = {
    str: "a text",
    int: "a whole number of at least 0",
    float: "a finite number",
    dict: "an object",
    list: "a list",
}


class CardError(ValueError):
    """A card lacks a field or holds a value that is not valid there."""


def read_card(folder) -> dict:
    """Read and validate the card of a model's folder.

    Raises:
        CardError: if it is no valid card; the text names the field and every valid form.
        ModelIntegrityError: if there is none, or it lists a file outside the folder.
    """
    path = Path(folder) / "card.json"
    if not path.is_file():
        raise ModelIntegrityError(f"A model's folder holds card.json. Received: {folder}, which holds none")
    if path.stat().st_size > LARGEST:
        raise CardError(f"A card has at most {LARGEST} bytes. Received: {path.stat().st_size} bytes in {path}")
    card = parse_json(path.read_bytes(), path)
    validate_card(card, path)
    return card


def parse_json(data: bytes, path):
    """Strict JSON: neither NaN nor infinity. Raises CardError that names `path`."""
    try:
        return json.loads(data.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise CardError(f"{path} must be valid JSON in UTF-8. Received: {error}") from None


def dump_json(value) -> bytes:
    """Readable JSON in UTF-8; a lone surrogate, which UTF-8 cannot hold, becomes its JSON escape."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return text.encode("utf-8", errors="backslashreplace")


def validate_card(card, source="the card", optional=()) -> None:
    """Check a card against `FORM` and its task's `card_form`; fields that it does not know are ignored.

    Raises:
        CardError: naming the field, what is valid there and what was received.
        ModelIntegrityError: if `files` lists a path that leads out of the folder.
    """
    if isinstance(card, dict) and "format" in card:  # a newer format may have another form altogether
        check_form(card["format"], FORMATS, source, "format")
    form = FORM
    if isinstance(card, dict) and "task" in card:
        check_form(card["task"], tuple(TASKS), source, "task")
        form = FORM | get_task(card["task"]).card_form
    check_form(card, {key + "?" * (key in optional): item for key, item in form.items()}, source)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", card["name"]):
        raise CardError(f"`name` in {source} must be of letters, digits, '.', '_' and '-'. Received: {card['name']!r}")
    for path in card.get("files", {}):
        if not stays_inside(path):
            raise ModelIntegrityError(f"`files` in {source} must stay inside the model's folder. Received: {path!r}")


def check_form(value, form, source, where=""):
    """Check parsed JSON against a form like `FORM`. Raises CardError naming `source` and the place in it."""
    if isinstance(form, tuple):
        if not any(value == valid and type(value) is type(valid) for valid in form):
            valid = " or ".join(repr(choice) for choice in form)
            raise CardError(f"`{where}` in {source} must be {valid}. Received: {value!r}")
        return
    kind = form if isinstance(form, type) else type(form)
    if not _is(value, kind):
        raise CardError(f"`{where or 'the whole'}` in {source} must be {_NAMES[kind]}. Received: {value!r:.200}")
    if isinstance(form, list):
        for index, item in enumerate(value):
            check_form(item, form[0], source, f"{where}[{index}]")
    elif isinstance(form, dict) and "*" in form:
        for key, item in value.items():
            check_form(item, form["*"], source, f"{where}.{key}")
    elif isinstance(form, dict):
        missing = [key for key in form if not key.endswith("?") and key not in value]
        if missing:
            place, names = f"`{where}` in {source}" if where else source, [key.rstrip("?") for key in form]
            raise CardError(f"{place} needs {', '.join(names)}. Received: no {', '.join(missing)}")
        for key, item in form.items():
            key = key.rstrip("?")
            if key in value:
                check_form(value[key], item, source, f"{where}.{key}".lstrip("."))


def _is(value, kind):
    if kind is int:
        return type(value) is int and value >= 0
    if kind is float:
        return type(value) in (int, float) and math.isfinite(value)
    return isinstance(value, kind)


def _refuse_constant(name):
    raise ValueError(f"{name} is not JSON")
