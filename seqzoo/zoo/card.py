"""card.json: what a model is, how it was made and how well it does. Imports no TensorFlow."""

import contextlib
import hashlib
import json
import math
import re
from pathlib import Path

from seqzoo.tasks import TASKS, get_task
from seqzoo.tasks.parts import DATA_FORM
from seqzoo.zoo.integrity import ModelIntegrityError, stays_inside

FORMATS = (1,)
WEIGHTS_DTYPES = ("float16", "float32")
LARGEST = 1_000_000  # bytes; a card is a few thousand
GREATEST = 2**63  # a whole number of a card is below it: some have hundreds of digits, which no float holds

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
    "data": DATA_FORM,
    "command": str,
    "limits?": [str],
    "published?": bool,  # whether the model is one of the zoo, which has it by name; one's own is found by its path
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
    int: "a whole number of at least 0 and below 2**63",
    float: "a finite number (a whole one between -2**63 and 2**63)",
    dict: "an object",
    list: "a list",
    bool: "true or false",
}


class CardError(ValueError):
    """A card lacks a field or holds a value that is not valid there."""


def read_card(folder, sha256=None) -> dict:
    """Read and validate the card of a model's folder.

    Args:
        folder: the model's folder.
        sha256: of the card's bytes, where it is known.

    Raises:
        CardError: if it is no valid card; the text names the field and every valid form.
        ModelIntegrityError: if there is none, it is not the one of that hash, or it lists a file outside the folder.
    """
    path = Path(folder) / "card.json"
    if not path.is_file():
        raise ModelIntegrityError(f"A model's folder holds card.json. Received: {folder}, which holds none")
    if path.stat().st_size > LARGEST:
        raise CardError(f"A card has at most {LARGEST} bytes. Received: {path.stat().st_size} bytes in {path}")
    data = path.read_bytes()
    if sha256 is not None and (received := hashlib.sha256(data).hexdigest()) != sha256:
        raise ModelIntegrityError(
            f"{path} is not the card of the pretrained model of that name, which has SHA-256 {sha256}: give a model of your "
            f"own another name, or load it by its path. Received: SHA-256 {received}"
        )
    card = parse_json(data, path)
    validate_card(card, path)
    return card


@contextlib.contextmanager
def reading_card(card, what):
    """Within the block a value that cannot be used becomes CardError: a task's fields are freer than `FORM`."""
    try:
        yield
    except (CardError, ModelIntegrityError):
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise CardError(
            f"{what} of the card of {card['name']} must be as `save_folder` writes it. "
            f"Received: {type(error).__name__}: {str(error):.500}"
        ) from error


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
        raise CardError(f"`name` in {source} must be of letters, digits, '.', '_' and '-'. Received: {card['name']!r:.200}")
    for path in card.get("files", {}):
        if not stays_inside(path):
            raise ModelIntegrityError(f"`files` in {source} must stay inside the model's folder. Received: {path!r:.200}")


def check_form(value, form, source, where=""):
    """Check parsed JSON against a form like `FORM`. Raises CardError naming `source` and the place in it."""
    if isinstance(form, tuple):
        if not any(value == valid and type(value) is type(valid) for valid in form):
            valid = " or ".join(repr(choice) for choice in form)
            raise CardError(f"`{where}` in {source} must be {valid}. Received: {value!r:.200}")
        return
    kind = form if isinstance(form, type) else type(form)
    if not _is(value, kind):
        raise CardError(f"`{where[:200] or 'the whole'}` in {source} must be {_NAMES[kind]}. Received: {value!r:.200}")
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
        return type(value) is int and 0 <= value < GREATEST
    if kind is float:
        return (type(value) is float and math.isfinite(value)) or (type(value) is int and abs(value) < GREATEST)
    return isinstance(value, kind)


def _refuse_constant(name):
    raise ValueError(f"{name} is not JSON")
