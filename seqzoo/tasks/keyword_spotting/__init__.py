"""Sound in, which word was said and when. Imports TensorFlow on first need."""

from typing import TYPE_CHECKING

from seqzoo.lazy import lazy

_HOMES = {
    "KeywordSpotter": "model",
    "KeywordConfig": "network",
    "Event": "events",
}
__all__ = list(_HOMES)

if TYPE_CHECKING:  # the same names, for editors and type checkers
    from seqzoo.tasks.keyword_spotting.events import Event as Event
    from seqzoo.tasks.keyword_spotting.model import KeywordSpotter as KeywordSpotter
    from seqzoo.tasks.keyword_spotting.network import KeywordConfig as KeywordConfig
else:
    __getattr__, __dir__ = lazy(__name__, _HOMES)
