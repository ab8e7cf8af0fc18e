"""Files added to a model's folder: its card lists them, and the folder is replaced as a whole, only at the end."""

import contextlib
import shutil

from seqzoo.files import atomic_folder


@contextlib.contextmanager
def changed_folder(folder):
    """Gives (a copy of the folder, its card as a dict) to change; after the block the copy, with the card, takes its place."""
    from seqzoo.zoo.card import dump_json, read_card
    from seqzoo.zoo.folder import refresh_readme
    from seqzoo.zoo.integrity import describe_files

    card = read_card(folder)
    with atomic_folder(folder, overwrite=True, replaces="card.json") as made:
        shutil.copytree(folder, made, dirs_exist_ok=True)
        yield made, card
        card["files"] = {name: of for name, of in describe_files(made).items() if name != "card.json"}
        (made / "card.json").write_bytes(dump_json(card))
        refresh_readme(made)
