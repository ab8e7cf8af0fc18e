"""Pretrained models: registry, cards, integrity, loading and saving. Imports TensorFlow on first need."""

from importlib import import_module

_HOME = {
    "find_model": "registry",
    "list_pretrained": "registry",
    "UnknownModelError": "registry",
    "CardError": "card",
    "read_card": "card",
    "render_readme": "readme",
    "ModelIntegrityError": "integrity",
    "as_stored": "folder",
    "check_golden": "golden",
    "load_pretrained": "folder",
    "refresh_readme": "folder",
    "save_folder": "folder",
    "verify_model": "verify",
}
__all__ = list(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__():
    return sorted({*globals(), *__all__})
