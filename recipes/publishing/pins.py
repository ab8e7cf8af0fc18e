"""Write seqzoo/zoo/pins.json, the SHA-256 of every pretrained model's card; `models_table` does it with its tables."""

import json

from seqzoo.files import sha256_of, write_atomically
from seqzoo.zoo import pins


def made_pins(models):
    """`{name: SHA-256 of card.json}` of the model folders in the folder `models`, sorted."""
    return {path.parent.name: sha256_of(path) for path in sorted(models.glob("[!.]*/card.json"))}


def write_pins(root):
    """Write the pins of a clone's saved_models into its package."""
    path = root / "seqzoo" / "zoo" / pins.PINS.name
    write_atomically(path, json.dumps(made_pins(root / "saved_models"), indent=1) + "\n")
    pins.pins.cache_clear()
