"""The cards of the pretrained models, by SHA-256: a name of the zoo is one model, wherever its folder lies.

pins.json lies in the package and is written by `python -m recipes.publishing.models_table`. It is asked wherever a model is
named: `load_pretrained("imdb-lstm")`, `seqzoo info imdb-lstm`. A folder of one's own models (SEQZOO_MODELS) may hold copies
of the zoo's models, and any others under names of their own. A path is trusted as it stands, so that a model retrained
under a zoo's name can be loaded; only a folder that is called like a model of the zoo must hold a card of that name.
"""

import functools
import json
import os
from pathlib import Path

from seqzoo.zoo.card import read_card
from seqzoo.zoo.integrity import ModelIntegrityError
from seqzoo.zoo.registry import find_model, is_path

PINS = Path(__file__).with_name("pins.json")


@functools.cache
def pins():
    """`{name: SHA-256 of card.json}` of the pretrained models that this package comes with."""
    return json.loads(PINS.read_text(encoding="utf-8"))


def open_card(name_or_path):
    """(folder, card) of a model, given as for `load_pretrained`, its card checked. Imports no TensorFlow.

    Raises:
        UnknownModelError: if there is no such model.
        CardError: if its card is not valid.
        ModelIntegrityError: if it goes by a name of the zoo and is not that model.
    """
    folder = find_model(name_or_path)
    by_name = not is_path(name_or_path)
    name = name_or_path if by_name else os.path.basename(os.path.realpath(os.path.expanduser(name_or_path)))
    card = read_card(folder, pins().get(name) if by_name else None)
    called = {name, card["name"]} if by_name else {name}
    if card["name"] != name and called & set(pins()):
        raise ModelIntegrityError(
            f"{folder} is called {name}, but its card is that of {card['name']}: a name of the zoo is for that model alone. "
            f"Rename the folder. Received: {name_or_path!r}"
        )
    return folder, card
