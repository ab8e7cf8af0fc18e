"""Where pretrained models lie, and which there are. Imports no TensorFlow."""

import os
from fnmatch import fnmatchcase
from pathlib import Path

from seqzoo.files import existing_folder

VARIABLE = "SEQZOO_MODELS"
PACKAGE = Path(__file__).resolve().parents[1]


class UnknownModelError(ValueError):
    """No model has the given name, and no model folder lies at the given path."""


def models_folder() -> Path:
    """The folder with one sub-folder per pretrained model.

    The environment variable SEQZOO_MODELS names it; otherwise it is `saved_models` inside the installed
    package, or, in a source checkout, beside it.

    Raises:
        FileNotFoundError: if SEQZOO_MODELS is set to something that is not a folder.
    """
    if chosen := os.environ.get(VARIABLE):
        if not Path(chosen).is_dir():
            raise FileNotFoundError(f"{VARIABLE} must name an existing folder. Received: {chosen!r}")
        return Path(chosen)
    # Inside first: beside an installed package lie other people's packages.
    inside = PACKAGE / "saved_models"
    return inside if inside.is_dir() else PACKAGE.parent / "saved_models"


def list_pretrained(pattern: str = "*") -> list[str]:
    """Names of the pretrained models that match a shell wildcard, sorted.

    Args:
        pattern: such as `"imdb-*"`; case counts.

    Returns:
        list of str, empty if nothing matches.

    Raises:
        TypeError: if `pattern` is not a str.
    """
    if not isinstance(pattern, str):
        raise TypeError(f'`pattern` must be a str such as "imdb-*". Received: {pattern!r}')
    folder = models_folder()
    if not folder.is_dir():
        return []
    # A process killed while replacing a model leaves it as `.NAME.previous`; it is still a model.
    names = {entry.name.removeprefix(".").removesuffix(".previous") for entry in folder.iterdir()}
    return sorted(name for name in names if fnmatchcase(name, pattern) and _is_model(folder / name))


def find_model(name_or_path) -> Path:
    """The folder of a pretrained model, given its name, or of any model, given its path.

    Raises:
        TypeError: if `name_or_path` is neither a str nor a path.
        UnknownModelError: if there is no such model; names the closest and all available names.
    """
    if not isinstance(name_or_path, (str, os.PathLike)):
        raise TypeError(f"A model is named by a str or a path. Received: {name_or_path!r}")
    text, looks_like_path = os.fspath(name_or_path), is_path(name_or_path)
    places = [Path(text).expanduser()] if looks_like_path else [models_folder() / text, Path(text)]
    for place in places:
        if text and _is_model(place):
            return existing_folder(place)
    if looks_like_path:
        raise UnknownModelError(f"A model folder holds card.json; this path has none. Received: {text!r}")
    raise UnknownModelError(_unknown_name(text))


def is_path(name_or_path) -> bool:
    """Whether what a caller gives is a path rather than a name."""
    text = os.fspath(name_or_path)
    return not isinstance(name_or_path, str) or text.startswith((".", "~")) or os.path.basename(text) != text


def _is_model(folder: Path) -> bool:
    return (existing_folder(folder) / "card.json").is_file()


def _unknown_name(name: str) -> str:
    import difflib  # most calls need it not

    names = list_pretrained()
    closest = difflib.get_close_matches(name.lower(), names, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(closest)}? " if closest else ""
    available = ", ".join(names) or f"none (no model folder in {models_folder()})"
    return f"No pretrained model has this name. {hint}Available: {available}. Received: {name!r}"
