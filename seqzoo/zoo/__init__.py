"""Pretrained models: registry, cards, integrity, loading and saving. Imports TensorFlow on first need."""

from seqzoo.lazy import lazy

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
__getattr__, __dir__ = lazy(__name__, _HOME)
