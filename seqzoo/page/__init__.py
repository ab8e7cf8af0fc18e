"""A page of static files on which models run in the browser: every gate, no server."""

from typing import TYPE_CHECKING

from seqzoo.lazy import lazy

_HOME = {"make_page": "build"}
__all__ = list(_HOME)

if TYPE_CHECKING:  # the same names, for editors and type checkers
    from seqzoo.page.build import make_page as make_page
else:
    __getattr__, __dir__ = lazy(__name__, _HOME)
