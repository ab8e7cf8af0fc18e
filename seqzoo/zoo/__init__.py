"""Pretrained models: registry, cards, integrity, loading and saving. Imports TensorFlow on first need."""

from typing import TYPE_CHECKING

from seqzoo.lazy import lazy

_HOME = {
    "find_model": "registry",
    "list_pretrained": "registry",
    "UnknownModelError": "registry",
    "CardError": "card",
    "open_card": "pins",
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

if TYPE_CHECKING:  # the same names, for editors and type checkers
    from seqzoo.zoo.card import CardError as CardError
    from seqzoo.zoo.card import read_card as read_card
    from seqzoo.zoo.folder import as_stored as as_stored
    from seqzoo.zoo.folder import load_pretrained as load_pretrained
    from seqzoo.zoo.folder import refresh_readme as refresh_readme
    from seqzoo.zoo.folder import save_folder as save_folder
    from seqzoo.zoo.golden import check_golden as check_golden
    from seqzoo.zoo.integrity import ModelIntegrityError as ModelIntegrityError
    from seqzoo.zoo.pins import open_card as open_card
    from seqzoo.zoo.readme import render_readme as render_readme
    from seqzoo.zoo.registry import UnknownModelError as UnknownModelError
    from seqzoo.zoo.registry import find_model as find_model
    from seqzoo.zoo.registry import list_pretrained as list_pretrained
    from seqzoo.zoo.verify import verify_model as verify_model
else:
    __getattr__, __dir__ = lazy(__name__, _HOME)
